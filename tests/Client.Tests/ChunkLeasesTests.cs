using Microsoft.Extensions.Time.Testing;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Client.Tests;

public class ChunkLeasesTests
{
    [Fact]
    public async Task Spares_of_each_kind_are_opened_in_the_background()
    {
        await using var cluster = await TestCluster.StartAsync(o => (o.SharedChunks, o.SpareChunks) = (2, 1));

        await FileWriterTests.WriteAsync(cluster, FileWriterTests.Bytes(10));
        await FileWriterTests.EventuallyAsync(() => Opened(cluster, ChunkKind.Shared) == 3);
        await FileWriterTests.WriteAsync(cluster, FileWriterTests.Bytes(2 * RecordLayout.MaxPayload));
        await FileWriterTests.EventuallyAsync(() => Opened(cluster, ChunkKind.Stream) == 2);

        Assert.Equal(5, cluster.Connections.Leases.Held);
    }

    [Fact]
    public async Task Few_small_files_go_to_one_chunk_and_many_at_once_to_all()
    {
        await using var cluster = await TestCluster.StartAsync(o => (o.SharedChunks, o.SpareChunks, o.AppendTimeout) = (2, 0, TimeSpan.FromMinutes(1)));
        await FileWriterTests.WriteAsync(cluster, FileWriterTests.Bytes(10));
        await FileWriterTests.EventuallyAsync(() => cluster.Connections.Leases.Held == 2);

        var chunks = new List<ChunkId>();
        for (var i = 0; i < 4; i++) chunks.Add(await WriteAsync());
        Assert.Single(chunks.Distinct());

        var gate = new TaskCompletionSource();
        foreach (var peer in cluster.Peers) peer.AppendGate = gate.Task;
        var writes = Enumerable.Range(0, 40).Select(_ => WriteAsync()).ToList();
        await FileWriterTests.EventuallyAsync(() => cluster.Peers.Sum(p => p.Appends) == 45);
        gate.SetResult();
        Assert.Equal(2, (await Task.WhenAll(writes)).Distinct().Count());

        async Task<ChunkId> WriteAsync() => (await FileWriterTests.WriteAsync(cluster, FileWriterTests.Bytes(10))).Blob.Extents[0].Chunk;
    }

    [Fact]
    public async Task Leases_are_renewed_and_a_lost_one_is_not_used_again()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await TestCluster.StartAsync(time: time);
        var first = (await FileWriterTests.WriteAsync(cluster, FileWriterTests.Bytes(10))).Blob.Extents[0].Chunk;
        cluster.Grains.Allocator.NoLongerOpen.Add(first);

        await FileWriterTests.EventuallyAsync(() =>
        {
            time.Advance(cluster.Connections.Options.LeaseRenewal);
            return cluster.Grains.Allocator.Renewals.Any(r => r.Contains(first)) && cluster.Connections.Leases.Held >= 1;
        });
        await FileWriterTests.EventuallyAsync(() => cluster.Grains.Allocator.Opened.Count == 2);
        var second = (await FileWriterTests.WriteAsync(cluster, FileWriterTests.Bytes(10))).Blob.Extents[0].Chunk;

        Assert.NotEqual(first, second);
        Assert.DoesNotContain(cluster.Grains.Allocator.Released, r => r.Chunk == first); // it is no longer ours to give back
    }

    [Fact]
    public async Task Streams_beyond_the_spare_are_given_back_when_idle()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await TestCluster.StartAsync(o => o.SpareChunks = 1, time);
        var data = FileWriterTests.Bytes(RecordLayout.MaxPayload);
        // All three at once, or one would go on in another's chunk.
        var gate = new TaskCompletionSource();
        foreach (var peer in cluster.Peers) peer.AppendGate = gate.Task;
        var writing = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => FileWriterTests.WriteAsync(cluster, data)));
        await FileWriterTests.EventuallyAsync(() => cluster.Connections.Leases.Held >= 3);
        gate.SetResult();
        await writing;

        await FileWriterTests.EventuallyAsync(() =>
        {
            time.Advance(cluster.Connections.Options.LeaseRenewal);
            return cluster.Connections.Leases.Held == 1;
        });

        Assert.All(cluster.Grains.Allocator.Released, r => Assert.Equal("idle", r.Reason));
    }

    [Fact]
    public async Task Stopping_gives_everything_back()
    {
        await using var cluster = await TestCluster.StartAsync();
        await FileWriterTests.WriteAsync(cluster, FileWriterTests.Bytes(10));
        await FileWriterTests.WriteAsync(cluster, FileWriterTests.Bytes(2 * RecordLayout.MaxPayload));

        await cluster.Connections.DisposeAsync();

        Assert.Equal(cluster.Grains.Allocator.Opened.Keys.Order(), cluster.Grains.Allocator.Released.Select(r => r.Chunk).Order());
    }

    [Fact]
    public async Task The_node_table_is_asked_once_by_many_and_again_only_for_a_reason()
    {
        await using var cluster = await TestCluster.StartAsync();
        var node = cluster.Peers[0].Address.Node;

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => cluster.Connections.Nodes.PeerAsync(node, 1, CancellationToken.None).AsTask()));
        Assert.Equal(1, cluster.Grains.ClusterGrain.Questions);

        var unknown = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => cluster.Connections.Nodes.PeerAsync(NodeId.New(), 0, CancellationToken.None).AsTask()));
        Assert.All(unknown, Assert.Null);
        Assert.Equal(2, cluster.Grains.ClusterGrain.Questions);

        Assert.Null(await cluster.Connections.Nodes.PeerAsync(node, 2, CancellationToken.None)); // an incarnation that nobody knows yet
        Assert.Equal(3, cluster.Grains.ClusterGrain.Questions);
    }

    private static int Opened(TestCluster cluster, ChunkKind kind) => cluster.Grains.Allocator.Opened.Values.Count(c => c.Kind == kind);
}
