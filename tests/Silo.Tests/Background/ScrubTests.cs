using Microsoft.Extensions.Logging.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.Node;
using OrleansDfs.Replication;
using OrleansDfs.Silo.Nodes;

namespace OrleansDfs.Silo.Tests.Background;

/// <summary>Scrub and complaints of readers: what is bad is found, and nothing good is lost.</summary>
public class ScrubTests
{
    /// <summary>One bit at a time, at every border there is and at places drawn by a printed seed, in one replica: the scrub finds each, and a reader
    /// either finds it or does not meet it.</summary>
    [Fact]
    public async Task A_flipped_bit_at_any_place_is_found_and_no_reader_gets_it()
    {
        await using var cluster = await SmallCluster.StartAsync();
        int[] sizes = [1, 5000, RecordLayout.PageSize, RecordLayout.PageSize + 1, 200_000];
        foreach (var size in sizes) await cluster.WriteAsync($"f{size}", size);
        var chunk = (await cluster.SealAsync())!.Value;
        var row = (await cluster.Catalog.Chunks.GetAsync(chunk))!;
        var replica = row.Replicas[0];
        var file = new ReplicaFile(chunk, replica.Epoch);
        var path = cluster.PathOf(replica.Node, file);
        var examiner = Examiner(cluster, replica.Node);

        var extents = (await cluster.Catalog.Compaction.LiveExtentsAsync(chunk)).Select(e => e.Extent).ToList();
        const int seed = 20261124;
        var random = new Random(seed);
        var places = new SortedSet<long> { 0, 4, 10, RecordLayout.ChunkHeaderSize - 1, row.SealedLength!.Value - 1 };
        foreach (var extent in extents)
        {
            var header = new ExtentLayout(extent).HeaderSize;
            places.UnionWith([extent.Start, extent.Start + 5, extent.Start + 60, extent.Start + header - 1,
                extent.Start + header, extent.End - 5, extent.End - 1]);
            var page = extent.Start + header + RecordLayout.PageSize;
            if (page + RecordLayout.ChecksumSize < extent.End) places.UnionWith([page - 1, page, page + 3, page + 4]);
        }
        for (var i = 0; i < 40; i++) places.Add(random.NextInt64(row.SealedLength.Value));

        foreach (var place in places)
        {
            Flip(path, place);
            Assert.True(
                (await cluster.Node(replica.Node).VerifyAsync(file, row.SealedLength.Value, CancellationToken.None)).Status == ChunkStatus.Corrupt,
                $"Seed {seed}: the scrub does not see the bit at {place}");
            // A reader of this replica alone: wrong pages show, and what it gives is right.
            foreach (var extent in extents) await ReadOrSeeAsync(cluster.Node(replica.Node), file, extent, place);
            Flip(path, place);
        }
        Assert.Equal(Examination.Good, await examiner.ExamineAsync(file, CancellationToken.None));
        await cluster.CheckAsync();
    }

    [Fact]
    public async Task A_bad_replica_loses_its_row_when_another_is_proven_good_and_never_as_the_last()
    {
        await using var cluster = await SmallCluster.StartAsync();
        await cluster.WriteAsync("k", 500_000);
        var chunk = (await cluster.SealAsync())!.Value;
        var replicas = (await cluster.Catalog.Chunks.GetAsync(chunk))!.Replicas;
        var files = replicas.Select(r => new ReplicaFile(chunk, r.Epoch)).ToList();
        for (var i = 0; i < 3; i++) Flip(cluster.PathOf(replicas[i].Node, files[i]), 1000 + 70_000 * i); // bad at different pages

        // No other is good: all stay, since together they still have everything.
        foreach (var i in (int[])[0, 1, 2])
            Assert.Equal(Examination.Kept, await Examiner(cluster, replicas[i].Node).ExamineAsync(files[i], CancellationToken.None));
        Assert.Equal(3, (await cluster.Catalog.Chunks.GetAsync(chunk))!.Replicas.Count);

        Flip(cluster.PathOf(replicas[2].Node, files[2]), 1000 + 70_000 * 2); // well again
        Assert.Equal(Examination.GivenUp, await Examiner(cluster, replicas[0].Node).ExamineAsync(files[0], CancellationToken.None));
        Assert.Equal(Examination.GivenUp, await Examiner(cluster, replicas[1].Node).ExamineAsync(files[1], CancellationToken.None));
        Flip(cluster.PathOf(replicas[2].Node, files[2]), 1000);
        Assert.Equal(Examination.Kept, await Examiner(cluster, replicas[2].Node).ExamineAsync(files[2], CancellationToken.None));
        Assert.Equal(replicas[2].Epoch, Assert.Single((await cluster.Catalog.Chunks.GetAsync(chunk))!.Replicas).Epoch);
        Assert.Equal(Examination.None, await Examiner(cluster, replicas[0].Node).ExamineAsync(files[0], CancellationToken.None)); // no row any more
    }

    /// <summary>A liar, or a wire that flips bits, costs a verification and nothing else.</summary>
    [Fact]
    public async Task A_complaint_about_a_good_replica_changes_nothing()
    {
        await using var cluster = await SmallCluster.StartAsync();
        await cluster.WriteAsync("k", 100_000);
        var chunk = (await cluster.SealAsync())!.Value;
        var replica = (await cluster.Catalog.Chunks.GetAsync(chunk))!.Replicas[0];
        var scrubber = Scrubber(cluster, replica.Node);
        var file = new ReplicaFile(chunk, replica.Epoch);
        Assert.True(scrubber.Report(file));
        Assert.False(scrubber.Report(file)); // and not again and again
        Assert.True(scrubber.Report(new ReplicaFile(new ChunkId(4711), 1)));
        await scrubber.RunAsync(CancellationToken.None);
        Assert.Equal(0, scrubber.Bad);
        Assert.Equal(3, (await cluster.Catalog.Chunks.GetAsync(chunk))!.Replicas.Count(r => r.State == ReplicaState.Live));
    }

    [Fact]
    public async Task A_complaint_keeps_the_scrub_away_no_longer_than_its_period()
    {
        await using var cluster = await SmallCluster.StartAsync();
        cluster.Options.Scrub.Period = TimeSpan.FromMinutes(1);
        await cluster.WriteAsync("k", 100_000);
        var chunk = (await cluster.SealAsync())!.Value;
        var replica = (await cluster.Catalog.Chunks.GetAsync(chunk))!.Replicas[0];
        var file = new ReplicaFile(chunk, replica.Epoch);
        var scrubber = Scrubber(cluster, replica.Node);
        Assert.True(scrubber.Report(file));
        await scrubber.RunAsync(CancellationToken.None);
        Flip(cluster.PathOf(replica.Node, file), 2000);
        await cluster.AdvanceAsync(TimeSpan.FromMinutes(2));
        await scrubber.RunAsync(CancellationToken.None);
        Assert.Equal(1, scrubber.Bad);
    }

    [Fact]
    public async Task Every_replica_is_read_within_the_period_and_again_when_asked_also_after_a_restart()
    {
        await using var cluster = await SmallCluster.StartAsync();
        await cluster.WriteAsync("k", 100_000);
        var chunk = (await cluster.SealAsync())!.Value;
        var replica = (await cluster.Catalog.Chunks.GetAsync(chunk))!.Replicas[1];
        var node = replica.Node;
        var period = cluster.Options.Scrub.Period;
        Assert.Empty(await cluster.Catalog.Scrubs.DueAsync(node, period, 10)); // its pages were checked when they were written
        await cluster.AdvanceAsync(period + TimeSpan.FromMinutes(1));
        Assert.Single(await cluster.Catalog.Scrubs.DueAsync(node, period, 10));
        await Scrubber(cluster, node).RunAsync(CancellationToken.None);
        Assert.Empty(await cluster.Catalog.Scrubs.DueAsync(node, period, 10));
        await cluster.StopNodeAsync(node);
        await cluster.RestartNodeAsync(node);
        Assert.Empty(await cluster.Catalog.Scrubs.DueAsync(node, period, 10));

        await cluster.AdvanceAsync(TimeSpan.FromSeconds(1));
        await cluster.Catalog.Scrubs.RequestAsync();
        var progress = (await cluster.Catalog.Scrubs.ProgressAsync(period)).Single(p => p.Node == node);
        Assert.Equal((1, 1), (progress.Replicas, progress.Due));
        Assert.True(progress.DueBytes > 100_000);
        Flip(cluster.PathOf(node, new ReplicaFile(chunk, replica.Epoch)), 2000);
        var scrubber = Scrubber(cluster, node);
        await scrubber.RunAsync(CancellationToken.None);
        Assert.Equal(1, scrubber.Bad);
        Assert.Equal(0, (await cluster.Catalog.Scrubs.ProgressAsync(period)).Single(p => p.Node == node).Replicas);
        Assert.Equal(chunk, Assert.Single(await cluster.Catalog.Chunks.UnderReplicatedAsync(3, TimeSpan.FromMinutes(1), 10)).Chunk); // repair's now
        await cluster.CheckAsync();
    }

    private static async Task ReadOrSeeAsync(StorageNode node, ReplicaFile file, Extent extent, long flipped)
    {
        var layout = new ExtentLayout(extent);
        for (long at = 0; at < extent.Length;)
        {
            var run = layout.Locate(at, RecordLayout.PageSize);
            var pages = new byte[run.Length];
            Assert.Equal(ChunkStatus.Ok, await node.ReadAsync(file, run.Offset, pages, CancellationToken.None));
            var hit = flipped >= run.Offset && flipped < run.Offset + run.Length;
            Assert.Equal(!hit, Format.VerifyPages(pages, run.Payload, file.Chunk, run.Offset));
            at += run.Take;
        }
    }

    private static Scrubber Scrubber(SmallCluster cluster, NodeId node) =>
        new(cluster.Catalog, Examiner(cluster, node), node, cluster.Options, cluster.Time);

    private static ReplicaExaminer Examiner(SmallCluster cluster, NodeId node) => new(
        cluster.Catalog, cluster.Book, cluster.Node(node), cluster.Peer, new ByteRate(0, cluster.Time), NullLogger<ReplicaExaminer>.Instance);

    private static void Flip(string path, long offset)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = offset;
        var value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ 4));
    }
}
