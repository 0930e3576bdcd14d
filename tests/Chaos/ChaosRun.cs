using System.Diagnostics;
using OrleansDfs.Linearizability;

namespace OrleansDfs.Chaos;

/// <summary>
/// Rounds of load with one fault each; after each the cluster must become well by itself, every key must be readable, and every history must be one
/// that a single register could have. Keys of earlier rounds are read again and again: what was acknowledged once stays.
/// </summary>
sealed class ChaosRun(ChaosCluster cluster, S3Requests s3, ChaosOptions options, Action<string> say)
{
    private static readonly TimeSpan HealLimit = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan ClientPause = TimeSpan.FromMilliseconds(60);
    private const int RoundsBetweenAudits = 4;

    private readonly Contents _contents = new(options.Seed);
    private readonly History _history = new();
    private readonly ReplicaAudit _replicas = new(cluster);
    private readonly Report _report = new(options.Seed);
    private readonly Dictionary<string, long> _final = [];

    public Report Report => _report;

    public History History => _history;

    public async Task RunAsync()
    {
        var random = new Random(options.Seed);
        var workload = new Workload(s3, _contents, _history, options.Seed, options.Keys);
        var nemesis = new Nemesis(cluster, _replicas, random, options.Pause);
        await MakeBucketAsync();
        await HealAsync("the start");
        var clock = Stopwatch.StartNew();
        // Every kind once before any kind twice, in an order of the seed's.
        var bag = new Queue<string>();
        for (var round = 1; clock.Elapsed < options.Length && _report.Unhealthy == 0; round++)
        {
            if (bag.Count == 0)
            {
                var kinds = options.Scenarios.ToArray();
                random.Shuffle(kinds);
                foreach (var kind in kinds) bag.Enqueue(kind);
            }
            await RoundAsync(round, bag.Dequeue(), workload, nemesis);
            if (round % RoundsBetweenAudits == 0) await AuditAsync(workload);
        }
        await AuditAsync(workload);
        foreach (var violation in _history.Violations)
        {
            if (violation.Contains("CORRUPT", StringComparison.Ordinal)) _report.Corrupt++;
            _report.Failures.Add(violation);
        }
    }

    private async Task RoundAsync(int round, string kind, Workload workload, Nemesis nemesis)
    {
        say($"round {round}: {kind}");
        using var stop = new CancellationTokenSource();
        var load = workload.RunAsync(round, options.Clients, ClientPause, stop.Token);
        await Task.Delay(options.Round / 4);
        var done = await nemesis.StrikeAsync(kind, CancellationToken.None);
        say($"    {done}");
        _report.Faults[kind] = _report.Faults.GetValueOrDefault(kind) + 1;
        await Task.Delay(options.Round * 0.75);
        await stop.CancelAsync();
        await load;
        await HealAsync(kind);
        await ReadAllAsync(workload, Enumerable.Range(0, options.Keys).Select(i => Workload.Key(round, i)));
        if (kind is "flip-bits" or "truncate") RestoreDamage();
        _report.Rounds++;
    }

    private async Task HealAsync(string after)
    {
        var clock = Stopwatch.StartNew();
        var missing = -1;
        while (clock.Elapsed < HealLimit)
        {
            try
            {
                if (await cluster.IsHealthyAsync() && (missing = await _replicas.UnderReplicatedAsync()) == 0) break;
            }
            catch (Npgsql.NpgsqlException)
            {
                missing = -1; // the database is not back yet
            }
            await Task.Delay(500);
        }
        if (clock.Elapsed > _report.LongestHealing) _report.LongestHealing = clock.Elapsed;
        if (missing == 0) return;
        _report.Unhealthy++;
        var resources = string.Join(", ", (await cluster.ResourcesAsync()).Select(r => $"{r.Name} {r.State}"));
        _report.Failures.Add($"not well {HealLimit} after {after}: {missing} chunks under-replicated (-1: unknown); {resources}");
    }

    /// <summary>Reads every key to an answer and checks its history with that read in it.</summary>
    private async Task ReadAllAsync(Workload workload, IEnumerable<string> keys)
    {
        foreach (var key in keys)
        {
            if (await workload.ReadSurelyAsync(key, tries: 40) is not { } read)
            {
                _report.Unreadable++;
                _report.Failures.Add($"{key} cannot be read although the cluster is well");
                continue;
            }
            var value = read.Result == KeyResult.Missing ? 0 : read.Value;
            // What the last audit has judged and is still the same needs no second judgement.
            if (_final.TryGetValue(key, out var before) && before == value) continue;
            _final[key] = value;
            Judge(key, value);
        }
        _report.Keys = _final.Count;
    }

    private void Judge(string key, long final)
    {
        var operations = _history.Of(key);
        var verdict = LinearizabilityChecker.Check(operations);
        if (verdict.IsLinearizable == true) return;
        if (verdict.IsLinearizable is null) _report.Undecided++;
        else if (verdict.Unexplained is [{ Client: 99 }] && final == 0) _report.Lost++;
        else _report.NonLinearizable++;
        _report.Failures.Add($"{key}: {verdict}");
        File.WriteAllLines(
            Path.Combine(cluster.Folder, $"history-{key.Replace('/', '-')}.txt"), operations.OrderBy(o => o.Began).Select(o => o.ToString()));
    }

    private async Task AuditAsync(Workload workload)
    {
        say("audit: every key of every round, every replica of every sealed chunk");
        await ReadAllAsync(workload, [.. _history.Keys]);
        var (differences, chunks) = await _replicas.CompareAsync();
        _report.ChunksCompared = Math.Max(_report.ChunksCompared, chunks);
        _report.DifferentReplicas += differences.Count;
        _report.Failures.AddRange(differences);
        _report.HistoryOperations = _history.Keys.Sum(k => (long)_history.Of(k).Count);
    }

    private void RestoreDamage()
    {
        var (restored, repaired) = _replicas.Restore();
        _report.DamagesUnseen += restored;
        _report.DamagesRepaired += repaired;
    }

    private async Task MakeBucketAsync()
    {
        for (var i = 0; i < 60; i++)
        {
            var answer = await s3.SendAsync(i, HttpMethod.Put, $"/{Workload.Bucket}");
            if (answer.Status is 200 or 409) return;
            await Task.Delay(500);
        }
        throw new InvalidOperationException("The bucket could not be made.");
    }
}
