using Amazon.S3;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using OrleansDfs.Testing;
using Xunit.Abstractions;

namespace OrleansDfs.Cluster.Tests;

/// <summary>
/// A silo dies by kill -9 while small files are written and read: how long nobody's PUT is acknowledged, how long one request takes, how soon
/// the silo is declared dead (issue 4, points 1 and 2).
/// </summary>
public class SiloDeathTests(ITestOutputHelper output)
{
    private const string Bucket = "silo-death";
    private const int Writers = 8;
    private const int Readers = 3;
    private static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan HangGap = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Detection = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Writers_go_on_readers_see_nothing_and_the_death_is_declared()
    {
        await using var cluster = await LocalCluster.StartAsync(PostgresServer.FindPrograms() is null ? "sqlite" : "postgres");
        await cluster.S3.PutBucketAsync(Bucket);
        var load = new SmallFileLoad(cluster, Bucket);
        load.Start(Writers, Readers);
        using var service = await cluster.ConnectAsync();
        await Eventually.HoldsAsync("the load runs", () => Task.FromResult(load.Keys.Count > 300 && load.Gets.Count > 100));

        var management = service.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        var victim = (await management.GetDetailedHosts()).Single(s => s.SiloName == "silo2").SiloAddress;
        await cluster.KillAsync("silo2");
        var killed = load.Now;
        await Eventually.HoldsAsync("the silo is declared dead", async () => await StatusAsync(management, victim) == SiloStatus.Dead);
        var declared = load.Now - killed;
        await load.GoesOnAsync("the load goes on", 300);
        await load.StopAsync();

        var after = load.Puts.Where(p => p.End > killed).ToList();
        var acks = load.Puts.Where(p => p.Error is null).Select(p => p.End).Append(killed).Where(t => t >= killed).Order().ToList();
        var gap = acks.Zip(acks.Skip(1), (a, b) => b - a).Max();
        var errors =
            string.Join("; ", load.Gets.Where(g => g.Error is not null).Select(g => $"{g.Begin - killed:s\\.ff} {g.Error}").Distinct().Take(5));
        output.WriteLine(
            $"declared dead after {declared.TotalSeconds:0.0} s; longest gap between acknowledged PUTs {gap.TotalSeconds:0.00} s; longest PUT {Longest(after):0.00} s, " +
            $"longest GET {Longest(load.Gets.Where(g => g.End > killed)):0.00} s; {after.Count} PUTs, {after.Count(p => p.Error is not null)} not acknowledged; GET errors: {errors}");
        output.WriteLine(string.Join("\n", after.Where(p => p.Error is not null || p.Length > TimeSpan.FromSeconds(1)).OrderBy(p => p.Begin)
            .Select(p => $"  {(p.Begin - killed).TotalSeconds:0.00} +{p.Length.TotalSeconds:0.00} {p.Error}").Take(40)));
        Assert.True(declared <= Detection, $"declared dead after {declared}");
        Assert.True(gap <= LongestGap, $"no PUT was acknowledged for {gap}");
        Assert.Equal("", errors);
        await service.StopAsync();
    }

    /// <summary>
    /// A process that hangs breaks no connection, and until it is declared dead it is a member. Calls of files and opens of chunks go around it within
    /// a few seconds (SharedFilesTests, OpenerTests); a bucket's or a user's grain that a client happens to ask there does not, so the bound here is that
    /// of the declaration and of calls repeated until then.
    /// </summary>
    [Fact, Trait("Category", "Slow")]
    public async Task A_silo_that_hangs_is_gone_around()
    {
        await using var cluster = await LocalCluster.StartAsync(PostgresServer.FindPrograms() is null ? "sqlite" : "postgres");
        await cluster.S3.PutBucketAsync(Bucket);
        var load = new SmallFileLoad(cluster, Bucket);
        load.Start(Writers, Readers);
        await Eventually.HoldsAsync("the load runs", () => Task.FromResult(load.Keys.Count > 300 && load.Gets.Count > 100));

        using var service = await cluster.ConnectAsync();
        var management = service.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        // Each in turn: which of them this gateway asks is drawn.
        foreach (var silo in new[] { "silo1", "silo2", "silo3" })
        {
            await cluster.PauseAsync(silo);
            var paused = load.Now;
            await load.GoesOnAsync($"the load goes on without {silo}", 100);
            await Eventually.HoldsAsync("the pause is longer than a timeout", () => Task.FromResult(load.Now - paused > Pause));
            await cluster.ContinueAsync(silo);
            var continued = load.Now;
            await Eventually.HoldsAsync($"{silo} is a member again, started anew if it was declared dead", async () => await ActiveAsync(management) == 3);
            await load.GoesOnAsync($"the load goes on with {silo}", 100);

            var acks = load.Puts.Where(p => p.Error is null && p.End >= paused && p.End <= continued).Select(p => p.End).Append(paused).Order().ToList();
            var gap = acks.Zip(acks.Skip(1), (a, b) => b - a).Max();
            var gets = load.Gets.Where(g => g.End >= paused && g.Begin <= continued).ToList();
            output.WriteLine(
                $"{silo} paused: longest gap between acknowledged PUTs {gap.TotalSeconds:0.00} s; longest GET {Longest(gets):0.00} s, {gets.Count(g => g.Error is not null)} of {gets.Count} failed");
            Assert.True(gap <= HangGap, $"no PUT was acknowledged for {gap} while {silo} hung");
            Assert.True(Longest(gets) <= HangGap.TotalSeconds, $"a GET took {Longest(gets):0.00} s while {silo} hung");
        }
        await load.StopAsync();
        await load.CheckAsync();
        await service.StopAsync();
    }

    private static double Longest(IEnumerable<SmallFileLoad.Sample> samples) => samples.Select(s => s.Length.TotalSeconds).DefaultIfEmpty().Max();

    private static async Task<int> ActiveAsync(IManagementGrain management)
    {
        try
        {
            return (await management.GetHosts(onlyActive: true).WaitAsync(TimeSpan.FromSeconds(1))).Count(s => s.Value == SiloStatus.Active);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return 0;
        }
    }

    private static async Task<SiloStatus> StatusAsync(IManagementGrain management, SiloAddress silo)
    {
        try
        {
            return (await management.GetHosts().WaitAsync(TimeSpan.FromSeconds(1))).GetValueOrDefault(silo, SiloStatus.Dead);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return SiloStatus.None; // the answer was to come from the silo that has just died
        }
    }
}
