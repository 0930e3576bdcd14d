using Microsoft.Win32.SafeHandles;

namespace OrleansDfs.Storage;

/// <summary>Settings of a <see cref="FileSystemDisk"/>.</summary>
public sealed record FileSystemDiskOptions
{
    /// <summary>Threads that read and list.</summary>
    public int ReadThreads { get; init; } = 4;

    /// <summary>Threads that write and sync: as many chunk files are synced at once.</summary>
    public int WriteThreads { get; init; } = 4;

    /// <summary>Calls that may wait per kind before further callers wait (asynchronously) for room.</summary>
    public int QueueLength { get; init; } = 1024;
}

/// <summary>
/// A folder of the operating system. Everything that may wait for the medium runs on threads of the disk (<see cref="IoThreads"/>), reads apart from
/// writes so that they do not queue behind fsyncs. The one exception: a read of what the page cache holds is done inline, by a call that never waits
/// (preadv2 with RWF_NOWAIT, Linux): it costs a microsecond where the way through a thread costs ten.
/// </summary>
public sealed class FileSystemDisk : IDisk
{
    private readonly string _root;
    private readonly IoThreads _reads;
    private readonly IoThreads _writes;
    private SafeFileHandle? _lock;

    private FileSystemDisk(string root, FileSystemDiskOptions options)
    {
        _root = root;
        _reads = new IoThreads("disk read", options.ReadThreads, options.QueueLength);
        _writes = new IoThreads("disk write", options.WriteThreads, options.QueueLength);
    }

    public string Description => _root;

    /// <summary>A disk over <paramref name="folder"/>, which is made when the lock is taken.</summary>
    public static FileSystemDisk Open(string folder, FileSystemDiskOptions? options = null) =>
        new(Path.GetFullPath(folder), options ?? new FileSystemDiskOptions());

    public ValueTask<DiskError> LockAsync() => _writes.RunAsync(() => Try(() =>
    {
        if (!Directory.Exists(_root))
        {
            Directory.CreateDirectory(_root);
            // I4: the new folder's own name must survive too.
            if (Path.GetDirectoryName(_root) is { } parent && !SystemCalls.SyncFolder(parent)) return DiskError.Failed;
        }
        var file = File.OpenHandle(Full("lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        if (!SystemCalls.TryLock(file))
        {
            file.Dispose();
            return DiskError.Locked;
        }
        _lock = file;
        return DiskError.None;
    }));

    public ValueTask<DiskResult<IDiskFile>> OpenAsync(string name, DiskOpen mode) => (mode == DiskOpen.Read ? _reads : _writes).RunAsync(() =>
    {
        SafeFileHandle? handle = null;
        var error = Try(() =>
        {
            handle = File.OpenHandle(
                Full(name),
                mode == DiskOpen.CreateNew ? FileMode.CreateNew : FileMode.Open,
                mode == DiskOpen.Read ? FileAccess.Read : FileAccess.ReadWrite,
                FileShare.ReadWrite | FileShare.Delete);
            return DiskError.None;
        });
        return new DiskResult<IDiskFile>(error, handle is null ? null! : new OpenFile(handle, _reads, _writes));
    });

    public ValueTask<DiskError> CreateFolderAsync(string name) => Write(() => Directory.CreateDirectory(Full(name)));

    public ValueTask<DiskError> SyncFolderAsync(string name) =>
        _writes.RunAsync(() => SystemCalls.SyncFolder(Full(name)) ? DiskError.None : DiskError.Failed);

    public ValueTask<DiskError> RenameAsync(string from, string to) => Write(() => File.Move(Full(from), Full(to), overwrite: true));

    public ValueTask<DiskError> DeleteAsync(string name) => Write(() => File.Delete(Full(name)));

    public ValueTask<DiskResult<IReadOnlyList<DiskEntry>>> ListAsync(string folder) => Read<IReadOnlyList<DiskEntry>>([], () =>
        [.. new DirectoryInfo(Full(folder)).EnumerateFileSystemInfos()
            .Select(e => e is FileInfo file ? new DiskEntry(file.Name, false, file.Length) : new DiskEntry(e.Name, true, 0))]);

    public ValueTask<DiskResult<DiskSpace>> SpaceAsync() => Read(default, () =>
    {
        var drive = new DriveInfo(_root); // on Unix: statfs of this very path
        return new DiskSpace(drive.TotalSize, drive.AvailableFreeSpace);
    });

    public async ValueTask DisposeAsync()
    {
        await _reads.DisposeAsync();
        await _writes.DisposeAsync();
        _lock?.Dispose();
    }

    /// <summary>Turns the exceptions of a disk into values. Anything that is not the disk's goes on.</summary>
    internal static DiskError Try(Func<DiskError> call)
    {
        try
        {
            return call();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return DiskError.NotFound;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // On Unix an IOException's HResult is errno itself.
            return error.HResult switch
            {
                17 or unchecked((int)0x80070050) or unchecked((int)0x800700B7) => DiskError.Exists,
                28 or 122 or 69 or unchecked((int)0x80070070) or unchecked((int)0x80070027) => DiskError.Full, // ENOSPC, EDQUOT (Linux, macOS)
                11 or 35 or unchecked((int)0x80070020) => DiskError.Locked, // EWOULDBLOCK (Linux, macOS)
                _ => DiskError.Failed,
            };
        }
    }

    private string Full(string name) => name.Length == 0 ? _root : Path.Combine(_root, name);

    private ValueTask<DiskError> Write(Action call) => _writes.RunAsync(() => Try(() =>
    {
        call();
        return DiskError.None;
    }));

    private ValueTask<DiskResult<T>> Read<T>(T nothing, Func<T> call) => _reads.RunAsync(() =>
    {
        var value = nothing;
        var error = Try(() =>
        {
            value = call();
            return DiskError.None;
        });
        return new DiskResult<T>(error, value);
    });

    private sealed class OpenFile(SafeFileHandle handle, IoThreads reads, IoThreads writes) : IDiskFile
    {
        public ValueTask<DiskResult<int>> ReadAsync(long offset, Memory<byte> buffer)
        {
            if (SystemCalls.TryReadCached(handle, offset, buffer.Span, out var cached)) return new(new DiskResult<int>(DiskError.None, cached));
            return reads.RunAsync(() =>
            {
                var count = cached;
                var error = Try(() =>
                {
                    while (count < buffer.Length)
                    {
                        var read = RandomAccess.Read(handle, buffer.Span[count..], offset + count);
                        if (read == 0) break;
                        count += read;
                    }
                    return DiskError.None;
                });
                return new DiskResult<int>(error, count);
            });
        }

        // RandomAccess.Write repeats interrupted and short writes until all is written or the system says why not.
        public ValueTask<DiskError> WriteAsync(long offset, IReadOnlyList<ReadOnlyMemory<byte>> buffers) => writes.RunAsync(() => Try(() =>
        {
            RandomAccess.Write(handle, buffers, offset);
            return DiskError.None;
        }));

        public ValueTask<DiskError> WriteAndSyncAsync(long offset, IReadOnlyList<ReadOnlyMemory<byte>> buffers) => writes.RunAsync(() => Try(() =>
        {
            RandomAccess.Write(handle, buffers, offset);
            return SystemCalls.SyncData(handle) ? DiskError.None : DiskError.Failed;
        }));

        public ValueTask<DiskError> SyncAsync() => writes.RunAsync(() => SystemCalls.SyncAll(handle) ? DiskError.None : DiskError.Failed);

        public ValueTask<DiskError> SetLengthAsync(long length) => writes.RunAsync(() => Try(() =>
        {
            RandomAccess.SetLength(handle, length);
            return DiskError.None;
        }));

        public async ValueTask DropCacheAsync() => await reads.RunAsync(() =>
        {
            SystemCalls.DropCache(handle);
            return true;
        });

        public void Dispose() => handle.Dispose();
    }
}
