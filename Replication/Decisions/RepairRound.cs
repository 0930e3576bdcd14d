using OrleansDfs.Model;
using OrleansDfs.Replication.Placement;

namespace OrleansDfs.Replication;

/// <summary>Load of sources and targets while one round of <see cref="RepairDecision"/> fills up.</summary>
internal sealed class RepairRound
{
    private readonly Dictionary<NodeId, StorageNodeInfo> _nodes;
    private readonly IReadOnlySet<NodeId> _gone;
    private readonly RepairLimits _limits;
    private readonly Dictionary<NodeId, int> _reading = [];
    private readonly Dictionary<NodeId, int> _writing = [];

    public RepairRound(IReadOnlyList<StorageNodeInfo> nodes, IReadOnlyCollection<RepairPlan> running, IReadOnlySet<NodeId> gone, RepairLimits limits)
    {
        _nodes = nodes.ToDictionary(n => n.Node);
        _gone = gone;
        _limits = limits;
        foreach (var plan in running) Count(plan);
    }

    /// <summary>Live replicas that are not lost; a node that is only away for a while keeps its own.</summary>
    public IReadOnlyList<Replica> Kept(ChunkRow chunk) =>
        [.. chunk.Replicas.Where(r => r.State == ReplicaState.Live && !_gone.Contains(r.Node)
            && _nodes.TryGetValue(r.Node, out var n) && n.State != NodeState.Decommissioned)];

    /// <summary>Null when no source or no target has room in this round.</summary>
    public RepairPlan? Plan(ChunkRow chunk, IReadOnlyList<Replica> kept, PlacementStrategy strategy, long reservedBytes, Random random)
    {
        var sources = kept.Where(r => _nodes[r.Node].Alive).OrderBy(r => Load(_reading, r.Node)).ThenBy(r => r.Node.Value).ToList();
        if (sources.Count == 0 || Load(_reading, sources[0].Node) >= _limits.PerSource) return null;

        // Any node with a row of this chunk is out, whatever the row's state: two files of one chunk on one disk protect nothing.
        var holders = chunk.Replicas.Select(r => r.Node).ToHashSet();
        var candidates = _nodes.Values
            .Where(n => !holders.Contains(n.Node) && !_gone.Contains(n.Node) && Load(_writing, n.Node) < _limits.PerTarget)
            .OrderBy(n => n.Node.Value)
            .Select(n => PlacementCandidate.Of(n, Load(_writing, n.Node)))
            .ToList();
        var request = new PlacementRequest(1, reservedBytes + chunk.SealedLength!.Value)
        {
            Existing = [.. kept.Select(r => PlacementCandidate.Of(_nodes[r.Node]))],
        };
        if (strategy.Choose(candidates, request, random) is not [var target]) return null;
        var plan = new RepairPlan(chunk.Chunk, chunk.Kind, chunk.SealedLength.Value, sources, target);
        Count(plan);
        return plan;
    }

    private void Count(RepairPlan plan)
    {
        if (plan.Sources.Count > 0) _reading[plan.Sources[0].Node] = Load(_reading, plan.Sources[0].Node) + 1;
        _writing[plan.Target] = Load(_writing, plan.Target) + 1;
    }

    private static int Load(Dictionary<NodeId, int> counts, NodeId node) => counts.GetValueOrDefault(node);
}
