using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Silo.Tests.Background;

/// <summary>Compaction with real engines (PROTOCOL P24–P26).</summary>
public class CompactionTests
{
    private const int Percent = 30;

    [Fact]
    public async Task Live_records_move_and_the_room_of_the_dead_comes_back_after_the_grace_period()
    {
        await using var cluster = await SmallCluster.StartAsync();
        var (first, second) = (await FillAsync(cluster, "a"), await FillAsync(cluster, "b"));
        var before = cluster.DiskBytes();
        var manifest =
            (await cluster.Catalog.Files.ReadAsync(new ReadRequest(cluster.Bucket.Ref, ObjectKey.Parse("a-large"), default, null))).Manifest!;

        var result = await cluster.Compactor.CompactAsync([first, second], Percent, CancellationToken.None);
        Assert.Equal([first, second], result.Retired);
        await cluster.CheckAsync();
        await cluster.CheckAsync("a-large", cluster.Files["a-large"], manifest); // P26: a slow reader with the old manifest goes on
        Assert.Null(await cluster.Catalog.Chunks.GetAsync(new ChunkId(second.Value + 2))); // one new chunk took both
        Assert.Equal(ChunkState.Sealed, (await cluster.Catalog.Chunks.GetAsync(new ChunkId(second.Value + 1)))!.State);

        await cluster.Sweep.RunAsync(CancellationToken.None);
        await cluster.CheckAsync("a-large", cluster.Files["a-large"], manifest); // within the grace period nothing goes
        await cluster.AdvanceAsync(cluster.Options.Grace + TimeSpan.FromSeconds(1));
        await cluster.Sweep.RunAsync(CancellationToken.None);
        Assert.Null(await cluster.Catalog.Chunks.GetAsync(first));
        await cluster.CheckAsync();
        var freed = 3 * (result.Freed - RecordLayout.ChunkHeaderSize); // the new chunk has a header too
        Assert.True(cluster.DiskBytes() <= before - freed, $"{cluster.DiskBytes()} bytes of {before}, {result.Freed} freed per replica");
    }

    /// <summary>Each call to a node is once the last thing that the coordinator does. Whatever was done by then, every file stays readable, and who
    /// compacts next succeeds.</summary>
    [Fact]
    public async Task A_crash_at_any_step_leaves_the_old_state_or_the_new()
    {
        await using var cluster = await SmallCluster.StartAsync();
        var crashes = 0;
        for (var (last, crashed) = (1, true); crashed; last++)
        {
            var old = await FillAsync(cluster, $"{last}-");
            crashed = await CrashAfterAsync(cluster, last, old);
            if (crashed) crashes++;
            await cluster.CheckAsync();
            await cluster.AdvanceAsync(TimeSpan.FromHours(1));
            await cluster.SealAbandonedAsync();
            await cluster.CheckAsync();
            await cluster.Compactor.CompactAsync([old], Percent, CancellationToken.None);
            Assert.Equal(ChunkState.Retired, (await cluster.Catalog.Chunks.GetAsync(old))!.State);
            await cluster.AdvanceAsync(TimeSpan.FromHours(1));
            await cluster.Sweep.RunAsync(CancellationToken.None);
            await cluster.CheckAsync();
            foreach (var key in cluster.Files.Keys.ToList()) await cluster.DeleteAsync(key);
        }
        for (var i = 0; i < 2; i++)
        {
            await cluster.AdvanceAsync(TimeSpan.FromHours(1));
            await cluster.Sweep.RunAsync(CancellationToken.None);
        }
        Assert.Equal(0, cluster.DiskBytes()); // nothing of any crash is left
        Assert.True(crashes > 8, $"only {crashes} steps were crashed");
    }

    [Fact]
    public async Task A_bad_page_in_one_replica_is_read_from_another_and_never_copied()
    {
        await using var cluster = await SmallCluster.StartAsync();
        var old = await FillAsync(cluster, "a");
        var other = await FillAsync(cluster, "b");
        var row = (await cluster.Catalog.Chunks.GetAsync(old))!;
        var live = await cluster.Catalog.Compaction.LiveExtentsAsync(old);
        foreach (var replica in row.Replicas.Take(2)) Flip(cluster, replica, old, live[0].Extent.Start + 700);
        Assert.Equal([old], (await cluster.Compactor.CompactAsync([old], Percent, CancellationToken.None)).Retired);
        await cluster.CheckAsync();

        // All three: the chunk is left as it is, the next one of the plan is not.
        row = (await cluster.Catalog.Chunks.GetAsync(other))!;
        var third = await FillAsync(cluster, "c");
        live = await cluster.Catalog.Compaction.LiveExtentsAsync(other);
        foreach (var replica in row.Replicas) Flip(cluster, replica, other, live[0].Extent.Start + 700);
        Assert.Equal([third], (await cluster.Compactor.CompactAsync([other, third], Percent, CancellationToken.None)).Retired);
        Assert.Equal(ChunkState.Sealed, (await cluster.Catalog.Chunks.GetAsync(other))!.State);
    }

    [Fact]
    public async Task A_target_that_breaks_leaves_the_old_chunk()
    {
        await using var cluster = await SmallCluster.StartAsync();
        var old = await FillAsync(cluster, "a");
        var appends = 0;
        cluster.Between = peer =>
            new FaultyPeer(peer, what => what == "replicate" && Interlocked.Increment(ref appends) > 3 ? ChunkStatus.IoError : ChunkStatus.Ok);
        Assert.Empty((await cluster.Compactor.CompactAsync([old], Percent, CancellationToken.None)).Retired);
        cluster.Between = peer => peer;
        Assert.Equal(ChunkState.Sealed, (await cluster.Catalog.Chunks.GetAsync(old))!.State);
        await cluster.CheckAsync();
    }

    [Fact]
    public async Task A_chunk_that_is_mostly_alive_is_measured_and_left_alone()
    {
        await using var cluster = await SmallCluster.StartAsync();
        var chunk = await FillAsync(cluster, "a");
        var result = await cluster.Compactor.CompactAsync([chunk], 99, CancellationToken.None);
        Assert.Empty(result.Retired);
        Assert.Equal(0, result.Copied);
        Assert.Empty(await cluster.Catalog.Compaction.CandidatesAsync(TimeSpan.FromDays(-1), 99, 10));
        Assert.Equal(chunk, Assert.Single(await cluster.Catalog.Compaction.CandidatesAsync(TimeSpan.FromDays(-1), 10, 10)).Chunk);
    }

    private static async Task<bool> CrashAfterAsync(SmallCluster cluster, int last, ChunkId old)
    {
        var calls = 0;
        cluster.Between = peer => new FaultyPeer(
            peer, what => what != "replicate" && Interlocked.Increment(ref calls) > last ? throw new CoordinatorCrash() : ChunkStatus.Ok);
        try
        {
            await cluster.Compactor.CompactAsync([old], Percent, CancellationToken.None);
            return false;
        }
        catch (CoordinatorCrash)
        {
            return true;
        }
        finally
        {
            cluster.Between = peer => peer;
        }
    }

    /// <summary>A sealed chunk of small files, a file of several records with a short last one, and dead bytes between them: deleted ones and some
    /// that
    /// nobody ever referred to.</summary>
    private static async Task<ChunkId> FillAsync(SmallCluster cluster, string name)
    {
        for (var i = 0; i < 12; i++) await cluster.WriteAsync($"{name}{i}", 1 + i * 9000);
        await cluster.WriteAsync($"{name}-large", 1_200_000);
        await cluster.AppendAsync($"{name}-orphan", new byte[700_000]);
        await cluster.WriteAsync($"{name}-page", RecordLayout.PageSize);
        await cluster.WriteAsync($"{name}-gone", 300_000);
        for (var i = 0; i < 12; i += 2) await cluster.DeleteAsync($"{name}{i}");
        await cluster.DeleteAsync($"{name}-gone");
        var chunk = (await cluster.SealAsync())!.Value;
        Assert.All(await cluster.Catalog.Compaction.LiveExtentsAsync(chunk), e => Assert.Equal(chunk, e.Extent.Chunk));
        return chunk;
    }

    private static void Flip(SmallCluster cluster, Replica replica, ChunkId chunk, long offset)
    {
        using var file = new FileStream(
            cluster.PathOf(replica.Node, new ReplicaFile(chunk, replica.Epoch)), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = offset;
        var value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ 4));
    }
}
