using OrleansDfs.Model;
using OrleansDfs.Replication.Placement;

namespace OrleansDfs.Replication.Tests;

public class RepairDecisionTests
{
    private static readonly HashSet<NodeId> None = [];
    private readonly StorageNodeInfo[] _nodes = [.. Enumerable.Range(0, 6).Select(i => PlacementTests.Info(NodeState.Registered, true, $"rack{i}"))];

    [Fact]
    public void Fewest_live_replicas_come_first()
    {
        var plans = Next([Chunk(1, 0, 1), Chunk(2, 0), Chunk(3, 0, 1, 2), Chunk(4, 3)], None);
        Assert.Equal([2L, 4L, 1L], plans.Select(p => p.Chunk.Value));
        Assert.All(plans, p => Assert.DoesNotContain(p.Target, p.Sources.Select(s => s.Node)));
    }

    [Fact]
    public void A_replica_on_a_lost_node_does_not_count_and_is_no_source()
    {
        var lost = new HashSet<NodeId> { _nodes[2].Node };
        var plan = Assert.Single(Next([Chunk(1, 0, 1, 2)], lost));
        Assert.Equal(2, plan.Sources.Count);
        Assert.DoesNotContain(_nodes[2].Node, plan.Sources.Select(s => s.Node));
        Assert.NotEqual(_nodes[2].Node, plan.Target);
        Assert.Empty(Next([Chunk(1, 0, 1, 2)], None));
    }

    /// <summary>Nothing but a sealed chunk is ever repaired.</summary>
    [Theory]
    [InlineData(ChunkState.Open)]
    [InlineData(ChunkState.Sealing)]
    [InlineData(ChunkState.Retired)]
    public void Only_sealed_chunks(ChunkState state) => Assert.Empty(Next([Chunk(1, 0) with { State = state }], None));

    /// <summary>An unverified replica is neither a source nor a place for a second file of the chunk (P13).</summary>
    [Fact]
    public void Unverified_replicas_are_neither_source_nor_target()
    {
        var chunk = Chunk(1, 0);
        chunk = chunk with { Replicas = [.. chunk.Replicas, new Replica(_nodes[1].Node, 9, 0, ReplicaState.Unverified)] };
        var plan = Assert.Single(Next([chunk], None));
        Assert.Equal([_nodes[0].Node], plan.Sources.Select(s => s.Node));
        Assert.NotEqual(_nodes[1].Node, plan.Target);
    }

    [Fact]
    public void A_chunk_without_a_source_is_left_alone()
    {
        var dead = _nodes.Select((n, i) => i == 0 ? n with { Alive = false } : n).ToArray();
        Assert.Empty(RepairDecision.Next([Chunk(1, 0)], dead, [], None, 3, PlacementStrategy.Default, 0, new RepairLimits(), new Random(1)));
    }

    [Fact]
    public void Limits_hold_per_source_per_target_and_in_all()
    {
        var chunks = Enumerable.Range(1, 100).Select(i => Chunk(i, i % 6)).ToList();
        var plans = Next(chunks, None, new RepairLimits(PerSource: 2, PerTarget: 2, Total: 10));
        Assert.Equal(10, plans.Count);
        Assert.All(plans.GroupBy(p => p.Sources[0].Node), g => Assert.True(g.Count() <= 2));
        Assert.All(plans.GroupBy(p => p.Target), g => Assert.True(g.Count() <= 2));
        var more = RepairDecision.Next(chunks, _nodes, plans, None, 3, PlacementStrategy.Default, 0, new RepairLimits(2, 2, 10), new Random(2));
        Assert.Empty(more);
    }

    [Fact]
    public void Two_nodes_want_two_replicas()
    {
        var two = _nodes[..2];
        Assert.Empty(RepairDecision.Next([Chunk(1, 0, 1)], two, [], None, 3, PlacementStrategy.Default, 0, new RepairLimits(), new Random(1)));
    }

    private IReadOnlyList<RepairPlan> Next(IEnumerable<ChunkRow> chunks, HashSet<NodeId> gone, RepairLimits? limits = null) =>
        RepairDecision.Next(chunks, _nodes, [], gone, 3, PlacementStrategy.Default, 0, limits ?? new RepairLimits(), new Random(1));

    private ChunkRow Chunk(long id, params int[] live) => new(
        new ChunkId(id),
        ChunkState.Sealed,
        ChunkKind.Shared,
        5,
        1000,
        3,
        _nodes[0].Node,
        1,
        [.. live.Select((n, i) => new Replica(_nodes[n].Node, i + 1, 0, ReplicaState.Live))]);
}
