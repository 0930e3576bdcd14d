using OrleansDfs.Model;

namespace OrleansDfs.Storage.Tests;

/// <summary>The engine on the real file system.</summary>
public sealed class FileSystemDiskTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "odfs-store-" + Guid.NewGuid().ToString("N"));
    private readonly Random _random = new(8);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Records_of_many_writers_survive_a_restart()
    {
        var files = Enumerable.Range(1, 4).Select(i => new ReplicaFile(new ChunkId(i), 1)).ToList();
        var contents = new Dictionary<ReplicaFile, byte[]>();
        await using (var store = await OpenAsync())
        {
            foreach (var file in files) Assert.Equal(StoreStatus.Done, await store.CreateAsync(file));
            var appends = new List<Task<AppendOutcome>>();
            foreach (var file in files)
            {
                long end = 64;
                var header = new byte[64];
                Format.WriteChunkHeader(header, Records.Cluster, file.Chunk);
                var content = new List<byte>(header);
                for (var i = 0; i < 50; i++)
                {
                    var record = Records.Placed(_random, file.Chunk, end, Records.Size(_random));
                    appends.Add(store.AppendAsync(file, end, record).AsTask());
                    content.AddRange(record);
                    end += record.Length;
                }
                contents[file] = [.. content];
            }
            Assert.All(await Task.WhenAll(appends), o => Assert.Equal(StoreStatus.Done, o.Status));
            Assert.Equal(new CloseOutcome(StoreStatus.Done, contents[files[0]].Length), await store.CloseAsync(files[0]));
        }
        await using (var store = await OpenAsync())
        {
            Assert.Equal(files, store.Inventory().Select(e => e.File).OrderBy(f => f.Chunk));
            foreach (var file in files)
            {
                var content = contents[file];
                Assert.Equal(new CloseOutcome(StoreStatus.Done, content.Length), await store.CloseAsync(file));
                Assert.Equal(new VerifyOutcome(StoreStatus.Done, content.Length), await store.VerifyAsync(file, content.Length));
                var read = new byte[content.Length];
                Assert.Equal(StoreStatus.Done, (await store.ReadAsync(file, 0, read)).Status);
                Assert.Equal(content, read);
                Assert.Equal(StoreStatus.Invalid, (await store.ReadAsync(file, 1, read)).Status);
            }
            Assert.Equal(StoreStatus.Done, await store.TruncateAsync(files[1], 64));
            Assert.Equal(StoreStatus.Done, await store.DeleteAsync(files[2]));
            Assert.Equal(64, new FileInfo(Path.Combine(_folder, Records.Name(files[1]))).Length);
            Assert.False(File.Exists(Path.Combine(_folder, Records.Name(files[2]))));
            Assert.True(store.TotalBytes > 0 && store.FreeBytes > 0 && store.FreeBytes <= store.TotalBytes);
        }
    }

    /// <summary>P1. Two disks of one process conflict like two processes do: flock belongs to the open file.</summary>
    [Fact]
    public async Task A_folder_is_served_once()
    {
        await using (await OpenAsync())
            await Assert.ThrowsAsync<DataFolderException>(async () => await OpenAsync());
        await using var again = await OpenAsync();
    }

    [Fact]
    public async Task Errors_of_the_system_are_values()
    {
        await using var disk = FileSystemDisk.Open(_folder);
        Assert.Equal(DiskError.None, await disk.LockAsync());
        Assert.Equal(DiskError.NotFound, (await disk.OpenAsync("missing", DiskOpen.Read)).Error);
        var made = await disk.OpenAsync("there", DiskOpen.CreateNew);
        using (made.Value)
        {
            Assert.Equal(DiskError.Exists, (await disk.OpenAsync("there", DiskOpen.CreateNew)).Error);
            Assert.Equal(DiskError.None, await made.Value.WriteAndSyncAsync(3, [new byte[5], new byte[2]]));
            Assert.Equal(new DiskResult<int>(DiskError.None, 10), await made.Value.ReadAsync(0, new byte[64])); // short at the end of the file only
        }
        Assert.Equal(DiskError.None, await disk.DeleteAsync("missing"));
        Assert.Equal(DiskError.NotFound, (await disk.ListAsync("nowhere")).Error);
        Assert.Equal(DiskError.Failed, await disk.SyncFolderAsync("nowhere"));
    }

    /// <summary>A sync that the system refuses must not pass for done; .NET's own calls swallow such errors.</summary>
    [SkippableFact]
    public void A_failing_fsync_is_seen()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "a pipe as a file that cannot be synced is Linux's");
        Directory.CreateDirectory(_folder);
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);
        using var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle(pipe.SafePipeHandle.DangerousGetHandle(), ownsHandle: false);
        Assert.False(SystemCalls.SyncData(handle)); // EINVAL
        Assert.False(SystemCalls.SyncAll(handle));
    }

    /// <summary>The device that is always full.</summary>
    [SkippableFact]
    public async Task A_full_device_is_told_apart()
    {
        Skip.IfNot(File.Exists("/dev/full"), "needs /dev/full");
        Directory.CreateDirectory(_folder);
        File.CreateSymbolicLink(Path.Combine(_folder, "full"), "/dev/full");
        await using var disk = FileSystemDisk.Open(_folder);
        var opened = await disk.OpenAsync("full", DiskOpen.ReadWrite);
        Assert.Equal(DiskError.None, opened.Error);
        using var file = opened.Value;
        Assert.Equal(DiskError.Full, await file.WriteAsync(0, [new byte[10]]));
    }

    private async Task<ChunkStore> OpenAsync() =>
        await ChunkStore.OpenAsync(FileSystemDisk.Open(_folder), Records.Cluster, new ChunkStoreOptions { ReserveBytes = 0 });
}
