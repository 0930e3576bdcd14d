using OrleansDfs.Model;

namespace OrleansDfs.Storage.Tests;

/// <summary>P9/I3 (failed fsync), I19 (full disk), read errors, damaged bytes.</summary>
public class FailureTests
{
    private static readonly ReplicaFile File = new(new ChunkId(0x42), 1);
    private static readonly ReplicaFile Other = new(new ChunkId(0x43), 1);
    private readonly Random _random = new(9);

    [Theory]
    [InlineData(DiskCall.Sync)]
    [InlineData(DiskCall.Write)]
    public void A_failed_write_or_sync_makes_the_store_read_only_for_ever(DiskCall failing) => SingleThread.Run(async () =>
    {
        var disk = new MemoryDisk { Deferred = true };
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster);
        var told = new List<StoreState>();
        store.StateChanged += told.Add;
        await store.CreateAsync(File);
        await store.CreateAsync(Other);
        var acknowledged = await AppendAsync(store, disk, File, 64);

        disk.Fault = (call, name) => call == failing && name == Records.Name(File) ? DiskError.Failed : DiskError.None;
        var end = acknowledged.End;
        var record = Records.Placed(_random, File.Chunk, end, 9000);
        var next = end + record.Length;
        var lost = store.AppendAsync(File, end, record).AsTask();
        var behind = store.AppendAsync(File, next, Records.Placed(_random, File.Chunk, next, 5)).AsTask();
        var otherRecord = Records.Placed(_random, Other.Chunk, 64, 10);
        var otherEnd = 64 + otherRecord.Length;
        var underWay = store.AppendAsync(Other, 64, otherRecord).AsTask();
        var waiting = store.AppendAsync(Other, otherEnd, Records.Placed(_random, Other.Chunk, otherEnd, 10)).AsTask();
        var syncs = disk.Syncs;
        disk.Complete(0);
        Assert.Equal(StoreStatus.IoError, (await lost).Status);
        Assert.Equal(StoreStatus.IoError, (await behind).Status);
        Assert.InRange(disk.Syncs - syncs, 0, 2); // the failed one and the marker's: never a retry (P9)

        disk.CompleteAll();
        Assert.Equal(StoreStatus.Done, (await underWay).Status); // its own sync went well
        Assert.Equal(StoreStatus.IoError, (await waiting).Status); // not written any more

        disk.Fault = null; // the next fsync would say yes: I3 saw it with 33 of 80 MiB lost
        Assert.Equal(StoreState.FsyncFailed, store.State);
        Assert.Equal([StoreState.FsyncFailed], told);
        Assert.NotNull(store.StateReason);
        Assert.Equal(StoreStatus.ReadOnly, (await store.AppendAsync(Other, 64, Records.Placed(_random, Other.Chunk, 64, 1))).Status);
        Assert.Equal(StoreStatus.ReadOnly, await store.CreateAsync(new ReplicaFile(new ChunkId(9), 9)));
        Assert.Equal(StoreStatus.ReadOnly, await store.DeleteAsync(Other)); // I19: nothing is deleted
        Assert.Equal(StoreStatus.Damaged, (await store.CloseAsync(File)).Status);
        Assert.Equal(StoreStatus.Damaged, (await store.CloseAsync(Other)).Status);
        Assert.Equal(StoreStatus.Done, (await store.ReadAsync(File, 64, new byte[100])).Status);

        disk = disk.Kill();
        store = await ChunkStore.OpenAsync(disk, Records.Cluster);
        Assert.Equal(StoreState.FsyncFailed, store.State); // the marker
        Assert.Equal(StoreStatus.Damaged, (await store.CloseAsync(File)).Status);

        Assert.Equal(StoreStatus.Done, await store.LiftFsyncMarkAsync());
        Assert.Equal(StoreState.Ready, store.State);
        Assert.Equal(new CloseOutcome(StoreStatus.Done, end), await store.CloseAsync(File)); // what was lost is not counted, though the cache had it
        disk = disk.Kill();
        Assert.Equal(StoreState.Ready, (await ChunkStore.OpenAsync(disk, Records.Cluster)).State);
    });

    [Fact]
    public void A_sync_that_fails_in_a_close_answers_damaged() => SingleThread.Run(async () =>
    {
        var disk = new MemoryDisk();
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster);
        await store.CreateAsync(File);
        disk.Fault = (call, name) => call == DiskCall.Sync && name == Records.Name(File) ? DiskError.Failed : DiskError.None;
        Assert.Equal(StoreStatus.Damaged, (await store.CloseAsync(File)).Status);
        Assert.Equal(StoreStatus.Damaged, (await store.CloseAsync(Other)).Status); // absent, but nobody may believe this disk
        Assert.Equal(StoreState.FsyncFailed, store.State);
    });

    [Theory]
    [InlineData(DiskCall.Sync)]
    [InlineData(DiskCall.SyncFolder)]
    public void A_create_that_is_not_durable_is_not_done(DiskCall failing) => SingleThread.Run(async () =>
    {
        var disk = new MemoryDisk();
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster);
        disk.Fault = (call, _) => call == failing ? DiskError.Failed : DiskError.None;
        Assert.Equal(StoreStatus.IoError, await store.CreateAsync(File)); // P4
        Assert.Equal(StoreState.FsyncFailed, store.State);
        Assert.Empty(store.Inventory());
    });

    [Fact]
    public void A_full_disk_breaks_the_chunk_that_met_it_and_goes_on_reading_and_deleting() => SingleThread.Run(async () =>
    {
        var disk = new MemoryDisk { Capacity = 40_000 };
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster, new ChunkStoreOptions { ReserveBytes = 0 });
        await store.CreateAsync(File);
        await store.CreateAsync(Other);
        var first = await AppendAsync(store, disk, File, 64);
        disk.Capacity = 20_000; // someone else's file; the store has not measured since
        var hit = await store.AppendAsync(File, first.End, Records.Placed(_random, File.Chunk, first.End, 15_000));
        Assert.Equal(StoreStatus.Full, hit.Status);
        Assert.Equal(StoreState.Full, store.State);
        Assert.Equal(StoreStatus.Full, (await store.AppendAsync(Other, 64, Records.Placed(_random, Other.Chunk, 64, 1))).Status);
        Assert.Equal(StoreStatus.Full, await store.CreateAsync(new ReplicaFile(new ChunkId(9), 9)));
        Assert.Equal(StoreStatus.Done, (await store.ReadAsync(File, 64, new byte[100])).Status);
        Assert.Equal(new CloseOutcome(StoreStatus.Done, first.End), await store.CloseAsync(File)); // the half-written record is void
        Assert.Equal(StoreStatus.Done, await store.TruncateAsync(File, first.End));
        Assert.Equal(first.End, disk.Content(Records.Name(File)).Length);

        Assert.Equal(StoreStatus.Done, await store.DeleteAsync(File));
        Assert.Equal(StoreState.Ready, store.State);
        Assert.Equal(StoreStatus.Done, (await store.AppendAsync(Other, 64, Records.Placed(_random, Other.Chunk, 64, 1))).Status);
    });

    [Fact]
    public void The_reserve_is_kept() => SingleThread.Run(async () =>
    {
        var disk = new MemoryDisk { Capacity = 100_000 };
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster, new ChunkStoreOptions { ReserveBytes = 50_000 });
        await store.CreateAsync(File);
        long end = 64;
        AppendOutcome outcome;
        while ((outcome = await store.AppendAsync(File, end, Records.Placed(_random, File.Chunk, end, 4000))).Status == StoreStatus.Done)
            end = outcome.End;
        Assert.Equal(StoreStatus.Full, outcome.Status);
        Assert.InRange(disk.Content(Records.Name(File)).Length, 40_000, 50_000);
        Assert.Equal(new CloseOutcome(StoreStatus.Done, end), await store.CloseAsync(File));
        disk.Capacity = 200_000;
        await store.RefreshSpaceAsync();
        Assert.Equal(StoreState.Ready, store.State);
    });

    /// <summary>I19: on a disk that is full for users compaction still copies, up to the room that nothing may use.</summary>
    [Fact]
    public void Compaction_has_room_of_its_own() => SingleThread.Run(async () =>
    {
        var disk = new MemoryDisk { Capacity = 100_000 };
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster,
            new ChunkStoreOptions { ReserveBytes = 20_000, CompactionReserveBytes = 30_000 });
        await store.CreateAsync(File);
        var users = await FillAsync(File);
        Assert.Equal(StoreState.Full, store.State);
        Assert.InRange(users, 40_000, 50_000);

        Assert.Equal(StoreStatus.Done, await store.CreateAsync(Other, forCompaction: true));
        Assert.InRange(users + await FillAsync(Other), 70_000, 80_000);
        Assert.Equal(StoreStatus.Full, (await store.AppendAsync(File, users, Records.Placed(_random, File.Chunk, users, 100))).Status);

        async Task<long> FillAsync(ReplicaFile file)
        {
            long end = 64;
            AppendOutcome outcome;
            while ((outcome = await store.AppendAsync(file, end, Records.Placed(_random, file.Chunk, end, 4000))).Status == StoreStatus.Done)
                end = outcome.End;
            Assert.Equal(StoreStatus.Full, outcome.Status);
            return end;
        }
    });

    [Fact]
    public void Read_errors_are_told_and_change_nothing() => SingleThread.Run(async () =>
    {
        var disk = new MemoryDisk();
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster);
        await store.CreateAsync(File);
        disk = disk.Kill();
        store = await ChunkStore.OpenAsync(disk, Records.Cluster);
        disk.Fault = (call, _) => call == DiskCall.Read ? DiskError.Failed : DiskError.None;
        Assert.Equal(StoreStatus.IoError, (await store.ReadAsync(File, 0, new byte[10])).Status);
        Assert.Equal(StoreStatus.IoError, (await store.VerifyAsync(File, 64)).Status);
        Assert.Equal(StoreStatus.IoError, (await store.CloseAsync(File)).Status); // P11: damaged to the coordinator, not short
        Assert.Equal(StoreState.Ready, store.State);
        disk.Fault = null;
        Assert.Equal(new CloseOutcome(StoreStatus.Done, 64), await store.CloseAsync(File));
    });

    /// <summary>P10: what lies behind the first invalid record is void, also where it checks.</summary>
    [Fact]
    public void A_flipped_bit_ends_the_valid_prefix() => SingleThread.Run(async () =>
    {
        var disk = new MemoryDisk();
        var store = await ChunkStore.OpenAsync(disk, Records.Cluster);
        await store.CreateAsync(File);
        var ends = new List<long> { 64 };
        for (var i = 0; i < 5; i++) ends.Add((await AppendAsync(store, disk, File, ends[^1], 66_000)).End);
        var total = (int)ends[^1];
        for (var i = 0; i < 60; i++)
        {
            var at = i switch { 0 => 0, 1 => 63, < 6 => (int)ends[i - 1], _ => _random.Next(total) }; // padding and checksums are covered too
            disk = disk.Kill();
            disk.FlipBit(Records.Name(File), at);
            store = await ChunkStore.OpenAsync(disk, Records.Cluster);
            var expected = at < 64 ? 0 : ends.Last(e => e <= at);
            Assert.Equal(new VerifyOutcome(StoreStatus.Damaged, expected), await store.VerifyAsync(File, total));
            Assert.Equal(new CloseOutcome(StoreStatus.Done, expected), await store.CloseAsync(File));
            Assert.Equal(StoreStatus.Damaged, await store.TruncateAsync(File, total)); // shorter than the sealed length: P11's business, not a cut
            disk.FlipBit(Records.Name(File), at);
        }
    });

    private async Task<AppendOutcome> AppendAsync(ChunkStore store, MemoryDisk disk, ReplicaFile file, long offset, int payload = 9000)
    {
        var append = store.AppendAsync(file, offset, Records.Placed(_random, file.Chunk, offset, payload)).AsTask();
        disk.CompleteAll();
        var outcome = await append;
        Assert.Equal(StoreStatus.Done, outcome.Status);
        return outcome;
    }
}
