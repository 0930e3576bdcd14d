using BenchmarkDotNet.Attributes;
using OrleansDfs.Model;
using OrleansDfs.Replication.Placement;

namespace OrleansDfs.Micro;

/// <summary>Choosing the three nodes of a chunk, as it is done once per opened chunk.</summary>
public class PlacementBenchmarks
{
    readonly Random _random = new(1);
    PlacementCandidate[] _candidates = [];
    PlacementStrategy _strategy = PlacementStrategy.Default;

    [Params(3, 1000)]
    public int Nodes { get; set; }

    [Params("Spread", "LocalFirst", "ZoneSpread")]
    public string Strategy { get; set; } = "";

    [GlobalSetup]
    public void Make()
    {
        _strategy = PlacementStrategy.ByName(Strategy)!;
        _candidates = [.. Enumerable.Range(0, Nodes).Select(n => new PlacementCandidate(
            NodeId.New(), $"zone{n % 3}/rack{n % 50}", $"silo{n}", (1L << 40) - _random.NextInt64(1L << 39), 1L << 40, 0, true))];
    }

    [Benchmark]
    public IReadOnlyList<NodeId> Choose() => _strategy.Choose(_candidates, new PlacementRequest(3, 1L << 30) { LocalSilo = "silo1" }, _random);
}
