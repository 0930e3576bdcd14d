using OrleansDfs.Model;

namespace OrleansDfs.Replication.Placement;

/// <summary>A storage node as placement sees it.</summary>
/// <param name="Domain">Failure domain. May be a path from coarse to fine, <c>zone/rack</c>; <see cref="ZoneSpreadPlacement"/> looks at its first
/// part.</param>
/// <param name="SiloName">Silo that hosts it; <see cref="LocalFirstPlacement"/> looks at it.</param>
/// <param name="Load">Work in flight, in any unit that is the same for all; lower is better.</param>
/// <param name="Usable">Alive, registered (not draining), takes appends.</param>
public readonly record struct PlacementCandidate(NodeId Node, string Domain, string SiloName, long FreeBytes,
    long TotalBytes, double Load, bool Usable)
{
    public static PlacementCandidate Of(StorageNodeInfo node, double load = 0) => new(
        node.Node,
        node.Domain,
        node.SiloName,
        node.FreeBytes,
        node.TotalBytes,
        load,
        node is { Alive: true, State: NodeState.Registered, ReadOnly: false, FsyncFailed: false });

    /// <summary>For compaction, which may use the room that is kept for it on a disk that takes nothing else (I19).</summary>
    public static PlacementCandidate ForCompaction(StorageNodeInfo node) =>
        Of(node) with { Usable = node is { Alive: true, State: NodeState.Registered, FsyncFailed: false } };

    public string Zone => Domain.IndexOf('/') is >= 0 and var slash ? Domain[..slash] : Domain;
}
