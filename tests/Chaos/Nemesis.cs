namespace OrleansDfs.Chaos;

/// <summary>
/// What goes wrong, drawn from the seed. A fault starts from a healthy cluster and is healed before it returns, so that at most R − 1 replicas are
/// lost at any time, which is what is promised to survive (RELIABILITY §1).
/// </summary>
sealed class Nemesis(ChaosCluster cluster, ReplicaAudit replicas, Random random, TimeSpan pause)
{
    public const string Calm = "calm";

    public static readonly string[] Kinds =
    [
        "kill-silo", "kill-gateway", "kill-everything", "pause-silo", "pause-postgres", "kill-postgres", "flip-bits", "truncate", "replace-disk",
        Calm,
    ];

    /// <summary>Does it, and returns when it is undone.</summary>
    public async Task<Strike> StrikeAsync(string kind, CancellationToken stop)
    {
        var silo = $"silo{random.Next(1, 4)}";
        switch (kind)
        {
            case Calm:
                return new("nothing");
            case "kill-silo":
                await cluster.SignalAsync(silo, Signals.Kill);
                return new($"kill -9 of {silo}", silo);
            case "kill-gateway":
                var gateway = random.Next(2) == 0 ? "gateway" : ChaosCluster.SecondGateway;
                await cluster.SignalAsync(gateway, Signals.Kill);
                return new($"kill -9 of {gateway}");
            case "kill-everything":
                foreach (var name in new[] { "silo1", "silo2", "silo3", "gateway", ChaosCluster.SecondGateway, "postgres" })
                    await cluster.SignalAsync(name, Signals.Kill);
                return new("kill -9 of all silos, gateways and PostgreSQL", "silo1", "silo2", "silo3");
            case "pause-silo":
                await PauseAsync(silo, stop);
                return new($"SIGSTOP of {silo} for {pause.TotalSeconds} s", silo); // and back as a zombie, that others have declared dead
            case "pause-postgres":
                await PauseAsync("postgres", stop);
                return new($"SIGSTOP of PostgreSQL for {pause.TotalSeconds} s");
            case "kill-postgres":
                await cluster.SignalAsync("postgres", Signals.Kill);
                return new("kill -9 of PostgreSQL");
            case "flip-bits":
                return new(await replicas.DamageAsync(silo, random, truncate: false));
            case "truncate":
                return new(await replicas.DamageAsync(silo, random, truncate: true));
            case "replace-disk":
                await cluster.SignalAsync(silo, Signals.Kill);
                // Renamed and not deleted: it is one step, done long before the launcher starts the silo again, and is there for a look afterwards.
                var folder = Path.Combine(cluster.Data, "nodes", silo);
                Directory.Move(folder, $"{folder}.lost-{random.Next():x}");
                return new($"kill -9 of {silo}, its disk replaced by an empty one", silo);
            default:
                throw new ArgumentException($"There is no fault '{kind}'; there are {string.Join(", ", Kinds)}.");
        }
    }

    private async Task PauseAsync(string name, CancellationToken stop)
    {
        await cluster.SignalAsync(name, Signals.Stop);
        try
        {
            await Task.WhenAny(Task.Delay(pause, stop));
        }
        finally
        {
            await cluster.SignalAsync(name, Signals.Continue);
        }
    }
}

/// <param name="What">What was done, for people.</param>
/// <param name="Silos">Those that the others may well take for dead because of it.</param>
sealed record Strike(string What, params string[] Silos);
