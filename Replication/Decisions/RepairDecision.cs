using OrleansDfs.Model;
using OrleansDfs.Replication.Placement;

namespace OrleansDfs.Replication;

/// <summary>A replica to make: pull <paramref name="Chunk"/> from the sources, best first, to the target (P27).</summary>
public sealed record RepairPlan(ChunkId Chunk, ChunkKind Kind, long SealedLength, IReadOnlyList<Replica> Sources, NodeId Target);

/// <summary>How much repair may run at once, so that it does not choke the traffic of users.</summary>
/// <param name="PerSource">Copies that read from one node at once.</param>
/// <param name="PerTarget">Copies that write to one node at once.</param>
/// <param name="Total">Copies in the whole cluster.</param>
public sealed record RepairLimits(int PerSource = 2, int PerTarget = 2, int Total = 16);

/// <summary>
/// Which chunk is repaired next, from where and to where: a pure function. Nothing but a sealed chunk is ever repaired; fewest live replicas first,
/// because one
/// more loss there loses data.
/// </summary>
public static class RepairDecision
{
    /// <param name="chunks">Chunks that may lack replicas.</param>
    /// <param name="nodes">All nodes, dead ones too, so that replicas on them can be told from live ones.</param>
    /// <param name="running">Copies under way; their chunks are left alone and their load counts.</param>
    /// <param name="gone">Nodes whose replicas count as lost (dead past the grace period, decommissioned).</param>
    /// <param name="replicaCount">Configured R; P30 applies to it.</param>
    public static IReadOnlyList<RepairPlan> Next(
        IEnumerable<ChunkRow> chunks,
        IReadOnlyList<StorageNodeInfo> nodes,
        IReadOnlyCollection<RepairPlan> running,
        IReadOnlySet<NodeId> gone,
        int replicaCount,
        PlacementStrategy strategy,
        long reservedBytes,
        RepairLimits limits,
        Random random)
    {
        var round = new RepairRound(nodes, running, gone, limits);
        var wanted = PlacementRules.Wanted(replicaCount, nodes);
        var busy = running.Select(p => p.Chunk).ToHashSet();
        var plans = new List<RepairPlan>();
        var ordered = chunks
            .Where(c => c.State == ChunkState.Sealed && c.SealedLength > 0 && !busy.Contains(c.Chunk))
            .Select(c => (Chunk: c, Kept: round.Kept(c)))
            .Where(x => x.Kept.Count > 0 && x.Kept.Count < wanted)
            .OrderBy(x => x.Kept.Count)
            .ThenBy(x => x.Chunk.Chunk);
        foreach (var (chunk, kept) in ordered)
        {
            if (running.Count + plans.Count >= limits.Total) break;
            if (round.Plan(chunk, kept, strategy, reservedBytes, random) is { } plan) plans.Add(plan);
        }
        return plans;
    }
}
