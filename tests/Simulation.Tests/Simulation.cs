using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Linearizability;
using OrleansDfs.Model;
using OrleansDfs.Storage;

namespace OrleansDfs.Simulation.Tests;

/// <summary>What came of one seed.</summary>
sealed record SimulationResult(ulong TraceHash, long Steps, int Operations, int Acknowledged, int Faults);

/// <summary>One run: load and faults for two minutes of virtual time, then peace, then a look at everything.</summary>
sealed class Simulation(int seed)
{
    private const int Nodes = 4;
    private const int Clients = 3;
    private const int Keys = 5;
    private const int AuditClient = 99;
    private static readonly TimeSpan Load = TimeSpan.FromMinutes(2);

    private readonly Random _random = new(seed);
    private readonly Dictionary<string, List<KeyOperation>> _history = [];
    private readonly Dictionary<string, (long Number, string ETag)> _seen = [];
    private readonly Dictionary<long, byte[]> _contents = [];
    private long _contentNumber;
    private int _faults;

    public SimulationResult Run() => World.Run(new Random(seed), async world =>
    {
        await using var cluster = await SimulatedCluster.StartAsync(world, Nodes, seed, delays: true);
        var clients = Enumerable.Range(1, Clients).Select(i => new SimulatedClient(cluster, $"client{i}", seed + i)).ToList();
        cluster.Faults = Misfortune;
        var end = world.Time.Now + Load;
        List<Task> running = [BeatAsync(cluster, end), TendAsync(cluster, end), NemesisAsync(cluster, end)];
        running.AddRange(clients.Select((client, i) => ClientAsync(cluster, client, i + 1, end)));
        await Task.WhenAll(running);

        cluster.Faults = (_, _) => Fate.Goes;
        cluster.Network.HealAll();
        world.Time.ClockStep = TimeSpan.FromDays(30); // the catalog's clock never goes back: ahead of all steps
        foreach (var client in clients) client.Process.IsDead = true;
        await cluster.RestartAllAsync();
        await cluster.SettleAsync();
        await JudgeAsync(cluster);
        return new SimulationResult(
            world.TraceHash, world.Steps, _history.Values.Sum(h => h.Count),
            _history.Values.Sum(h => h.Count(o => o is { IsRead: false, Result: KeyResult.Done })), _faults);
    });

    private static string Key(int number) => $"key-{number}";

    private async Task ClientAsync(SimulatedCluster cluster, SimulatedClient client, int number, TimeSpan end)
    {
        var random = new Random(seed * 1009 + number);
        while (cluster.World.Time.Now < end)
        {
            var key = Key(random.Next(Keys));
            var began = Now(cluster);
            switch (random.Next(100))
            {
                case < 30:
                    await PutAsync(cluster, client, number, key, random);
                    break;
                case < 38:
                    await PutAsync(cluster, client, number, key, random, new WritePrecondition(null, "*"), KeyCondition.IfAbsent);
                    break;
                case < 46 when _seen.TryGetValue(key, out var seen):
                    await PutAsync(cluster, client, number, key, random, new WritePrecondition(seen.ETag, null), KeyCondition.IfCurrent(seen.Number));
                    break;
                case < 54:
                    var deleted = await client.DeleteAsync(key);
                    Add(key, new(number, began, Now(cluster), KeyAction.Delete, 1, deleted == DfsStatus.Ok ? KeyResult.Done : KeyResult.Unknown));
                    break;
                case < 60:
                    var part = Make(random);
                    var completed = await client.UploadAsync(key, Make(random).Bytes, part.Bytes);
                    if (completed == DfsStatus.Unavailable) break; // it was not even tried to complete it
                    var result = completed == DfsStatus.Ok ? KeyResult.Done : KeyResult.Unknown;
                    Add(key, new(number, began, Now(cluster), KeyAction.Put, part.Number, result));
                    break;
                default:
                    await GetAsync(cluster, client, number, key);
                    break;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1, 3000)), cluster.World.Time);
        }
    }

    private async Task PutAsync(
        SimulatedCluster cluster, SimulatedClient client, int number, string key, Random random, WritePrecondition? precondition = null,
        KeyCondition condition = default)
    {
        var content = Make(random);
        var began = Now(cluster);
        var status = await client.PutAsync(key, content.Bytes, precondition);
        var result = status switch
        {
            DfsStatus.Ok => KeyResult.Done,
            DfsStatus.PreconditionFailed or DfsStatus.NoSuchKey when condition != KeyCondition.None => KeyResult.ConditionFailed,
            _ => KeyResult.Unknown,
        };
        Add(key, new(number, began, Now(cluster), KeyAction.Put, content.Number, result, condition));
    }

    private async Task<KeyOperation> GetAsync(SimulatedCluster cluster, SimulatedClient client, int number, string key)
    {
        var began = Now(cluster);
        var (status, content, etag) = await client.GetAsync(key);
        var read = new KeyOperation(number, began, Now(cluster), KeyAction.Get, 1, KeyResult.Unknown);
        if (status == DfsStatus.NoSuchKey) read = read with { Result = KeyResult.Missing };
        if (status == DfsStatus.Ok)
        {
            read = read with { Result = KeyResult.Done, Value = NumberOf(cluster, key, content!) };
            _seen[key] = (read.Value, etag);
        }
        if (read.Result != KeyResult.Unknown) Add(key, read);
        return read;
    }

    /// <summary>The content that these bytes are, all of them (I6, I7).</summary>
    private long NumberOf(SimulatedCluster cluster, string key, byte[] content)
    {
        var number = SimulatedClient.NumberOf(content);
        Assert.True(
            _contents.TryGetValue(number, out var written) && written.AsSpan().SequenceEqual(content),
            $"{key}: {content.Length} bytes that nobody wrote\n{cluster.World.Trace}");
        return number;
    }

    private (long Number, byte[] Bytes) Make(Random random)
    {
        var size = random.Next(8) switch
        {
            0 => RecordLayout.PageSize * random.Next(1, 3) + 8 * random.Next(-1, 2),
            1 => 8 * random.Next(12_000, 160_000),
            _ => 8 * random.Next(2, 2_000),
        };
        var bytes = SimulatedClient.Content(++_contentNumber, size);
        _contents[_contentNumber] = bytes;
        return (_contentNumber, bytes);
    }

    private static long Now(SimulatedCluster cluster) => cluster.World.Time.Now.Ticks;

    private void Add(string key, KeyOperation operation)
    {
        if (!_history.TryGetValue(key, out var history)) _history[key] = history = [];
        history.Add(operation);
    }

    private static async Task BeatAsync(SimulatedCluster cluster, TimeSpan end)
    {
        while (cluster.World.Time.Now < end)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), cluster.World.Time);
            try
            {
                await cluster.BeatAsync();
            }
            catch (CatalogException e)
            {
                cluster.World.Note($"a heartbeat: {e.Message}");
            }
        }
    }

    /// <summary>The supervisor's rounds; a failing catalog ends one, and the next comes.</summary>
    private static async Task TendAsync(SimulatedCluster cluster, TimeSpan end)
    {
        while (cluster.World.Time.Now < end)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), cluster.World.Time);
            try
            {
                await cluster.TendAsync();
            }
            catch (CatalogException e)
            {
                cluster.World.Note($"a round of the supervisor: {e.Message}");
            }
        }
    }

    /// <summary>Small misfortunes, anywhere.</summary>
    private Fate Misfortune(string step, StepKind kind)
    {
        var (often, fates) = kind switch
        {
            StepKind.Disk => (2000, new[] { Fate.Fails, Fate.Full, Fate.Full, Fate.Full }),
            StepKind.Message => (150, new[] { Fate.Fails, Fate.FailsAfter }),
            StepKind.Grain => (80, new[] { Fate.Fails, Fate.FailsAfter }),
            _ => (200, new[] { Fate.Fails, Fate.FailsAfter }),
        };
        if (_random.Next(often) != 0) return Fate.Goes;
        _faults++;
        return fates[_random.Next(fates.Length)];
    }

    /// <summary>Large ones, one node at a time: what R replicas must bear (RELIABILITY §1).</summary>
    private async Task NemesisAsync(SimulatedCluster cluster, TimeSpan end)
    {
        while (cluster.World.Time.Now < end)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(500, 12_000)), cluster.World.Time);
            var node = cluster.Nodes[_random.Next(Nodes)];
            _faults++;
            switch (_random.Next(5))
            {
                case 0:
                    cluster.Kill(node);
                    break;
                case 1:
                    cluster.CutPower(node);
                    break;
                case 2:
                    // One way: what it sends to one other gets lost, while it is reached.
                    var other = cluster.Nodes[_random.Next(Nodes)];
                    cluster.Network.Cut(node.Name, _random.Next(3) == 0 ? "silo" : other.Name);
                    break;
                case 3:
                    cluster.World.Time.ClockStep += TimeSpan.FromHours(_random.Next(-3, 4));
                    cluster.World.Note($"the clock steps to {cluster.World.Time.GetUtcNow():O}");
                    break;
                default:
                    cluster.StartSilo();
                    break;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(100, 15_000)), cluster.World.Time);
            cluster.Network.HealAll();
            while (node.Node is null) await RestartAsync(cluster, node);
        }
    }

    private async Task RestartAsync(SimulatedCluster cluster, SimulatedNode node)
    {
        try
        {
            await cluster.StartAsync(node);
        }
        catch (Exception e) when (e is CatalogException or DataFolderException)
        {
            cluster.World.Note($"{node.Name} does not start: {e.Message}");
            node.Process.IsDead = true;
            node.Disk = node.Disk.Kill();
            await Task.Delay(TimeSpan.FromSeconds(1), cluster.World.Time);
        }
    }

    private async Task JudgeAsync(SimulatedCluster cluster)
    {
        for (var i = 0; i < Keys; i++)
        {
            var key = Key(i);
            var began = Now(cluster);
            var content = await cluster.ReadEverywhereAsync(key);
            var read = new KeyOperation(AuditClient, began, began + 1, KeyAction.Get, 1, KeyResult.Missing);
            Add(key, content is null ? read : read with { Result = KeyResult.Done, Value = NumberOf(cluster, key, content) });
            var verdict = LinearizabilityChecker.Check(_history[key]);
            Assert.True(verdict.IsLinearizable, $"{key}: {verdict}\n{cluster.World.Trace}");
        }
    }
}
