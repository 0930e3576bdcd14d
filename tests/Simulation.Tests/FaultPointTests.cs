using System.Diagnostics;
using OrleansDfs.Abstractions;
using Xunit.Abstractions;

namespace OrleansDfs.Simulation.Tests;

/// <summary>
/// Fault-point sweep (RELIABILITY §5): the path of an operation is gone once and every step of it written down: each call of each disk, each message
/// to a node, each call of a grain, each side of each COMMIT. Then it is gone again and again, and at each step in turn one thing goes wrong. Then
/// all
/// power is cut, everything starts again and the background work runs until nothing is left to do. Now: what was acknowledged is there, from every
/// replica; what was said not to have happened has not; what was not said is the old content or the whole new one; nothing else is touched; and no
/// garbage is left. The quick selection does a share of the harms to each step, the slow one all of them.
/// </summary>
public class FaultPointTests(ITestOutputHelper output)
{
    private const int Nodes = 4;
    private const string Key = "k";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly byte[] Old = SimulatedClient.Content(1, 40_000);
    private static readonly byte[] Other = SimulatedClient.Content(4, 3_000);

    /// <param name="Before">What is there before; <c>null</c>: nothing.</param>
    /// <param name="After">What is there when it has been done; <c>null</c>: nothing.</param>
    /// <param name="Share">Of so many harms that could be done, the quick selection does one.</param>
    /// <param name="Overwritten">Bytes that were there before that, and are dead now.</param>
    private sealed record Scenario(
        byte[]? Before, byte[]? After, Func<SimulatedCluster, SimulatedClient, Task<DfsStatus>> Do, int Share = 3, int Overwritten = 0);

    private static readonly Dictionary<string, Scenario> Scenarios = new()
    {
        ["put of a new key"] = Put(null, 300),
        ["overwrite"] = Put(Old, 300),
        ["overwrite by several pages"] = Put(Old, 150_000, share: 4),
        ["overwrite by several records"] = Put(Old, 2_500_000, share: 6),
        ["delete"] = new(Old, null, (_, client) => client.DeleteAsync(Key), Share: 1),
        ["copy"] = new(Old, Other, (_, client) => client.CopyAsync("other", Key), Share: 1),
        ["multipart upload"] = new(
            Old, SimulatedClient.Content(2, 70_000),
            (_, client) => client.UploadAsync(Key, SimulatedClient.Content(3, 5000), SimulatedClient.Content(2, 70_000))),
        ["seal, repair and compaction"] = new(Old, Old, TendWithoutOneAsync, Share: 16, Overwritten: 200_000),
    };

    public static TheoryData<string> Names => [.. Scenarios.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_fault_at_any_step_loses_nothing(string name) => Sweep(Scenarios[name], Scenarios[name].Share);

    [Theory, Trait("Category", "Slow")]
    [MemberData(nameof(Names))]
    public void Each_fault_at_each_step_loses_nothing(string name) => Sweep(Scenarios[name], share: 1);

    private static Scenario Put(byte[]? before, int size, int share = 3)
    {
        var content = SimulatedClient.Content(2, size);
        return new(before, content, (_, client) => client.PutAsync(Key, content), share);
    }

    /// <summary>The writer and a node go, and the supervisor does what there is to do.</summary>
    private static async Task<DfsStatus> TendWithoutOneAsync(SimulatedCluster cluster, SimulatedClient client)
    {
        client.Process.IsDead = true;
        cluster.Kill(cluster.Nodes[0]);
        for (var round = 0; round < 8; round++)
        {
            await Task.Delay(TimeSpan.FromSeconds(10), cluster.World.Time);
            try
            {
                await cluster.TendAsync();
            }
            catch (Catalog.CatalogException e)
            {
                cluster.World.Note($"a round of the supervisor: {e.Message}"); // the next one comes
            }
        }
        return DfsStatus.Ok;
    }

    private void Sweep(Scenario scenario, int share)
    {
        var path = Go(scenario, at: -1, Harm.Fail).Path;
        int runs = 0, acknowledged = 0, number = 0;
        var clock = Stopwatch.StartNew();
        for (var at = 0; at < path.Count; at++)
        {
            foreach (var harm in Harms.Of(path[at].Kind))
            {
                if (number++ % share != 0) continue;
                try
                {
                    if (Go(scenario, at, harm).Status == DfsStatus.Ok) acknowledged++;
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"Step {at} of {path.Count} ({path[at].Step}), {harm}: {e.Message}", e);
                }
                runs++;
            }
        }
        output.WriteLine($"{path.Count} steps, {runs} runs, {acknowledged} acknowledged all the same, {clock.Elapsed.TotalSeconds:0.0} s");
        output.WriteLine(string.Join('\n', path.Select(p => p.Step)));
        Assert.Contains(path, p => p.Kind == StepKind.Commit);
        Assert.True(acknowledged < runs, "Nothing was felt of any fault");
    }

    private static (DfsStatus Status, List<(string Step, StepKind Kind)> Path) Go(Scenario scenario, int at, Harm harm) =>
        World.Run(null, async world =>
        {
            await using var cluster = await SimulatedCluster.StartAsync(world, Nodes, seed: 7, delays: false);
            var earlier = new SimulatedClient(cluster, "earlier", seed: 7);
            if (scenario.Overwritten > 0)
                Assert.Equal(DfsStatus.Ok, await earlier.PutAsync(Key, SimulatedClient.Content(5, scenario.Overwritten)));
            if (scenario.Before is { } before) Assert.Equal(DfsStatus.Ok, await earlier.PutAsync(Key, before));
            Assert.Equal(DfsStatus.Ok, await earlier.PutAsync("other", Other));
            earlier.Process.IsDead = true;

            List<(string, StepKind)> path = [];
            var client = new SimulatedClient(cluster, "client", seed: 7);
            cluster.Faults = (step, kind) =>
            {
                path.Add((step, kind));
                return path.Count - 1 == at ? cluster.Strike(client, step, kind, harm) : Fate.Goes;
            };
            var doing = scenario.Do(cluster, client);
            await Task.WhenAny(doing, Task.Delay(Patience, world.Time));
            cluster.Faults = (_, _) => Fate.Goes;
            // A client that is gone was told nothing; any other is told something in time.
            Assert.True(doing.IsCompleted || harm == Harm.CutAll, $"It has no end\n{world.Trace}");
            var status = harm == Harm.CutAll ? DfsStatus.Unknown : await doing;
            if (at < 0) Assert.Equal(DfsStatus.Ok, status);

            client.Process.IsDead = true;
            await cluster.RestartAllAsync();
            await cluster.SettleAsync();
            Assert.Equal(Other, await cluster.ReadEverywhereAsync("other"));
            var now = await cluster.ReadEverywhereAsync(Key);
            var (isOld, isNew) = (Same(scenario.Before, now), Same(scenario.After, now));
            Assert.True(isNew || status != DfsStatus.Ok, $"It was acknowledged, and there is something else\n{world.Trace}");
            Assert.True(isOld || status != DfsStatus.Unavailable, $"It was said that nothing happened, and there is something else\n{world.Trace}");
            Assert.True(isNew || isOld, $"There is neither the old nor the new\n{world.Trace}");
            return (status, path);
        });

    private static bool Same(byte[]? expected, byte[]? actual) =>
        expected is null ? actual is null : actual is not null && expected.AsSpan().SequenceEqual(actual);
}
