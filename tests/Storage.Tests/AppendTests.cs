using OrleansDfs.Model;

namespace OrleansDfs.Storage.Tests;

/// <summary>P2, P4, P6, P7 and group commit, on a disk whose appends wait until the test lets them go.</summary>
public class AppendTests
{
    private static readonly ReplicaFile File = new(new ChunkId(0x1234), 7);
    private readonly Random _random = new(5);

    [Fact]
    public void Appends_that_wait_share_one_sync() => SingleThread.Run(async () =>
    {
        var disk = new MemoryDisk { Deferred = true };
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster);
        await store.CreateAsync(File);
        var before = disk.Syncs;
        long end = RecordLayout.ChunkHeaderSize;
        var appends = new List<Task<AppendOutcome>>();
        for (var i = 0; i < 65; i++)
        {
            var record = Records.Placed(_random, File.Chunk, end, 4096);
            appends.Add(store.AppendAsync(File, end, record).AsTask());
            end += record.Length;
        }
        Assert.Equal(1, disk.Waiting); // the first is on its way alone
        Assert.DoesNotContain(appends, a => a.IsCompleted); // P7
        disk.Complete(0);
        Assert.True(appends[0].IsCompleted);
        Assert.DoesNotContain(appends.Skip(1), a => a.IsCompleted);
        Assert.Equal(1, disk.Waiting);
        disk.Complete(0);
        Assert.Equal(2, disk.Syncs - before); // 65 appends
        Assert.All(await Task.WhenAll(appends), o => Assert.Equal(StoreStatus.Done, o.Status));
        Assert.Equal(end, (await appends[^1]).End);
    });

    [Fact]
    public void A_group_is_bounded_in_bytes() => SingleThread.Run(async () =>
    {
        var disk = new MemoryDisk { Deferred = true };
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster, new ChunkStoreOptions { MaxGroupBytes = 3 * 5000 });
        await store.CreateAsync(File);
        var before = disk.Syncs;
        long end = RecordLayout.ChunkHeaderSize;
        var appends = new List<Task<AppendOutcome>>();
        for (var i = 0; i < 7; i++)
        {
            var record = Records.Placed(_random, File.Chunk, end, 4096);
            appends.Add(store.AppendAsync(File, end, record).AsTask());
            end += record.Length;
        }
        disk.CompleteAll();
        await Task.WhenAll(appends);
        Assert.Equal(3, disk.Syncs - before); // 1 + 3 + 3
    });

    [Fact]
    public void Chunk_files_do_not_wait_for_each_other() => SingleThread.Run(async () =>
    {
        var disk = new MemoryDisk { Deferred = true };
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster);
        var other = new ReplicaFile(new ChunkId(2), 1);
        await store.CreateAsync(File);
        await store.CreateAsync(other);
        _ = store.AppendAsync(File, 64, Records.Placed(_random, File.Chunk, 64, 10)).AsTask();
        var second = store.AppendAsync(other, 64, Records.Placed(_random, other.Chunk, 64, 10)).AsTask();
        Assert.Equal(2, disk.Waiting);
        disk.Complete(1);
        Assert.Equal(StoreStatus.Done, (await second).Status);
    });

    [Fact]
    public void A_repetition_waits_for_durability_and_other_bytes_break_the_chunk() => SingleThread.Run(async () =>
    {
        var disk = new MemoryDisk { Deferred = true };
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster);
        await store.CreateAsync(File);
        var record = Records.Placed(_random, File.Chunk, 64, 70_000);
        var first = store.AppendAsync(File, 64, record).AsTask();
        var repeat = store.AppendAsync(File, 64, record.ToArray()).AsTask();
        Assert.False(repeat.IsCompleted); // P6: "when it is durable"
        disk.CompleteAll();
        Assert.Equal(await first, await repeat);
        Assert.Equal(new AppendOutcome(StoreStatus.Done, 64 + record.Length), await store.AppendAsync(File, 64, record));

        var other = Records.Placed(_random, File.Chunk, 64, 70_000);
        Assert.Equal(StoreStatus.Refused, (await store.AppendAsync(File, 64, other)).Status);
        var next = Records.Placed(_random, File.Chunk, 64 + record.Length, 1);
        Assert.Equal(StoreStatus.Closed, (await store.AppendAsync(File, 64 + record.Length, next)).Status);
        Assert.Equal(new CloseOutcome(StoreStatus.Done, 64 + record.Length), await store.CloseAsync(File));
    });

    [Theory]
    [InlineData(8)] // a gap
    [InlineData(-8)] // into the header
    public void Only_the_exact_end_is_accepted(int away) => SingleThread.Run(async () =>
    {
        var store = await ChunkStore.OpenAsync(new MemoryDisk(), Records.Cluster);
        await store.CreateAsync(File);
        var record = Records.Placed(_random, File.Chunk, 72, 10);
        Assert.Equal(new AppendOutcome(StoreStatus.Refused, 64), await store.AppendAsync(File, 64 + away, record));
        Assert.Equal(StoreStatus.Closed, (await store.AppendAsync(File, 64, Records.Placed(_random, File.Chunk, 64, 10))).Status);
    });

    [Fact]
    public void A_record_of_another_chunk_is_refused() => SingleThread.Run(async () =>
    {
        var store = await ChunkStore.OpenAsync(new MemoryDisk(), Records.Cluster);
        await store.CreateAsync(File);
        Assert.Equal(StoreStatus.Refused, (await store.AppendAsync(File, 64, Records.Placed(_random, new ChunkId(1), 64, 10))).Status);
    });

    [Fact]
    public void Create_is_refused_after_a_close_or_delete_and_on_files_of_before() => SingleThread.Run(async () =>
    {
        var disk = new MemoryDisk();
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster);
        Assert.Equal(StoreStatus.Absent, (await store.CloseAsync(File)).Status);
        Assert.Equal(StoreStatus.Closed, await store.CreateAsync(File)); // P10: tombstone
        var deleted = new ReplicaFile(File.Chunk, 8);
        Assert.Equal(StoreStatus.Done, await store.CreateAsync(deleted));
        Assert.Equal(StoreStatus.Done, await store.DeleteAsync(deleted));
        Assert.Equal(StoreStatus.Closed, await store.CreateAsync(deleted));
        var found = new ReplicaFile(File.Chunk, 9);
        Assert.Equal(StoreStatus.Done, await store.CreateAsync(found));

        store = await ChunkStore.OpenAsync(disk.Kill(), Records.Cluster);
        Assert.Equal(StoreStatus.Closed, await store.CreateAsync(found)); // P2
        Assert.Equal(StoreStatus.Closed, (await store.AppendAsync(found, 64, Records.Placed(_random, found.Chunk, 64, 1))).Status);
        Assert.Equal([new ReplicaEntry(found, 64, false)], store.Inventory());
    });

    [Fact]
    public void Close_waits_for_the_flush_under_way_and_counts_it() => SingleThread.Run(async () =>
    {
        var disk = new MemoryDisk { Deferred = true };
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster);
        await store.CreateAsync(File);
        var record = Records.Placed(_random, File.Chunk, 64, 500);
        var append = store.AppendAsync(File, 64, record).AsTask();
        var close = store.CloseAsync(File).AsTask();
        Assert.False(close.IsCompleted);
        Assert.Equal(StoreStatus.Closed, (await store.AppendAsync(File, 64 + record.Length, record)).Status);
        disk.CompleteAll();
        Assert.Equal(new CloseOutcome(StoreStatus.Done, 64 + record.Length), await close);
        Assert.Equal(StoreStatus.Done, (await append).Status);
        Assert.Equal(await close, await store.CloseAsync(File)); // two coordinators may run
    });

    [Fact]
    public void Handles_are_capped_and_every_file_still_reads() => SingleThread.Run(async () =>
    {
        var disk = new MemoryDisk();
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster, new ChunkStoreOptions { MaxOpenFiles = 4 });
        for (var i = 1; i <= 40; i++)
        {
            await store.CreateAsync(new ReplicaFile(new ChunkId(i), 1));
            await store.CloseAsync(new ReplicaFile(new ChunkId(i), 1));
        }
        for (var i = 1; i <= 40; i++)
            Assert.Equal(StoreStatus.Done, (await store.ReadAsync(new ReplicaFile(new ChunkId(i), 1), 0, new byte[64])).Status);
        Assert.InRange(disk.OpenFiles, 1, 4);
        await store.DisposeAsync();
        Assert.Equal(0, disk.OpenFiles);
    });
}
