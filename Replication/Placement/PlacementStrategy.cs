using OrleansDfs.Model;

namespace OrleansDfs.Replication.Placement;

/// <summary>What is to be placed.</summary>
/// <param name="Count">Replicas wanted.</param>
/// <param name="ReservedBytes">A node with less free space than this is full: room for what open chunks may still grow by, and for compaction
/// (RELIABILITY I19).</param>
/// <param name="Existing">Replicas that stay (repair): their nodes are not chosen again and their domains count as used.</param>
/// <param name="LocalSilo">Silo of the writer, for <see cref="LocalFirstPlacement"/>.</param>
public sealed record PlacementRequest(int Count, long ReservedBytes)
{
    public IReadOnlyList<PlacementCandidate> Existing { get; init; } = [];

    public string? LocalSilo { get; init; }
}

/// <summary>
/// Chooses the nodes of a chunk's replicas: a pure function of its arguments and of the random numbers given. The first node is the primary. May
/// give fewer
/// nodes than wanted when there are not enough; the caller compares with <see cref="PlacementRules.MinReplicas"/>.
/// </summary>
public abstract class PlacementStrategy
{
    /// <summary>Name in settings of buckets and storage classes.</summary>
    public abstract string Name { get; }

    public abstract IReadOnlyList<NodeId> Choose(IReadOnlyList<PlacementCandidate> candidates, PlacementRequest request, Random random);

    /// <summary>The strategy of this name; null when there is none.</summary>
    public static PlacementStrategy? ByName(string name) => All.FirstOrDefault(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    public static PlacementStrategy Default => All[0];

    private static readonly PlacementStrategy[] All = [new SpreadPlacement(), new LocalFirstPlacement(), new ZoneSpreadPlacement()];
}
