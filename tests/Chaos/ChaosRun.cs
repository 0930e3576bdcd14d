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
    /// <summary>Twice what the scrub's period, its pause and a busy machine make likely.</summary>
    private static readonly TimeSpan NoticeLimit = TimeSpan.FromSeconds(90);

    private const int RoundsBetweenAudits = 4;

    private readonly Contents _contents = new(options.Seed);
    private readonly History _history = new();
    private readonly ReplicaAudit _replicas = new(cluster);
    private readonly Report _report = new(options.Seed);
    private readonly Membership _membership = new(cluster);
    private readonly Dictionary<string, string> _final = [];
    private readonly Dictionary<string, IReadOnlyList<long>> _stacks = [];

    public Report Report => _report;

    public History History => _history;

    public async Task RunAsync()
    {
        var random = new Random(options.Seed);
        var workload = new Workload(s3, _contents, _history, options.Seed, options.Keys);
        var nemesis = new Nemesis(cluster, _replicas, random, options.Pause);
        await MakeBucketsAsync();
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
        await ReadVersionsAsync(workload, _stacks.Keys);
        // Beside other faults a death may be theirs after all; alone, load must not look like one (issue 4, point 1).
        if (options.IsCalm && _report.FalseDeaths > 0)
            _report.Failures.Add($"{_report.FalseDeaths} silos were declared dead although nothing was done to any");
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
        var began = History.Now;
        var load = workload.RunAsync(round, options.Clients, options.Rest, stop.Token);
        await Task.Delay(options.Round / 4);
        var strike = await nemesis.StrikeAsync(kind, CancellationToken.None);
        say($"    {strike.What}");
        _report.Faults[kind] = _report.Faults.GetValueOrDefault(kind) + 1;
        await Task.Delay(options.Round * 0.75);
        var gap = _history.LongestGap(began, History.Now);
        _report.Gaps[kind] = gap > _report.Gaps.GetValueOrDefault(kind) ? gap : _report.Gaps[kind];
        await stop.CancelAsync();
        await load;
        await HealAsync(kind);
        await CountDeathsAsync(strike);
        string[] keys = [.. Enumerable.Range(0, options.Keys).Select(i => Workload.Key(round, i))];
        await ReadAllAsync(workload, keys);
        await ReadVersionsAsync(workload, keys.Where(Workload.IsVersioned));
        await NoticeAsync();
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
            if (await workload.ReadSurelyAsync(key, tries: 40) is not { } read || (Workload.IsVersioned(key) && !await StackAsync(workload, key)))
            {
                _report.Unreadable++;
                _report.Failures.Add($"{key} cannot be read although the cluster is well");
                continue;
            }
            var value = read.Result == KeyResult.Missing ? 0 : read.Value;
            // What the last audit has judged and is still the same needs no second judgement.
            var seen = $"{value}: {string.Join(' ', _stacks.GetValueOrDefault(key, []))}";
            if (_final.TryGetValue(key, out var before) && before == seen) continue;
            _final[key] = seen;
            Judge(key);
        }
        _report.Keys = _final.Count;
        _report.Versions = _stacks.Values.Sum(s => s.Count);
    }

    private async Task<bool> StackAsync(Workload workload, string key)
    {
        for (var i = 0; i < 40; i++)
        {
            if (i > 0) await Task.Delay(500);
            if (await workload.Versions.StackAsync(key, gateway: i) is not { } stack) continue;
            _stacks[key] = stack;
            return true;
        }
        return false;
    }

    private async Task ReadVersionsAsync(Workload workload, IEnumerable<string> keys)
    {
        foreach (var key in keys.ToList())
        {
            foreach (var number in await workload.Versions.ReadAsync(key, _stacks.GetValueOrDefault(key, []), tries: 40))
            {
                _report.Unreadable++;
                _report.Failures.Add($"{key}: version {number} is listed and cannot be read although the cluster is well");
            }
        }
    }

    private void Judge(string key)
    {
        var operations = _history.Of(key);
        var verdict = LinearizabilityChecker.Check(operations, Workload.IsVersioned(key));
        if (verdict.IsLinearizable == true) return;
        if (verdict.IsLinearizable is null) _report.Undecided++;
        else if (verdict.Unexplained.All(o => o is { Client: VersionedKeys.AuditClient, Result: KeyResult.Missing })) _report.Lost++;
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

    /// <summary>Waits until the scrub, or a read, has found every damaged replica and repair has replaced it.</summary>
    private async Task NoticeAsync()
    {
        var clock = Stopwatch.StartNew();
        var (found, retired, served) = await _replicas.NoticedAsync();
        while (served.Count > 0 && clock.Elapsed < NoticeLimit)
        {
            await Task.Delay(500);
            (found, retired, served) = await _replicas.NoticedAsync();
        }
        if (found > 0 && clock.Elapsed > _report.LongestToNotice) _report.LongestToNotice = clock.Elapsed;
        if (found > 0) await HealAsync("a damaged replica was found");
        _report.DamagesRepaired += found;
        _report.DamagesRetired += retired;
        _report.DamagesUnseen += served.Count;
        _report.Failures.AddRange(served.Select(f => $"{f} is damaged and nothing has noticed it for {NoticeLimit}"));
        _replicas.Restore(served);
    }

    private async Task CountDeathsAsync(Strike strike)
    {
        foreach (var silo in await _membership.NewDeathsAsync())
        {
            if (strike.Silos.Contains(silo))
            {
                _report.Deaths++;
                continue;
            }
            say($"    {silo} was declared dead although nothing was done to it");
            _report.FalseDeaths++;
        }
    }

    private async Task MakeBucketsAsync()
    {
        await SurelyAsync($"/{Workload.Bucket}", null);
        await SurelyAsync($"/{Workload.VersionedBucket}", null);
        await SurelyAsync(
            $"/{Workload.VersionedBucket}?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"u8.ToArray());
    }

    private async Task SurelyAsync(string target, byte[]? body)
    {
        var answer = Answer.None;
        for (var i = 0; i < 60; i++)
        {
            answer = await s3.SendAsync(i, HttpMethod.Put, target, body);
            if (answer.Status is 200 or 409) return;
            await Task.Delay(500);
        }
        throw new InvalidOperationException($"PUT {target}: {answer.Status} {answer.Text}");
    }
}
