using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Tests;

/// <summary>Orders of an operator as rows: nodes that leave, and a rebalance.</summary>
public abstract class MovesContract : CatalogContract
{
    [SkippableFact]
    public async Task A_leaving_node_keeps_the_figures_of_its_begin_and_goes_only_when_empty()
    {
        Need();
        var nodes = await NodesAsync(4);
        await SealedAsync(nodes[..3], 1000);
        var second = await SealedAsync(nodes[..3], 500);
        Assert.Equal(new NodeLoad(nodes[3], 0, 0, null, 0, 0), (await Catalog.Moves.LoadsAsync(nodes[3])).Single());

        var before = (await Catalog.Nodes.TableAsync(TimeSpan.FromMinutes(1))).Revision;
        Assert.True(await Catalog.Moves.SetStateAsync(nodes[0], NodeState.Draining));
        Assert.True((await Catalog.Nodes.TableAsync(TimeSpan.FromMinutes(1))).Revision > before); // clients must not choose it any more
        var begun = (await Catalog.Moves.LoadsAsync(nodes[0])).Single();
        Assert.Equal((2L, 1500L, 2L, 1500L), (begun.Replicas, begun.Bytes, begun.ReplicasThen, begun.BytesThen));
        Assert.NotNull(begun.LeavingSince);
        Assert.False(await Catalog.Moves.DecommissionDrainedAsync(nodes[0]));

        // P29: only when enough others are live.
        var from = second.Replicas.Single(r => r.Node == nodes[0]);
        Assert.False(await Catalog.Chunks.RemoveReplicaAsync(second.Chunk, from.Epoch, ReplicaState.Live, keep: 3));
        var copy = (await Catalog.Chunks.InsertCopyingAsync(second.Chunk, second.Epoch, nodes[3]))!;
        Assert.False(await Catalog.Chunks.RemoveReplicaAsync(second.Chunk, from.Epoch, ReplicaState.Live, keep: 3)); // a copy under way is no copy
        Assert.True(await Catalog.Chunks.MakeLiveAsync(second.Chunk, copy.Epoch, ReplicaState.Copying));
        Assert.True(await Catalog.Chunks.RemoveReplicaAsync(second.Chunk, from.Epoch, ReplicaState.Live, keep: 3));
        Assert.True(await Catalog.Moves.SetStateAsync(nodes[0], NodeState.Draining)); // asked again
        var left = (await Catalog.Moves.LoadsAsync(nodes[0])).Single();
        Assert.Equal((1L, 1000L, 2L, 1500L, begun.LeavingSince), (left.Replicas, left.Bytes, left.ReplicasThen, left.BytesThen, left.LeavingSince));

        var first = Assert.Single(await Catalog.Moves.OnNodeAsync(nodes[0], default, 10));
        Assert.Empty(await Catalog.Moves.OnNodeAsync(nodes[0], first.Chunk, 10));
        Assert.True(await Catalog.Chunks.RemoveReplicaAsync(first.Chunk, first.Replicas.Single(r => r.Node == nodes[0]).Epoch, ReplicaState.Live,
            keep: 2));
        Assert.True(await Catalog.Moves.DecommissionDrainedAsync(nodes[0]));
        Assert.False(await Catalog.Moves.DecommissionDrainedAsync(nodes[1])); // it never drained

        Assert.True(await Catalog.Moves.SetStateAsync(nodes[0], NodeState.Registered));
        Assert.Null((await Catalog.Moves.LoadsAsync(null)).Single(l => l.Node == nodes[0]).LeavingSince);
        Assert.False(await Catalog.Moves.SetStateAsync(NodeId.New(), NodeState.Draining));
    }

    [SkippableFact]
    public async Task An_empty_chunk_has_no_replica_worth_keeping()
    {
        Need();
        var nodes = await NodesAsync(1);
        var empty = await SealedAsync(nodes, 0);
        Assert.True(await Catalog.Chunks.RemoveReplicaAsync(empty.Chunk, empty.Replicas[0].Epoch, empty.Replicas[0].State, keep: 3));
    }

    [SkippableFact]
    public async Task A_rebalance_is_begun_once_counts_what_moved_and_ends()
    {
        Need();
        Assert.Null(await Catalog.Moves.RebalanceAsync());
        await Catalog.Moves.AddMovedAsync(7); // of a rebalance that was stopped while a copy ran
        await Catalog.Moves.BeginRebalanceAsync(1000);
        await Catalog.Moves.BeginRebalanceAsync(2000);
        await Catalog.Moves.AddMovedAsync(300);
        await Catalog.Moves.AddMovedAsync(200);
        var row = (await Catalog.Moves.RebalanceAsync())!;
        Assert.Equal((1000L, 500L), (row.Planned, row.Moved));
        Assert.InRange(row.Since, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
        Assert.True(await Catalog.Moves.EndRebalanceAsync());
        Assert.False(await Catalog.Moves.EndRebalanceAsync());
        Assert.Null(await Catalog.Moves.RebalanceAsync());
    }

    private async Task<NodeId[]> NodesAsync(int count)
    {
        var nodes = Enumerable.Range(0, count).Select(_ => NodeId.New()).OrderBy(n => n.Value).ToArray();
        foreach (var node in nodes) await Catalog.Nodes.RegisterAsync(new NodeRegistration(node, "silo", "127.0.0.1", 1, "rack", 1 << 30, 1 << 30));
        return nodes;
    }

    private async Task<ChunkRow> SealedAsync(NodeId[] nodes, long length)
    {
        var chunk = await Catalog.Chunks.OpenAsync(new OpenChunkSpec(ChunkKind.Shared, 3, nodes[0], 1, nodes, "test", TimeSpan.FromMinutes(1)));
        await Catalog.Chunks.BeginSealAsync(chunk.Chunk);
        return (await Catalog.Chunks.SealAsync(chunk.Chunk, length, [.. chunk.Replicas.Select(r => r.Epoch)], [], [])).Row!;
    }
}

public sealed class SqliteMovesTests : MovesContract
{
    internal override TestDatabase Database { get; } = new SqliteTestDatabase();
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresMovesTests(PostgresFixture fixture) : MovesContract
{
    internal override TestDatabase Database { get; } = new PostgresTestDatabase(fixture);
}
