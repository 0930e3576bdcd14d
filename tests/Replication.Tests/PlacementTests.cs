using OrleansDfs.Model;
using OrleansDfs.Replication.Placement;

namespace OrleansDfs.Replication.Tests;

public class PlacementTests
{
    private const long Gib = 1L << 30;

    [Theory]
    [InlineData(3, 5, 0, 3, 2)]
    [InlineData(3, 2, 0, 2, 2)]
    [InlineData(3, 1, 0, 1, 1)]
    [InlineData(3, 2, 3, 2, 2)] // decommissioned nodes do not count
    [InlineData(1, 5, 0, 1, 1)]
    public void P30_wanted_and_minimum(int replicaCount, int registered, int decommissioned, int wanted, int minimum)
    {
        var nodes = Enumerable.Range(0, registered).Select(i => Info(NodeState.Registered, alive: i == 0))
            .Concat(Enumerable.Range(0, decommissioned).Select(_ => Info(NodeState.Decommissioned, alive: true)));
        Assert.Equal(wanted, PlacementRules.Wanted(replicaCount, nodes));
        Assert.Equal(minimum, PlacementRules.MinReplicas(wanted));
    }

    /// <summary>
    /// 1,000 nodes in 100 racks of 5 zones, disks of two sizes, some full, dead, read-only; chunks are placed until half of the space is used.
    /// </summary>
    [Theory]
    [InlineData("Spread")]
    [InlineData("ZoneSpread")]
    [InlineData("LocalFirst")]
    public void A_thousand_nodes_fill_evenly_and_no_domain_is_shared(string name)
    {
        const int chunks = 10_000;
        const long chunkSize = 3 * Gib;
        var random = new Random(7);
        var nodes = new PlacementCandidate[1000];
        for (var i = 0; i < nodes.Length; i++)
        {
            var total = i % 2 == 0 ? 100 * Gib : 200 * Gib;
            var usable = i % 10 != 9;
            var free = i % 50 == 8 ? Gib / 2 : total;
            nodes[i] = new PlacementCandidate(NodeId.New(), $"zone{i % 5}/rack{i / 10}", $"silo{i}", free, total, 0, usable);
        }
        var unusable = nodes.Where(n => !n.Usable || n.FreeBytes < 3 * Gib).Select(n => n.Node).ToHashSet();
        var index = nodes.Select((n, i) => (n.Node, i)).ToDictionary(x => x.Node, x => x.i);
        var strategy = PlacementStrategy.ByName(name)!;
        int sharedZones = 0, misplaced = 0;
        for (var chunk = 0; chunk < chunks; chunk++)
        {
            // A cluster's allocator sees a sample of so many nodes at most; the whole of it every tenth time.
            var seen = chunk % 10 == 0 ? nodes : Sample(nodes, 60, random);
            var chosen = strategy.Choose(seen, new PlacementRequest(3, 3 * Gib) { LocalSilo = $"silo{chunk % 1000}" }, random);
            Assert.Equal(3, chosen.Count);
            var at = chosen.Select(c => nodes[index[c]]).ToList();
            Assert.Equal(3, at.Select(c => c.Domain).Distinct().Count());
            if (at.Select(c => c.Zone).Distinct().Count() < 3) sharedZones++;
            misplaced += chosen.Count(unusable.Contains);
            foreach (var node in chosen) nodes[index[node]] = nodes[index[node]] with { FreeBytes = nodes[index[node]].FreeBytes - chunkSize };
        }
        Assert.Equal(0, misplaced);
        if (name == "ZoneSpread") Assert.Equal(0, sharedZones);
        var used = nodes.Where(n => !unusable.Contains(n.Node)).Select(n => 1.0 - (double)n.FreeBytes / n.TotalBytes).ToList();
        var mean = used.Average();
        Assert.InRange(mean, 0.5, 0.9);
        // Shares of use, not bytes: large and small disks fill at the same pace.
        Assert.All(used, share => Assert.InRange(share, mean - 0.12, mean + 0.12));
    }

    [Fact]
    public void Domains_are_shared_only_when_there_are_too_few_and_nodes_never()
    {
        PlacementCandidate[] nodes = [.. Enumerable.Range(0, 6).Select(i => Candidate($"rack{i % 2}"))];
        for (var seed = 0; seed < 200; seed++)
        {
            var chosen = PlacementStrategy.Default.Choose(nodes, new PlacementRequest(3, 0), new Random(seed));
            Assert.Equal(3, chosen.Distinct().Count());
            Assert.Equal(2, chosen.Select(c => nodes.Single(n => n.Node == c).Domain).Distinct().Count());
        }
    }

    [Fact]
    public void Too_few_nodes_give_fewer_replicas()
    {
        PlacementCandidate[] nodes = [Candidate("a"), Candidate("b") with { Usable = false }, Candidate("c") with { FreeBytes = 10 }];
        Assert.Equal([nodes[0].Node], PlacementStrategy.Default.Choose(nodes, new PlacementRequest(3, 11), new Random(1)));
    }

    [Fact]
    public void LocalFirst_puts_the_primary_on_the_writers_silo_unless_that_is_unusable()
    {
        PlacementCandidate[] nodes = [.. Enumerable.Range(0, 9).Select(i => Candidate($"rack{i}") with { SiloName = $"silo{i}" })];
        var request = new PlacementRequest(3, 0) { LocalSilo = "silo4" };
        for (var seed = 0; seed < 50; seed++) Assert.Equal(nodes[4].Node, new LocalFirstPlacement().Choose(nodes, request, new Random(seed))[0]);
        nodes[4] = nodes[4] with { Usable = false };
        for (var seed = 0; seed < 50; seed++)
            Assert.DoesNotContain(nodes[4].Node, new LocalFirstPlacement().Choose(nodes, request, new Random(seed)));
    }

    [Fact]
    public void The_same_seed_gives_the_same_nodes()
    {
        PlacementCandidate[] nodes = [.. Enumerable.Range(0, 50).Select(i => Candidate($"rack{i}"))];
        var first = PlacementStrategy.Default.Choose(nodes, new PlacementRequest(3, 0), new Random(11));
        Assert.Equal(first, PlacementStrategy.Default.Choose(nodes, new PlacementRequest(3, 0), new Random(11)));
    }

    [Fact]
    public void Existing_replicas_keep_their_domains()
    {
        PlacementCandidate[] nodes = [Candidate("a"), Candidate("a"), Candidate("b"), Candidate("c")];
        for (var seed = 0; seed < 50; seed++)
        {
            var request = new PlacementRequest(1, 0) { Existing = [nodes[0], nodes[2]] };
            Assert.Equal([nodes[3].Node], PlacementStrategy.Default.Choose(nodes, request, new Random(seed)));
        }
    }

    [Fact]
    public void A_name_that_nobody_has_gives_no_strategy() => Assert.Null(PlacementStrategy.ByName("Nearest"));

    private static PlacementCandidate[] Sample(PlacementCandidate[] nodes, int count, Random random)
    {
        var sample = new PlacementCandidate[count];
        var start = random.Next(nodes.Length);
        for (var i = 0; i < count; i++) sample[i] = nodes[(start + i * 37) % nodes.Length];
        return sample;
    }

    private static PlacementCandidate Candidate(string domain) => new(NodeId.New(), domain, "silo", 100 * Gib, 100 * Gib, 0, true);

    internal static StorageNodeInfo Info(NodeState state, bool alive, string domain = "d", NodeId? node = null) => new(
        node ?? NodeId.New(), 1, "silo", "h", 1, domain, state, false, false, 100 * Gib, 100 * Gib, DateTimeOffset.UnixEpoch, alive);
}
