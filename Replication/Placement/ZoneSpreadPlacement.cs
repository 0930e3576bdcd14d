using OrleansDfs.Model;

namespace OrleansDfs.Replication.Placement;

/// <summary>As <see cref="SpreadPlacement"/>, and spread over zones (the first part of the domain's path) before domains.</summary>
public sealed class ZoneSpreadPlacement : PlacementStrategy
{
    public override string Name => "ZoneSpread";

    public override IReadOnlyList<NodeId> Choose(IReadOnlyList<PlacementCandidate> candidates, PlacementRequest request, Random random)
    {
        var draft = new PlacementDraft(candidates, request, random);
        while (draft.Missing > 0 && (draft.TryPick(draft.InNewZone) || draft.TryPick(draft.InNewDomain) || draft.TryPick(static _ => true)))
        {
        }
        return draft.Chosen;
    }
}
