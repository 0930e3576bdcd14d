using System.IO.Pipelines;
using Microsoft.Extensions.Time.Testing;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Client.Tests;

public class FileReaderTests
{
    private const int Page = RecordLayout.PageSize;
    private const int Record = RecordLayout.MaxPayload;

    [Fact]
    public async Task Any_range_is_read_and_only_its_pages()
    {
        await using var cluster = await TestCluster.StartAsync(o => o.HedgeAfter = TimeSpan.FromMinutes(1)); // a hedge would read pages twice
        var data = FileWriterTests.Bytes(3 * Record + 5 * Page + 77);
        var written = await FileWriterTests.WriteAsync(cluster, data);
        foreach (var (offset, length) in new[]
        {
            (0, 1), (0, Page), (Page - 1, 2), (Record - 1, 2), (Record, Record),
            (17, 2 * Record), (data.Length - 1, 1), (data.Length - Page, Page), (5, 0), (data.Length, 0),
        })
        {
            foreach (var peer in cluster.Peers) peer.ReadRanges.Clear();
            Assert.Equal(data[offset..(offset + length)], await FileWriterTests.ReadAsync(cluster, written, offset, length));
            var pages = length == 0 ? 0 : (offset + length - 1) / Page - offset / Page + 1;
            Assert.InRange(cluster.Peers.SelectMany(p => p.ReadRanges).Sum(r => r.Length), 0, pages * RecordLayout.PageStride);
        }
        Assert.Equal(0, cluster.Connections.Buffers.InUse);
    }

    // P22
    [Fact]
    public async Task A_replica_with_a_bad_page_is_reported_and_another_one_read()
    {
        await using var cluster = await TestCluster.StartAsync();
        var data = FileWriterTests.Bytes(2 * Record);
        var written = await FileWriterTests.WriteAsync(cluster, data);
        var bad = new List<BadReplica>();
        cluster.Connections.OnBadReplica = b =>
        {
            lock (bad) bad.Add(b);
        };
        cluster.Peers[0].ReadsLie = cluster.Peers[1].ReadsLie = true;

        for (var i = 0; i < 3; i++) Assert.Equal(data, await FileWriterTests.ReadAsync(cluster, written));

        Assert.NotEmpty(bad);
        Assert.All(bad, b => Assert.Equal(ChunkStatus.Corrupt, b.Status));
        Assert.DoesNotContain(bad, b => b.Replica.Node == cluster.Peers[2].Address.Node);
    }

    [Fact]
    public async Task A_page_damaged_on_one_disk_never_reaches_a_caller()
    {
        await using var cluster = await TestCluster.StartAsync();
        var written = await FileWriterTests.WriteAsync(cluster, FileWriterTests.Bytes(100));
        foreach (var peer in cluster.Peers) peer.ReadsLie = true;
        await using var reader = FileWriterTests.Open(cluster, written);

        var failure = await Assert.ThrowsAsync<DfsException>(async () => await reader.ReadAsync());

        Assert.Equal(DfsStatus.Unavailable, failure.Status);
        Assert.Contains("Corrupt", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dead_replica_is_passed_over_and_then_avoided()
    {
        await using var cluster = await TestCluster.StartAsync();
        var data = FileWriterTests.Bytes(100);
        var written = await FileWriterTests.WriteAsync(cluster, data);
        cluster.Peers[1].IsDead = true;

        for (var i = 0; i < 20; i++) Assert.Equal(data, await FileWriterTests.ReadAsync(cluster, written));

        Assert.InRange(cluster.Peers[1].Reads, 1, 1);
    }

    [Fact]
    public async Task A_late_replica_is_overtaken_after_the_hedge_time()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await TestCluster.StartAsync(time: time);
        var data = FileWriterTests.Bytes(Record + 100);
        var written = await FileWriterTests.WriteAsync(cluster, data);
        foreach (var peer in cluster.Peers) peer.ReadsHang = true;
        await using var reader = FileWriterTests.Open(cluster, written, 0, 100);

        var reading = reader.ReadAsync().AsTask();
        await FileWriterTests.EventuallyAsync(() => cluster.Peers.Sum(p => p.Reads) == 1);
        foreach (var peer in cluster.Peers) peer.ReadsHang = peer.Reads == 1;
        time.Advance(cluster.Connections.Options.HedgeAfter - TimeSpan.FromMilliseconds(1));
        Assert.False(reading.IsCompleted);
        Assert.Equal(1, cluster.Peers.Sum(p => p.Reads));
        time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(data[..100], (await reading).ToArray());
        Assert.Equal(2, cluster.Peers.Sum(p => p.Reads));
        await reader.DisposeAsync();
        await FileWriterTests.EventuallyAsync(() => cluster.Connections.Buffers.InUse == 0);
    }

    // P22: compaction or repair may have moved the bytes
    [Fact]
    public async Task When_all_replicas_fail_the_manifest_is_asked_again()
    {
        await using var cluster = await TestCluster.StartAsync();
        var data = FileWriterTests.Bytes(2 * Record);
        var written = await FileWriterTests.WriteAsync(cluster, data);
        foreach (var peer in cluster.Peers) peer.IsDead = true;
        cluster.Grains.Catalog.OnManifest = () => cluster.Peers[2].IsDead = false;

        Assert.Equal(data, await FileWriterTests.ReadAsync(cluster, written));

        Assert.Equal(1, cluster.Grains.Catalog.ManifestCalls);
    }

    [Fact]
    public async Task All_replicas_dead_is_a_typed_failure_and_a_version_that_went_another()
    {
        await using var cluster = await TestCluster.StartAsync();
        var written = await FileWriterTests.WriteAsync(cluster, FileWriterTests.Bytes(100));
        foreach (var peer in cluster.Peers) peer.IsDead = true;
        await using var reader = FileWriterTests.Open(cluster, written);

        Assert.Equal(DfsStatus.Unavailable, (await Assert.ThrowsAsync<DfsException>(async () => await reader.ReadAsync())).Status);
        Assert.Equal(cluster.Connections.Options.ManifestRetries, cluster.Grains.Catalog.ManifestCalls);

        cluster.Grains.Catalog.Files.Clear();
        await using var late = FileWriterTests.Open(cluster, written);
        cluster.Grains.Catalog.Files.Clear();
        Assert.Equal(DfsStatus.NoSuchVersion, (await Assert.ThrowsAsync<DfsException>(async () => await late.ReadAsync())).Status);
    }

    [Fact]
    public async Task A_long_manifest_is_read_slice_by_slice()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Grains.Catalog.SliceLength = 2;
        cluster.Grains.Allocator.Capacity = RecordLayout.ChunkHeaderSize + Format.RecordSize(FileWriterTests.Owner, Record); // one each
        var data = FileWriterTests.Bytes(5 * Record + 9);
        var written = await FileWriterTests.WriteAsync(cluster, data);
        Assert.Equal(6, written.Blob.Extents.Count);

        Assert.Equal(data, await FileWriterTests.ReadAsync(cluster, written));
        Assert.Equal(data[(4 * Record)..], await FileWriterTests.ReadAsync(cluster, written, 4 * Record));
    }

    [Fact]
    public async Task Readers_get_through_without_extra_buffers_and_fetch_no_further_than_the_window()
    {
        await using var cluster = await TestCluster.StartAsync(o => (o.RecordBuffers, o.LargeStreams) = (1, 3));
        var data = FileWriterTests.Bytes(6 * Record);
        var written = await FileWriterTests.WriteAsync(cluster, data);

        var read = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => FileWriterTests.ReadAsync(cluster, written)));

        Assert.All(read, r => Assert.Equal(data, r));
        // On a busy machine a read may have been overtaken by a hedge: its buffer comes back when it ends, perhaps after its reader.
        await FileWriterTests.EventuallyAsync(() => cluster.Connections.Buffers.InUse == 0);
    }

    [Fact]
    public async Task A_pipe_gets_the_range_with_back_pressure()
    {
        await using var cluster = await TestCluster.StartAsync();
        var data = FileWriterTests.Bytes(2 * Record + 100);
        var written = await FileWriterTests.WriteAsync(cluster, data);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 2 * Page, resumeWriterThreshold: Page));
        await using var reader = FileWriterTests.Open(cluster, written);

        var copying = reader.CopyToAsync(pipe.Writer);
        Assert.True(reader.Remaining > Record);
        using var copy = new MemoryStream();
        var draining = pipe.Reader.CopyToAsync(copy);
        await copying;
        await pipe.Writer.CompleteAsync();
        await draining;

        Assert.Equal(data, copy.ToArray());
    }

    [Theory]
    [InlineData(0, 4000)]
    [InlineData(0, 1)]
    [InlineData(1234, 2000)]
    public async Task Pages_that_came_with_the_manifest_are_not_fetched(int offset, int length)
    {
        await using var cluster = await TestCluster.StartAsync();
        var data = FileWriterTests.Bytes(4000);
        var written = await FileWriterTests.WriteAsync(cluster, data);
        var pages = await PagesAsync(cluster, written);

        Assert.Equal(data[offset..(offset + length)], await FileWriterTests.ReadAsync(cluster, written, offset, length, pages));

        Assert.Equal(0, cluster.Peers.Sum(p => p.Reads));
        Assert.Equal(0, cluster.Connections.Buffers.InUse);
    }

    // P22: pages that came along have been verified by nobody.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Wrong_pages_that_came_with_the_manifest_never_reach_a_caller(bool isShort)
    {
        await using var cluster = await TestCluster.StartAsync();
        var data = FileWriterTests.Bytes(4000);
        var written = await FileWriterTests.WriteAsync(cluster, data);
        var pages = await PagesAsync(cluster, written);
        if (isShort) pages = pages[..^1];
        else pages[17] ^= 1;

        Assert.Equal(data, await FileWriterTests.ReadAsync(cluster, written, pages: pages));

        Assert.Equal(1, cluster.Peers.Sum(p => p.Reads));
    }

    /// <summary>The pages of a small file as one node has them.</summary>
    private static async Task<byte[]> PagesAsync(TestCluster cluster, WrittenFile written)
    {
        var extent = written.Blob.Extents.Single();
        var run = new ExtentLayout(extent).Locate(0, extent.Length);
        var replica = cluster.Grains.Allocator.Locate([extent]).Single().Replicas[0];
        var node = cluster.Peers.Single(p => p.Address.Node == replica.Node).Node;
        var pages = new byte[run.Length];
        Assert.Equal(ChunkStatus.Ok, await node.ReadAsync(new ReplicaFile(extent.Chunk, replica.Epoch), run.Offset, pages, default));
        return pages;
    }
}
