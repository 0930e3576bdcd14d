using System.Collections.Concurrent;
using System.Diagnostics;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
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
    private static readonly TimeSpan Detection = TimeSpan.FromSeconds(15);

    private readonly ConcurrentQueue<Sample> _puts = new();
    private readonly ConcurrentQueue<Sample> _gets = new();
    private readonly ConcurrentQueue<string> _keys = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    private sealed record Sample(TimeSpan Begin, TimeSpan End, string? Error);

    [Fact]
    public async Task Writers_go_on_readers_see_nothing_and_the_death_is_declared()
    {
        await using var cluster = await LocalCluster.StartAsync(PostgresServer.FindPrograms() is null ? "sqlite" : "postgres");
        await cluster.S3.PutBucketAsync(Bucket);
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, Writers).Select(i => WriteAsync(cluster, i, stop.Token))
            .Concat(Enumerable.Range(0, Readers).Select(i => ReadAsync(cluster, i, stop.Token))).ToArray();
        using var service = await cluster.ConnectAsync();
        await Eventually.HoldsAsync("the load runs", () => Task.FromResult(_keys.Count > 300 && _gets.Count > 100));

        var management = service.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        var victim = (await management.GetDetailedHosts()).Single(s => s.SiloName == "silo2").SiloAddress;
        await cluster.KillAsync("silo2");
        var killed = _clock.Elapsed;
        await Eventually.HoldsAsync("the silo is declared dead", async () => await StatusAsync(management, victim) == SiloStatus.Dead);
        var declared = _clock.Elapsed - killed;
        var acknowledged = _keys.Count;
        await Eventually.HoldsAsync("the load goes on", () => Task.FromResult(_keys.Count > acknowledged + 300));
        await stop.CancelAsync();
        await Task.WhenAll(load);

        var after = _puts.Where(p => p.End > killed).ToList();
        var acks = _puts.Where(p => p.Error is null).Select(p => p.End).Append(killed).Where(t => t >= killed).Order().ToList();
        var gap = acks.Zip(acks.Skip(1), (a, b) => b - a).Max();
        var errors = string.Join("; ", _gets.Where(g => g.Error is not null).Select(g => $"{g.Begin - killed:s\\.ff} {g.Error}").Distinct().Take(5));
        output.WriteLine(
            $"declared dead after {declared.TotalSeconds:0.0} s; longest gap between acknowledged PUTs {gap.TotalSeconds:0.00} s; longest PUT {Longest(after):0.00} s, " +
            $"longest GET {Longest(_gets.Where(g => g.End > killed)):0.00} s; {after.Count} PUTs, {after.Count(p => p.Error is not null)} not acknowledged; GET errors: {errors}");
        output.WriteLine(string.Join("\n", after.Where(p => p.Error is not null || p.End - p.Begin > TimeSpan.FromSeconds(1)).OrderBy(p => p.Begin)
            .Select(p => $"  {(p.Begin - killed).TotalSeconds:0.00} +{(p.End - p.Begin).TotalSeconds:0.00} {p.Error}").Take(40)));
        Assert.True(declared <= Detection, $"declared dead after {declared}");
        Assert.True(gap <= LongestGap, $"no PUT was acknowledged for {gap}");
        Assert.Equal("", errors);
        await service.StopAsync();
    }

    private static double Longest(IEnumerable<Sample> samples) => samples.Select(s => (s.End - s.Begin).TotalSeconds).DefaultIfEmpty().Max();

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

    private async Task WriteAsync(LocalCluster cluster, int writer, CancellationToken stop)
    {
        using var s3 = Client(cluster);
        var body = new byte[4096];
        Random.Shared.NextBytes(body);
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var key = $"{writer}/{i}";
            var error = await TimedAsync(_puts, () => s3.PutObjectAsync(new PutObjectRequest
            {
                BucketName = Bucket,
                Key = key,
                InputStream = new MemoryStream(body),
                UseChunkEncoding = false,
            }, CancellationToken.None));
            if (error is null) _keys.Enqueue(key);
        }
    }

    private async Task ReadAsync(LocalCluster cluster, int reader, CancellationToken stop)
    {
        using var s3 = Client(cluster);
        var random = new Random(reader);
        while (!stop.IsCancellationRequested)
        {
            var known = _keys.ToArray();
            if (known.Length == 0) await Task.Yield();
            else
                await TimedAsync(_gets, async () =>
                {
                    using var response = await s3.GetObjectAsync(Bucket, known[random.Next(known.Length)], CancellationToken.None);
                    await response.ResponseStream.CopyToAsync(Stream.Null, CancellationToken.None);
                });
        }
    }

    private async Task<string?> TimedAsync(ConcurrentQueue<Sample> samples, Func<Task> request)
    {
        var begin = _clock.Elapsed;
        string? error = null;
        try
        {
            await request();
        }
        catch (Exception e) when (e is AmazonServiceException or HttpRequestException or IOException)
        {
            error = e is AmazonServiceException s ? $"{s.ErrorCode}: {s.Message}" : e.Message;
        }
        samples.Enqueue(new Sample(begin, _clock.Elapsed, error));
        return error;
    }

    /// <summary>One try: what the server answers is what is measured.</summary>
    private static AmazonS3Client Client(LocalCluster cluster) => new(
        cluster.Credentials,
        new AmazonS3Config { ServiceURL = $"http://127.0.0.1:{cluster.Port}", ForcePathStyle = true, AuthenticationRegion = "us-east-1", MaxErrorRetry = 0 });
}
