using OrleansDfs.Model;
using OrleansDfs.Replication.Placement;

namespace OrleansDfs.Replication.Tests;

public class CompactionDecisionTests
{
    private const long Capacity = 1000;
    private static readonly CompactionRules Rules = new(50, 20, 85);
    private readonly StorageNodeInfo[] _nodes = [.. Enumerable.Range(0, 3).Select(i => PlacementTests.Info(NodeState.Registered, true, $"rack{i}"))];

    [Fact]
    public void Small_remains_are_packed_up_to_the_size_of_a_chunk()
    {
        var plan = Assert.Single(Next([Dead(1, 300, 0), Dead(2, 300, 0), Dead(3, 500, 0), Dead(4, 300, 0)]));
        Assert.Equal([1L, 2L, 4L], plan.Chunks.Select(c => c.Value));
        Assert.Equal(_nodes[0].Node, plan.Worker);
        Assert.InRange(plan.LiveBytes, 900, Capacity);
    }

    [Fact]
    public void Each_node_that_holds_the_chunks_gets_a_share_and_one_plan_at_a_time()
    {
        var plans = Next([Dead(1, 400, 0, 1, 2), Dead(2, 400, 0, 1, 2), Dead(3, 400, 0, 1, 2)]);
        Assert.Equal(3, plans.Select(p => p.Worker).Distinct().Count());
        Assert.All(plans, p => Assert.Single(p.Chunks));
        Assert.Empty(Next([Dead(1, 400, 0, 1, 2), Dead(9, 1, 0)], plans));
        Assert.Equal(9, Assert.Single(Assert.Single(Next([Dead(1, 400, 0, 1, 2), Dead(9, 1, 2)],
            plans.Where(p => p.Chunks[0].Value == 1).ToList())).Chunks).Value);
    }

    [Fact]
    public void A_chunk_larger_than_chunks_are_today_gets_a_plan_and_a_dead_node_none()
    {
        Assert.Equal(1, Assert.Single(Assert.Single(Next([Dead(1, 5000, 0)])).Chunks).Value);
        _nodes[0] = _nodes[0] with { Alive = false };
        Assert.Empty(Next([Dead(1, 10, 0)]));
    }

    [Fact]
    public void A_nearly_full_disk_makes_smaller_gains_worth_while()
    {
        Assert.Equal(50, CompactionDecision.Threshold(_nodes, Rules));
        _nodes[1] = _nodes[1] with { FreeBytes = _nodes[1].TotalBytes / 10 };
        Assert.Equal(20, CompactionDecision.Threshold(_nodes, Rules));
        _nodes[1] = _nodes[1] with { Alive = false }; // takes part in nothing
        Assert.Equal(50, CompactionDecision.Threshold(_nodes, Rules));
        _nodes[2] = _nodes[2] with { ReadOnly = true };
        Assert.Equal(20, CompactionDecision.Threshold(_nodes, Rules));
    }

    /// <summary>I19: a disk without room for users still takes compaction's chunks, one whose fsync failed does not.</summary>
    [Fact]
    public void A_full_disk_is_a_place_for_compaction_only()
    {
        var full = _nodes[0] with { ReadOnly = true };
        Assert.False(PlacementCandidate.Of(full).Usable);
        Assert.True(PlacementCandidate.ForCompaction(full).Usable);
        Assert.False(PlacementCandidate.ForCompaction(full with { FsyncFailed = true }).Usable);
        Assert.False(PlacementCandidate.ForCompaction(full with { State = NodeState.Draining }).Usable);
    }

    private IReadOnlyList<CompactionPlan> Next(IEnumerable<DeadShare> candidates, IReadOnlyCollection<CompactionPlan>? running = null) =>
        CompactionDecision.Next(candidates, _nodes, running ?? [], Capacity, 50);

    private DeadShare Dead(long chunk, long live, params int[] nodes) =>
        new(new ChunkId(chunk), live * 3, live * 2, [.. nodes.Select(n => _nodes[n].Node)]);
}
