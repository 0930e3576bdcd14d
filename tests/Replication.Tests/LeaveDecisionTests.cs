using OrleansDfs.Model;
using OrleansDfs.Replication.Placement;

namespace OrleansDfs.Replication.Tests;

public class LeaveDecisionTests
{
    private static readonly HashSet<NodeId> None = [];
    private readonly StorageNodeInfo[] _nodes = [.. Enumerable.Range(0, 6).Select(i => PlacementTests.Info(NodeState.Registered, true, $"rack{i}"))];

    public LeaveDecisionTests() => _nodes[0] = _nodes[0] with { State = NodeState.Draining };

    /// <summary>P29: the replica goes only when the wanted number is live on nodes that stay.</summary>
    [Fact]
    public void A_replica_is_copied_first_and_dropped_after()
    {
        var copy = Assert.Single(Next([Chunk(0, 1, 2)]));
        Assert.Equal(LeaveStep.Copy, copy.Step);
        Assert.DoesNotContain(copy.Target!.Value, new[] { _nodes[0].Node, _nodes[1].Node, _nodes[2].Node });
        Assert.Equal(LeaveStep.Drop, Assert.Single(Next([Chunk(0, 1, 2, 3)])).Step);
    }

    [Fact]
    public void Replicas_on_other_leaving_lost_or_unproven_nodes_do_not_count()
    {
        var chunk = Chunk(0, 1, 2, 3);
        Assert.Equal(LeaveStep.Copy, Assert.Single(Next([chunk], gone: [_nodes[3].Node])).Step);
        Assert.Equal(LeaveStep.Copy, Assert.Single(Next([With(chunk, on: 3, ReplicaState.Unverified)])).Step);
        _nodes[3] = _nodes[3] with { State = NodeState.Draining };
        Assert.Equal(LeaveStep.Copy, Assert.Single(Next([chunk])).Step);
    }

    /// <summary>The only live copy may be on the node that leaves: it is the source of the new one.</summary>
    [Fact]
    public void A_lonely_replica_is_copied() => Assert.Equal(LeaveStep.Copy, Assert.Single(Next([Chunk(0)])).Step);

    [Theory]
    [InlineData(ChunkState.Open, LeaveStep.Seal)]
    [InlineData(ChunkState.Sealing, LeaveStep.Seal)]
    [InlineData(ChunkState.Retired, LeaveStep.DropRetired)]
    public void Chunks_that_are_not_sealed_have_their_own_way(ChunkState state, LeaveStep step) =>
        Assert.Equal(step, Assert.Single(Next([Chunk(0, 1, 2) with { State = state }])).Step);

    [Fact]
    public void An_empty_chunk_just_goes() => Assert.Equal(LeaveStep.Drop, Assert.Single(Next([Chunk(0) with { SealedLength = 0 }])).Step);

    [Fact]
    public void Without_a_node_to_take_it_the_replica_stays()
    {
        Assert.Equal(LeaveStep.NoTarget, Assert.Single(Next([Chunk(0, 1, 2, 3)], gone: [_nodes[3].Node, _nodes[4].Node, _nodes[5].Node])).Step);
        // A target that is busy is waited for.
        var writing = _nodes.ToDictionary(n => n.Node, _ => 2);
        Assert.Equal(LeaveStep.Wait, Assert.Single(Next([Chunk(0, 1, 2)], writing: writing)).Step);
    }

    [Fact]
    public void What_is_being_copied_is_left_alone()
    {
        var chunk = Chunk(0, 1, 2);
        Assert.Equal(LeaveStep.Wait, Assert.Single(Next([chunk], busy: [chunk.Chunk])).Step);
        Assert.Equal(LeaveStep.Wait, Assert.Single(Next([With(chunk, on: 0, ReplicaState.Copying)])).Step);
    }

    [Fact]
    public void Targets_fill_up_within_one_decision()
    {
        var plans = Next([.. Enumerable.Range(1, 50).Select(i => Chunk(0, 1, 2) with { Chunk = new ChunkId(i) })]);
        Assert.All(plans.Where(p => p.Step == LeaveStep.Copy).GroupBy(p => p.Target), g => Assert.True(g.Count() <= 2));
        Assert.Equal(6, plans.Count(p => p.Step == LeaveStep.Copy));
        Assert.Equal(44, plans.Count(p => p.Step == LeaveStep.Wait));
    }

    private IReadOnlyList<LeavePlan> Next(
        IReadOnlyList<ChunkRow> chunks, HashSet<NodeId>? gone = null, HashSet<ChunkId>? busy = null, Dictionary<NodeId, int>? writing = null) =>
        LeaveDecision.Next(_nodes[0].Node, chunks, _nodes, gone ?? None, busy ?? [], writing ?? [], 2, 3, PlacementStrategy.Default, 0,
            new Random(1));

    private ChunkRow With(ChunkRow chunk, int on, ReplicaState state) =>
        chunk with { Replicas = [.. chunk.Replicas.Select(r => r.Node == _nodes[on].Node ? r with { State = state } : r)] };

    private ChunkRow Chunk(params int[] on) => new(
        new ChunkId(7), ChunkState.Sealed, ChunkKind.Shared, 9, 1000, 3, _nodes[on[0]].Node, 1,
        [.. on.Select((n, i) => new Replica(_nodes[n].Node, i + 1, 0, ReplicaState.Live))]);
}
