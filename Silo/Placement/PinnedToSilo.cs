using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace OrleansDfs.Silo.Placement;

/// <summary>
/// Finds the active silo of a name. A silo's address changes with every start, its name does not, so grains are pinned by name; while an old and a
/// new incarnation are both in the table the younger one counts.
/// </summary>
public sealed class SiloNames(IClusterMembershipService membership)
{
    public SiloAddress? Active(string siloName, IEnumerable<SiloAddress> compatible)
    {
        var allowed = compatible.ToHashSet();
        SiloAddress? youngest = null;
        foreach (var (address, member) in membership.CurrentSnapshot.Members)
        {
            if (member.Status != SiloStatus.Active || member.Name != siloName || !allowed.Contains(address)) continue;
            if (youngest is null || address.Generation > youngest.Generation) youngest = address;
        }
        return youngest;
    }
}

/// <summary>A storage node's grain lives on the silo that hosts its data folder, and nowhere else.</summary>
[Serializable, GenerateSerializer, Immutable, SuppressReferenceTracking]
public sealed class StorageNodePlacement : PlacementStrategy
{
    internal static readonly StorageNodePlacement Instance = new();
}

[AttributeUsage(AttributeTargets.Class)]
public sealed class StorageNodePlacementAttribute() : PlacementAttribute(StorageNodePlacement.Instance);

public sealed class StorageNodePlacementDirector(Nodes.NodeBook nodes, SiloNames silos) : IPlacementDirector
{
    public async Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var node = new Model.NodeId(target.GrainIdentity.GetGuidKey());
        var info = await nodes.FindAsync(node) ?? throw new SiloUnavailableException($"Storage node {node} is not registered.");
        return silos.Active(info.SiloName, context.GetCompatibleSilos(target))
            ?? throw new SiloUnavailableException($"Silo '{info.SiloName}', the host of storage node {node}, is not active.");
    }
}

/// <summary>
/// A chunk's grain lives beside its primary replica while that lives, else beside another replica, else anywhere: a chunk without a living
/// replica still has to be told apart from a chunk that is well.
/// </summary>
[Serializable, GenerateSerializer, Immutable, SuppressReferenceTracking]
public sealed class ChunkPlacement : PlacementStrategy
{
    internal static readonly ChunkPlacement Instance = new();
}

[AttributeUsage(AttributeTargets.Class)]
public sealed class ChunkPlacementAttribute() : PlacementAttribute(ChunkPlacement.Instance);

public sealed class ChunkPlacementDirector(Catalog.CatalogDatabase catalog, Nodes.NodeBook nodes, SiloNames silos) : IPlacementDirector
{
    public async Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var compatible = context.GetCompatibleSilos(target);
        var chunk = new Model.ChunkId(target.GrainIdentity.GetIntegerKey());
        if (await catalog.Chunks.GetAsync(chunk) is { } row)
        {
            foreach (var node in row.Replicas.Select(r => r.Node).OrderBy(n => n == row.Primary ? 0 : 1))
                if (await nodes.FindAsync(node) is { } info && silos.Active(info.SiloName, compatible) is { } silo)
                    return silo;
        }
        return compatible[Random.Shared.Next(compatible.Length)];
    }
}
