using System.Globalization;
using Amazon.S3;
using OrleansDfs.Testing;
using Xunit.Abstractions;

namespace OrleansDfs.Cluster.Tests;

/// <summary>
/// The database goes while files are written and read, and later everything is killed at once (issue 4, point 7; RELIABILITY I2, I15): requests fail
/// fast with 503, nothing that was acknowledged is lost, and all comes back by itself.
/// </summary>
public class CatalogOutageTests(ITestOutputHelper output)
{
    private const string Bucket = "outage";
    private static readonly string[] Processes = ["silo1", "silo2", "silo3", "gateway"];

    /// <summary>A request under way when the database went may wait for one of its deadlines (5 s); nothing waits for the outage.</summary>
    private static readonly TimeSpan Fast = TimeSpan.FromSeconds(12);

    /// <summary>On a machine that has the time: with many runnable processes for each core, starting the silos alone takes longer.</summary>
    private static TimeSpan Recovery => TimeSpan.FromSeconds(IsOverloaded() ? 240 : 60);

    [SkippableFact]
    public Task Ten_seconds_without_the_catalog_and_a_crash_of_everything_lose_nothing() => RunAsync(TimeSpan.FromSeconds(10));

    [SkippableFact, Trait("Category", "Slow")]
    public Task A_minute_without_the_catalog_and_a_crash_of_everything_lose_nothing() => RunAsync(TimeSpan.FromSeconds(60));

    private async Task RunAsync(TimeSpan outage)
    {
        await using var server = await PostgresServer.TryStartAsync();
        Skip.If(server is null, PostgresServer.Missing);
        await using var cluster = await LocalCluster.StartAsync("", settings: new Dictionary<string, string>
        {
            ["ConnectionStrings__catalog"] = await server.CreateDatabaseAsync(),
        });
        await cluster.S3.PutBucketAsync(Bucket);
        var load = new SmallFileLoad(cluster, Bucket);
        load.Start(writers: 6, readers: 2);
        await load.GoesOnAsync("the load runs", 200);

        await server.StopAsync();
        var stopped = load.Now;
        await Task.Delay(outage); // the length of the outage is what is tried
        var acknowledged = load.Keys.Count;
        var during = load.Puts.Concat(load.Gets).Where(s => s.Begin > stopped).ToList();
        await server.RestartAsync();
        var restarted = load.Now;
        await load.GoesOnAsync("files are written again after the outage", 1);
        var recovered = load.Now - restarted;
        await load.GoesOnAsync("and go on to be", 100);
        Report($"outage of {outage.TotalSeconds} s", load, stopped, recovered);
        Assert.NotEmpty(during);
        Assert.All(during.Where(s => s.Error is not null), s => Assert.Equal(503, s.Status));
        Assert.True(during.Count(s => s.Error is null) < 50, "The catalog was away and requests succeeded: what was tried?");
        Assert.True(recovered < Recovery, $"written again only after {recovered}");
        Assert.DoesNotContain(load.Puts.Concat(load.Gets), s => s.Length > Fast);
        Assert.True(load.Keys.Count > acknowledged);

        var before = (await cluster.ResourcesAsync()).ToDictionary(r => r.Name, r => r.Restarts);
        foreach (var process in Processes) await cluster.KillAsync(process);
        await server.StopAsync();
        var killed = load.Now;
        await server.RestartAsync();
        await load.GoesOnAsync("files are written again after the crash of everything", 1);
        var back = load.Now - killed;
        Report("kill -9 of everything", load, killed, back);
        Assert.True(back < Recovery, $"written again only after {back}");
        foreach (var process in Processes) await cluster.WaitUntilHealthyAsync(process, before[process] + 1);
        await load.StopAsync();
        await load.CheckAsync();
    }

    private static bool IsOverloaded() => File.Exists("/proc/loadavg")
        && double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture) > 4 * Environment.ProcessorCount;

    private void Report(string what, SmallFileLoad load, TimeSpan since, TimeSpan until)
    {
        var samples = load.Puts.Concat(load.Gets).Where(s => s.End > since).ToList();
        var answers = string.Join(", ", samples.GroupBy(s => s.Status).OrderBy(g => g.Key).Select(g => $"{g.Key}: {g.Count()}"));
        output.WriteLine(
            $"{what}: written again {until.TotalSeconds:0.0} s after; longest request {samples.Max(s => s.Length.TotalSeconds):0.0} s; "
            + $"answers {answers}; {load.Keys.Count} files acknowledged so far");
    }
}
