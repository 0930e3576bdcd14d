using OrleansDfs.Model;

namespace OrleansDfs.Replication.Placement;

/// <summary>
/// The default: no two replicas in one failure domain while enough domains exist; within that, weighted by free space with two random choices (two
/// nodes are drawn
/// with probability proportional to their free space, the better of them wins), which keeps nodes level without herding to the emptiest.
/// </summary>
public sealed class SpreadPlacement : PlacementStrategy
{
    public override string Name => "Spread";

    public override IReadOnlyList<NodeId> Choose(IReadOnlyList<PlacementCandidate> candidates, PlacementRequest request, Random random)
    {
        var draft = new PlacementDraft(candidates, request, random);
        while (draft.Missing > 0 && (draft.TryPick(draft.InNewDomain) || draft.TryPick(static _ => true)))
        {
        }
        return draft.Chosen;
    }
}
