using OrleansDfs.Model;

namespace OrleansDfs.Replication.Placement;

/// <summary>The primary on the writer's own silo when a node there is usable (bytes cross the network once less), the others as
/// <see cref="SpreadPlacement"/>.</summary>
public sealed class LocalFirstPlacement : PlacementStrategy
{
    public override string Name => "LocalFirst";

    public override IReadOnlyList<NodeId> Choose(IReadOnlyList<PlacementCandidate> candidates, PlacementRequest request, Random random)
    {
        var draft = new PlacementDraft(candidates, request, random);
        if (draft.Missing > 0 && request.LocalSilo is { } silo)
        {
            // A repair that has a replica in this domain already must not lose the spread for the sake of nearness.
            draft.TryPick(c => c.SiloName == silo && draft.InNewDomain(c));
        }
        while (draft.Missing > 0 && (draft.TryPick(draft.InNewDomain) || draft.TryPick(static _ => true)))
        {
        }
        return draft.Chosen;
    }
}
