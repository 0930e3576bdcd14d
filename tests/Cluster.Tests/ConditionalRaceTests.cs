using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using OrleansDfs.Testing;

namespace OrleansDfs.Cluster.Tests;

/// <summary>
/// PROTOCOL P15 and P18 on real processes: of many writers that all say <c>If-None-Match: *</c>, over two gateways, one makes the key, whatever dies
/// meanwhile. An answer 503 says nothing about the outcome: then what is there tells who won.
/// </summary>
public class ConditionalRaceTests
{
    private const string Bucket = "race-test";
    private const int Writers = 64;

    /// <summary>Which silo dies in which race; none in the first, to see that the race is one.</summary>
    private static readonly string?[] Victims = [null, "silo2", "silo3", "silo1"];

    private enum Answer
    {
        Won,
        Lost,
        Unknown,
    }

    [SkippableFact, Trait("Category", "Slow")]
    public async Task Of_64_conditional_writers_over_two_gateways_one_wins_while_a_silo_is_killed()
    {
        Skip.If(PostgresServer.FindPrograms() is null, PostgresServer.Missing);
        await using var cluster = await LocalCluster.StartAsync("postgres");
        await using var second = await SecondGateway.StartAsync(cluster, OneTry);
        using var first = cluster.ClientAt(cluster.Port, OneTry);
        await cluster.S3.PutBucketAsync(Bucket);
        await cluster.S3.PutBucketVersioningAsync(new PutBucketVersioningRequest
        {
            BucketName = Bucket,
            VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Enabled }, // two writes would leave two versions
        });
        for (var race = 0; race < Victims.Length; race++)
        {
            var victim = Victims[race];
            await RaceAsync($"key-{race}", victim, cluster, [first, second.S3]);
            if (victim is not null) await cluster.WaitUntilHealthyAsync(victim, restarts: 1);
        }

        static void OneTry(AmazonS3Config config) => config.MaxErrorRetry = 0; // a repetition would hide who won
    }

    private static async Task RaceAsync(string key, string? victim, LocalCluster cluster, AmazonS3Client[] gateways)
    {
        var begun = 0;
        var half = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writers = Enumerable.Range(0, Writers).Select(async writer =>
        {
            if (Interlocked.Increment(ref begun) == Writers / 2) half.SetResult();
            return await WriteAsync(gateways[writer % gateways.Length], key, writer);
        }).ToArray();
        await half.Task;
        if (victim is not null) await cluster.KillAsync(victim);
        var answers = await Task.WhenAll(writers);

        var seen = string.Join(", ", answers.GroupBy(a => a).Select(g => $"{g.Count()} {g.Key}"));
        var winners = Enumerable.Range(0, Writers).Where(w => answers[w] == Answer.Won).ToList();
        Assert.True(winners.Count <= 1, $"{key}: {seen}");
        var versions = (await cluster.S3.ListVersionsAsync(Bucket, key)).Versions ?? [];
        if (answers.All(a => a == Answer.Unknown) && versions.Count == 0) // nobody got through: the key is still to be had
            Assert.Equal(Answer.Won, await WriteAsync(cluster.S3, key, Writers));
        else
        {
            Assert.True(versions.Count == 1, $"{key}: {versions.Count} versions, {seen}");
            var there = int.Parse(await ReadAsync(cluster, key), System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(winners.Count == 1 ? there == winners[0] : answers[there] == Answer.Unknown, $"{key}: {there} is there, {seen}");
        }
        Assert.Equal(Answer.Lost, await WriteAsync(cluster.S3, key, -1));
        if (victim is null) Assert.Single(winners);
    }

    private static async Task<Answer> WriteAsync(AmazonS3Client s3, string key, int writer)
    {
        try
        {
            await s3.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = key, ContentBody = $"{writer}", IfNoneMatch = "*" });
            return Answer.Won;
        }
        catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict)
        {
            return Answer.Lost;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            return Answer.Unknown;
        }
    }

    private static async Task<string> ReadAsync(LocalCluster cluster, string key)
    {
        using var response = await cluster.S3.GetObjectAsync(Bucket, key);
        using var reader = new StreamReader(response.ResponseStream);
        return await reader.ReadToEndAsync();
    }
}
