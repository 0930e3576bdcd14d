using OrleansDfs.Model;

namespace OrleansDfs.Replication.Placement;

/// <summary>P30 as arithmetic.</summary>
public static class PlacementRules
{
    /// <summary>Replicas that a chunk should have: as configured, never more than nodes that are registered and not decommissioned; dead ones
    /// count.</summary>
    public static int Wanted(int replicaCount, IEnumerable<StorageNodeInfo> nodes) =>
        Math.Min(replicaCount, nodes.Count(n => n.State != NodeState.Decommissioned));

    /// <summary>Fewest replicas that a chunk may be opened with; below it writes answer 503.</summary>
    public static int MinReplicas(int wanted) => Math.Min(2, wanted);
}
