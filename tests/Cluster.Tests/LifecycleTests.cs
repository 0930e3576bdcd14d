using Amazon.S3.Model;
using OrleansDfs.Testing;

namespace OrleansDfs.Cluster.Tests;

/// <summary>
/// Lifecycle rules on real processes: whichever silo dies, also the one that carries them out, what is due goes and nothing else does. A day is some
/// seconds here.
/// </summary>
public class LifecycleTests
{
    private const string Bucket = "lifecycle-test";
    private const int Files = 40;

    [SkippableFact, Trait("Category", "Slow")]
    public async Task What_is_due_goes_and_nothing_else_while_each_silo_is_killed_in_turn()
    {
        Skip.If(PostgresServer.FindPrograms() is null, PostgresServer.Missing);
        await using var cluster = await LocalCluster.StartAsync("postgres", settings: new Dictionary<string, string>
        {
            ["OrleansDfs__LifecycleDay"] = "00:00:03",
            ["OrleansDfs__LifecyclePeriod"] = "00:00:00.5",
        });
        await cluster.S3.PutBucketAsync(Bucket);
        await cluster.S3.PutLifecycleConfigurationAsync(new PutLifecycleConfigurationRequest
        {
            BucketName = Bucket,
            Configuration = new LifecycleConfiguration
            {
                Rules =
                [
                    new LifecycleRule
                    {
                        Id = "goes",
                        Status = Amazon.S3.LifecycleRuleStatus.Enabled,
                        Filter = new LifecycleFilter { LifecycleFilterPredicate = new LifecyclePrefixPredicate { Prefix = "goes/" } },
                        Expiration = new LifecycleRuleExpiration { Days = 1 },
                    },
                ],
            },
        });
        string[] silos = ["silo1", "silo2", "silo3"]; // one of them carries the rules out
        for (var round = 0; round < silos.Length; round++)
        {
            await PutAsync($"stays/{round}");
            for (var i = 0; i < Files; i++) await PutAsync($"goes/{round}/{i}");
            await cluster.KillAsync(silos[round]);
            await Eventually.HoldsAsync(
                () => $"everything that was due in round {round} is gone\n{cluster.Output}", async () => await KeysAsync("goes/") is []);
            Assert.Equal(Enumerable.Range(0, round + 1).Select(r => $"stays/{r}"), await KeysAsync("stays/"));
            await cluster.WaitUntilHealthyAsync(silos[round], restarts: 1);
        }

        Task PutAsync(string key) => cluster.S3.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = key, ContentBody = key });

        async Task<string[]> KeysAsync(string prefix)
        {
            var page = await cluster.S3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = Bucket, Prefix = prefix });
            return [.. (page.S3Objects ?? []).Select(o => o.Key)];
        }
    }
}
