using OrleansDfs.Model;

namespace OrleansDfs.Replication;

/// <summary>Chunks whose live records one node packs into one new chunk.</summary>
/// <param name="LiveBytes">Estimated.</param>
/// <param name="DeadPercent">Dead share that makes the work worth while; looked at again before a chunk is copied.</param>
public sealed record CompactionPlan(NodeId Worker, IReadOnlyList<ChunkId> Chunks, long LiveBytes, int DeadPercent);

/// <param name="DeadPercent">Dead share from which on a chunk is compacted.</param>
/// <param name="DeadPercentWhenFull">The same while a disk is fuller than <paramref name="FullPercent"/>.</param>
public sealed record CompactionRules(int DeadPercent, int DeadPercentWhenFull, int FullPercent);

/// <summary>
/// Which chunks are compacted next, by whom: a pure function. Most dead bytes first. One node has one plan at a time; it is a node that holds all of
/// the plan's chunks, so that the bytes are read beside it.
/// </summary>
public static class CompactionDecision
{
    /// <summary>More in one plan would only delay what a failure of its target throws away.</summary>
    private const int MostChunks = 64;

    /// <summary>Dead share asked for: lower as soon as one disk that takes part is nearly full.</summary>
    public static int Threshold(IEnumerable<StorageNodeInfo> nodes, CompactionRules rules) =>
        nodes.Any(n => n.Alive && n.TotalBytes > 0 && (n.ReadOnly || (n.TotalBytes - n.FreeBytes) * 100.0 / n.TotalBytes > rules.FullPercent))
            ? Math.Min(rules.DeadPercent, rules.DeadPercentWhenFull)
            : rules.DeadPercent;

    /// <param name="candidates">With at least <paramref name="deadPercent"/> dead; most dead bytes first.</param>
    /// <param name="capacity">Physical length of a new chunk.</param>
    public static IReadOnlyList<CompactionPlan> Next(
        IEnumerable<DeadShare> candidates, IReadOnlyList<StorageNodeInfo> nodes, IReadOnlyCollection<CompactionPlan> running,
            long capacity, int deadPercent)
    {
        var busy = running.SelectMany(p => p.Chunks).ToHashSet();
        var idle = nodes.Where(n => n.Alive && n.State != NodeState.Decommissioned).Select(n => n.Node).Except(running.Select(p => p.Worker))
            .ToHashSet();
        var drafts = new Dictionary<NodeId, (List<ChunkId> Chunks, long Live)>();
        foreach (var candidate in candidates.Where(c => !busy.Contains(c.Chunk)))
        {
            var live = Math.Max(0, candidate.Length - candidate.Dead);
            // The emptiest draft first, so that the work spreads; a chunk larger than the capacity of today has a plan of its own.
            foreach (var node in candidate.Live.Where(idle.Contains).OrderBy(n => drafts.GetValueOrDefault(n).Live))
            {
                if (!drafts.TryGetValue(node, out var draft)) draft = ([], RecordLayout.ChunkHeaderSize);
                else if (draft.Live + live > capacity || draft.Chunks.Count == MostChunks) continue;
                draft.Chunks.Add(candidate.Chunk);
                drafts[node] = (draft.Chunks, draft.Live + live);
                break;
            }
        }
        return [.. drafts.Select(d => new CompactionPlan(d.Key, d.Value.Chunks, d.Value.Live, deadPercent))];
    }
}
