using OrleansDfs.Model;

namespace OrleansDfs.Replication;

/// <summary>What a node holds and what its fair share is: of all bytes, the part that its capacity is of all capacity.</summary>
/// <param name="Surplus">Bytes over the fair share; negative where there is room.</param>
public sealed record NodeShare(StorageNodeInfo Node, long Bytes, long Fair)
{
    public long Surplus => Bytes - Fair;
}

/// <summary>One replica to move.</summary>
public sealed record RebalanceMove(ChunkId Chunk, Replica From, NodeId Target, long Bytes);

/// <summary>
/// Which replica moves from a full node to an empty one: pure functions. A move may pass neither node's fair share by more than half a chunk, so a
/// rebalance ends, and a
/// node that was added takes its fair share and no more (±<see cref="Tolerance"/>).
/// </summary>
public static class RebalanceDecision
{
    /// <summary>Nodes within this part of their fair share are left alone.</summary>
    public const double Tolerance = 0.05;

    /// <summary>Nodes that take part, fullest first: alive, registered, able to write.</summary>
    public static IReadOnlyList<NodeShare> Shares(IReadOnlyList<StorageNodeInfo> nodes, IReadOnlyDictionary<NodeId, long> bytes)
    {
        var taking = nodes.Where(n => n is { Alive: true, State: NodeState.Registered, ReadOnly: false, FsyncFailed: false, TotalBytes: > 0 })
            .ToList();
        var all = taking.Sum(n => bytes.GetValueOrDefault(n.Node));
        var capacity = taking.Sum(n => (double)n.TotalBytes);
        return [.. taking
            .Select(n => new NodeShare(n, bytes.GetValueOrDefault(n.Node), (long)(all * (n.TotalBytes / capacity))))
            .OrderByDescending(s => s.Surplus).ThenBy(s => s.Node.Node.Value)];
    }

    /// <summary>Bytes that must move until no node is off its fair share.</summary>
    public static long Planned(IReadOnlyList<NodeShare> shares) =>
        Math.Max(shares.Where(IsFull).Sum(s => s.Surplus), shares.Where(IsEmpty).Sum(s => -s.Surplus));

    /// <summary>Nodes that something may move from now, fullest first; none when the nodes are level.</summary>
    public static IEnumerable<NodeShare> Givers(IReadOnlyList<NodeShare> shares)
    {
        var isMissed = shares.Any(IsEmpty);
        return shares.Where(s => IsFull(s) || (isMissed && s.Surplus > 0));
    }

    private static bool IsFull(NodeShare share) => share.Surplus > share.Fair * Tolerance;

    private static bool IsEmpty(NodeShare share) => -share.Surplus > share.Fair * Tolerance;

    /// <summary>
    /// The first of these chunks that may move off this node, and where to: to the emptiest node that has no replica of it and shares no failure
    /// domain with its other
    /// replicas (unless this one did so already). Small differences between old nodes are left alone: one of the two must be off. <c>null</c>: none.
    /// </summary>
    /// <param name="shares">As from <see cref="Shares"/>, with the moves under way counted.</param>
    /// <param name="busy">Chunks that are being copied now.</param>
    public static RebalanceMove? Next(NodeShare full, IReadOnlyList<NodeShare> shares, IEnumerable<ChunkRow> chunks, IReadOnlySet<ChunkId> busy)
    {
        var domains = shares.ToDictionary(s => s.Node.Node, s => s.Node.Domain);
        foreach (var chunk in chunks)
        {
            if (chunk is not { State: ChunkState.Sealed, SealedLength: > 0 and var bytes } || busy.Contains(chunk.Chunk)) continue;
            if (chunk.Replicas.FirstOrDefault(r => r.Node == full.Node.Node) is not { State: ReplicaState.Live } from) continue;
            if (chunk.Replicas.Any(r => r.State != ReplicaState.Live)) continue; // a copy or a proof is under way
            if (full.Surplus < bytes / 2) continue;
            var holders = chunk.Replicas.Select(r => r.Node).ToHashSet();
            var others = chunk.Replicas.Where(r => r != from).Select(r => domains.GetValueOrDefault(r.Node)).ToHashSet();
            var isAlone = !others.Contains(full.Node.Domain);
            var target = shares.Reverse().FirstOrDefault(s =>
                (IsFull(full) || IsEmpty(s)) && -s.Surplus >= bytes / 2 && !holders.Contains(s.Node.Node)
                    && (!isAlone || !others.Contains(s.Node.Domain)) && s.Node.FreeBytes > 2 * bytes);
            if (target is not null) return new RebalanceMove(chunk.Chunk, from, target.Node.Node, bytes);
        }
        return null;
    }
}
