using OrleansDfs.Model;

namespace OrleansDfs.Replication;

/// <summary>Which replica of a chunk that has too many leaves (P29): a pure function.</summary>
public static class TrimDecision
{
    /// <summary>Null unless more than <paramref name="wanted"/> live replicas are on nodes that are alive, well and stay: a replica on a node that is
    /// away protects nothing now. One that shares its failure domain goes first, then the one on the fullest disk.</summary>
    public static Replica? Surplus(ChunkRow chunk, IReadOnlyList<StorageNodeInfo> nodes, int wanted)
    {
        if (chunk.State != ChunkState.Sealed) return null;
        var well = nodes.Where(n => n is { Alive: true, State: NodeState.Registered, FsyncFailed: false }).ToDictionary(n => n.Node);
        var live = chunk.Replicas.Where(r => r.State == ReplicaState.Live && well.ContainsKey(r.Node)).ToList();
        if (live.Count <= wanted) return null;
        var domains = live.GroupBy(r => well[r.Node].Domain).ToDictionary(g => g.Key, g => g.Count());
        return live
            .OrderByDescending(r => domains[well[r.Node].Domain])
            .ThenBy(r => well[r.Node].TotalBytes > 0 ? (double)well[r.Node].FreeBytes / well[r.Node].TotalBytes : 0)
            .First();
    }
}
