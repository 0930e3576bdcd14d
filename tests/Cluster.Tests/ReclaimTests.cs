using System.Security.Cryptography;
using Amazon.S3.Model;
using OrleansDfs.Testing;
using Xunit.Abstractions;

namespace OrleansDfs.Cluster.Tests;

/// <summary>Dead bytes are given back while users write, copy, delete and read (PROTOCOL P24–P26), on real processes.</summary>
public class ReclaimTests(ITestOutputHelper output)
{
    private const string Bucket = "reclaim";
    private const int Workers = 4;
    private const int KeysOfWorker = 24;
    private const int Replicas = 3;
    private const double MostOverhead = 1.3;

    /// <summary>Bytes written in all; <c>RECLAIM_MB</c> changes it.</summary>
    private static readonly long Volume =
        (long.TryParse(Environment.GetEnvironmentVariable("RECLAIM_MB"), out var megabytes) ? megabytes : 2048) << 20;

    [SkippableFact, Trait("Category", "Slow")]
    public async Task Disk_use_returns_to_what_the_live_bytes_need()
    {
        Skip.If(PostgresServer.FindPrograms() is null, PostgresServer.Missing);
        await using var cluster = await LocalCluster.StartAsync("postgres", settings: new Dictionary<string, string>
        {
            ["OrleansDfs__ChunkSize"] = "8388608",
            ["OrleansDfs__Grace"] = "00:00:05",
            ["OrleansDfs__Compaction__Period"] = "00:00:01",
        });
        await cluster.S3.PutBucketAsync(Bucket);
        // Begun before everything else and finished after it: its chunks are compacted and deleted under the reader (P22, P26).
        var kept = new byte[48 << 20];
        new Random(1).NextBytes(kept);
        for (var i = 0; i < 8; i++) await PutAsync(cluster, $"neighbour{i}", new byte[1_500_000]);
        await PutAsync(cluster, "kept", kept);
        for (var i = 0; i < 8; i++) await cluster.S3.DeleteObjectAsync(Bucket, $"neighbour{i}");
        using var slow = await cluster.S3.GetObjectAsync(Bucket, "kept");

        long written = 0, peak = 0;
        var files = new Dictionary<string, (byte[] Hash, long Size)>[Workers];
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(async worker =>
        {
            var random = new Random(100 + worker);
            var mine = files[worker] = [];
            while (Interlocked.Read(ref written) < Volume)
            {
                Interlocked.Add(ref written, await StepAsync(cluster, $"w{worker}/", mine, random));
                if (worker == 0) peak = Math.Max(peak, DiskBytes(cluster));
            }
        }));

        // copies share their bytes
        var live = files.SelectMany(f => f.Values).DistinctBy(f => Convert.ToHexString(f.Hash)).Sum(f => f.Size) + kept.Length;
        var use = 0L;
        await Eventually.HoldsAsync(
            () => $"{use} bytes on the disks are at most {MostOverhead} × {live} live bytes × {Replicas}\n{cluster.Output}",
            () =>
            {
                use = DiskBytes(cluster);
                return Task.FromResult(use <= MostOverhead * live * Replicas);
            });
        output.WriteLine(
            $"written {written >> 20} MiB, live {live >> 20} MiB, most on the disks {peak >> 20} MiB, in the end {use >> 20} MiB: " +
            $"{(double)use / live / Replicas:0.00} × live × {Replicas}");
        Assert.Equal(SHA256.HashData(kept), await SHA256.HashDataAsync(slow.ResponseStream));
        foreach (var (key, (hash, _)) in files.SelectMany(f => f))
        {
            using var got = await cluster.S3.GetObjectAsync(Bucket, key);
            Assert.Equal(hash, await SHA256.HashDataAsync(got.ResponseStream));
        }
    }

    /// <summary>One operation of a user on one of the worker's keys; answers the bytes written.</summary>
    private static async Task<long> StepAsync(LocalCluster cluster, string prefix, Dictionary<string, (byte[] Hash, long Size)> files, Random random)
    {
        var key = $"{prefix}{random.Next(KeysOfWorker)}";
        switch (random.Next(10))
        {
            case 0:
                await cluster.S3.DeleteObjectAsync(Bucket, key);
                files.Remove(key);
                return 0;
            case 1 when files.ContainsKey(key):
                var copy = $"{prefix}copy{random.Next(KeysOfWorker)}"; // never onto itself, which S3 refuses
                await cluster.S3.CopyObjectAsync(Bucket, key, Bucket, copy);
                files[copy] = files[key];
                return 0;
            default:
                var bytes = new byte[random.Next(4) == 0 ? random.Next(1, 60_000) : random.Next(100_000, 6_000_000)];
                random.NextBytes(bytes);
                await PutAsync(cluster, key, bytes);
                files[key] = (SHA256.HashData(bytes), bytes.Length);
                return bytes.Length;
        }
    }

    private static Task<PutObjectResponse> PutAsync(LocalCluster cluster, string key, byte[] bytes) =>
        cluster.S3.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = key, InputStream = new MemoryStream(bytes) });

    private static long DiskBytes(LocalCluster cluster)
    {
        long sum = 0;
        foreach (var path in Directory.EnumerateFiles(cluster.Folder, "*.chunk", SearchOption.AllDirectories))
        {
            var file = new FileInfo(path);
            if (file.Exists) sum += file.Length; // it may have gone since it was listed
        }
        return sum;
    }
}
