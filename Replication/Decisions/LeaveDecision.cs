using OrleansDfs.Model;
using OrleansDfs.Replication.Placement;

namespace OrleansDfs.Replication;

/// <summary>What is to be done next about one replica on a node that leaves.</summary>
public enum LeaveStep
{
    /// <summary>Nothing now: a copy writes to it, or its chunk is being copied already.</summary>
    Wait,

    /// <summary>The set of an open chunk never changes: seal it first; its writers go on elsewhere (P8).</summary>
    Seal,

    /// <summary>Enough others are live: its row goes (P29).</summary>
    Drop,

    /// <summary>Its chunk is retired: no grace is owed to readers by a node of whose kind there are others (P26).</summary>
    DropRetired,

    /// <summary>Another replica must be made first, on <see cref="LeavePlan.Target"/>.</summary>
    Copy,

    /// <summary>Another replica must be made first, and no node can take it.</summary>
    NoTarget,
}

/// <param name="Bytes">Physical length of the replica; 0 while its chunk is not sealed.</param>
public sealed record LeavePlan(ChunkId Chunk, Replica From, LeaveStep Step, NodeId? Target, long Bytes);

/// <summary>
/// How a node is emptied (drain, decommission): a pure function. A replica leaves only when the chunk has its wanted number of live ones without it,
/// on nodes that
/// stay (P29); so a drain never lowers what a loss would cost, whenever it is stopped.
/// </summary>
public static class LeaveDecision
{
    /// <param name="chunks">Chunks with a replica on <paramref name="leaving"/>.</param>
    /// <param name="nodes">All nodes.</param>
    /// <param name="gone">Nodes whose replicas count as lost (dead past the grace period).</param>
    /// <param name="busy">Chunks that are being copied now.</param>
    /// <param name="writing">Copies under way by target.</param>
    /// <param name="perTarget">Most copies to one node at once.</param>
    public static IReadOnlyList<LeavePlan> Next(
        NodeId leaving,
        IEnumerable<ChunkRow> chunks,
        IReadOnlyList<StorageNodeInfo> nodes,
        IReadOnlySet<NodeId> gone,
        IReadOnlySet<ChunkId> busy,
        IReadOnlyDictionary<NodeId, int> writing,
        int perTarget,
        int replicaCount,
        PlacementStrategy strategy,
        long reservedBytes,
        Random random)
    {
        var wanted = PlacementRules.Wanted(replicaCount, nodes);
        var byId = nodes.ToDictionary(n => n.Node);
        var load = writing.ToDictionary();
        return [.. chunks.Select(Decide)];

        LeavePlan Decide(ChunkRow chunk)
        {
            var from = chunk.Replicas.First(r => r.Node == leaving);
            var bytes = chunk.SealedLength ?? 0;
            LeavePlan Plan(LeaveStep step, NodeId? target = null) => new(chunk.Chunk, from, step, target, bytes);

            if (chunk.State is ChunkState.Open or ChunkState.Sealing) return Plan(LeaveStep.Seal);
            if (chunk.State == ChunkState.Retired) return Plan(LeaveStep.DropRetired);
            if (busy.Contains(chunk.Chunk) || from.State == ReplicaState.Copying) return Plan(LeaveStep.Wait);
            if (bytes == 0) return Plan(LeaveStep.Drop);
            var staying = chunk.Replicas
                .Where(r => r.State == ReplicaState.Live && byId.TryGetValue(r.Node, out var n) && n.State == NodeState.Registered
                    && !gone.Contains(r.Node))
                .ToList();
            if (staying.Count >= wanted) return Plan(LeaveStep.Drop);
            var holders = chunk.Replicas.Select(r => r.Node).ToHashSet();
            var free = nodes.Where(n => !holders.Contains(n.Node) && !gone.Contains(n.Node)).ToList();
            var candidates = free.Where(n => Load(n.Node) < perTarget).Select(n => PlacementCandidate.Of(n, Load(n.Node))).ToList();
            var request = new PlacementRequest(1, reservedBytes + bytes) { Existing = [.. staying.Select(r => PlacementCandidate.Of(byId[r.Node]))] };
            if (strategy.Choose(candidates, request, random) is [var target])
            {
                load[target] = Load(target) + 1;
                return Plan(LeaveStep.Copy, target);
            }
            // Busy targets are worth waiting for; where there is none at all, only an operator can help.
            return Plan(strategy.Choose([.. free.Select(n => PlacementCandidate.Of(n))], request, random).Count == 0 ? LeaveStep.NoTarget
                : LeaveStep.Wait);
        }

        int Load(NodeId node) => load.GetValueOrDefault(node);
    }
}
