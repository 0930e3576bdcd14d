using OrleansDfs.Model;

namespace OrleansDfs.Replication.Placement;

/// <summary>A placement in the making: who is left, which domains are used, and the weighted draw.</summary>
internal sealed class PlacementDraft
{
    private readonly List<PlacementCandidate> _left;
    private readonly HashSet<string> _domains;
    private readonly HashSet<string> _zones;
    private readonly List<NodeId> _chosen = [];
    private readonly List<PlacementCandidate> _eligible = [];
    private readonly int _count;
    private readonly Random _random;

    public PlacementDraft(IReadOnlyList<PlacementCandidate> candidates, PlacementRequest request, Random random)
    {
        var taken = request.Existing.Select(c => c.Node).ToHashSet();
        _left = [.. candidates.Where(c => c.Usable && c.FreeBytes >= request.ReservedBytes && c.FreeBytes > 0 && !taken.Contains(c.Node))];
        _domains = request.Existing.Select(c => c.Domain).ToHashSet(StringComparer.Ordinal);
        _zones = request.Existing.Select(c => c.Zone).ToHashSet(StringComparer.Ordinal);
        _count = request.Count;
        _random = random;
    }

    public IReadOnlyList<NodeId> Chosen => _chosen;

    public int Missing => _count - _chosen.Count;

    public bool InNewDomain(PlacementCandidate candidate) => !_domains.Contains(candidate.Domain);

    public bool InNewZone(PlacementCandidate candidate) => !_zones.Contains(candidate.Zone);

    /// <summary>Draws one of those that fit; false when none does.</summary>
    public bool TryPick(Func<PlacementCandidate, bool> fits)
    {
        _eligible.Clear();
        double weight = 0;
        foreach (var candidate in _left)
        {
            if (!fits(candidate)) continue;
            _eligible.Add(candidate);
            weight += candidate.FreeBytes;
        }
        if (_eligible.Count == 0) return false;
        var winner = Better(Draw(weight), Draw(weight));
        _chosen.Add(winner.Node);
        _domains.Add(winner.Domain);
        _zones.Add(winner.Zone);
        _left.RemoveAll(c => c.Node == winner.Node);
        return true;
    }

    private PlacementCandidate Draw(double weight)
    {
        var at = _random.NextDouble() * weight;
        foreach (var candidate in _eligible)
        {
            at -= candidate.FreeBytes;
            if (at < 0) return candidate;
        }
        return _eligible[^1];
    }

    // Load first, it is the shorter-lived trouble; then the fuller disk loses.
    private static PlacementCandidate Better(PlacementCandidate a, PlacementCandidate b)
    {
        if (a.Load != b.Load) return a.Load < b.Load ? a : b;
        return FreeShare(a) >= FreeShare(b) ? a : b;
    }

    private static double FreeShare(PlacementCandidate c) => c.TotalBytes > 0 ? (double)c.FreeBytes / c.TotalBytes : 0;
}
