using System.Diagnostics;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using OrleansDfs.Embedded;

namespace OrleansDfs.Conformance.Tests.Operations;

/// <summary>Lifecycle rules carried out by a running server whose days are a second long.</summary>
public sealed class LifecycleExecutionTests : IAsyncLifetime
{
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    readonly string _folder = Path.Combine(Path.GetTempPath(), "odfs-lifecycle-" + Guid.NewGuid().ToString("N"));
    EmbeddedServer _server = null!;
    AmazonS3Client _s3 = null!;

    public async Task InitializeAsync()
    {
        _server = await EmbeddedServer.StartAsync(new EmbeddedOptions
        {
            Directory = _folder,
            Port = 0,
            Log = Environment.GetEnvironmentVariable("ODFS_TEST_LOG") == "1",
            Settings = new Dictionary<string, string?> { ["OrleansDfs:LifecycleDay"] = "00:00:01", ["OrleansDfs:LifecyclePeriod"] = "00:00:00.2" },
        });
        _s3 = new AmazonS3Client(new BasicAWSCredentials(_server.AccessKey, _server.SecretKey), new AmazonS3Config
        {
            ServiceURL = _server.Endpoint.ToString(),
            AuthenticationRegion = "us-east-1",
            ForcePathStyle = true,
        });
    }

    [Fact]
    public async Task Files_versions_markers_and_uploads_go_when_they_are_due()
    {
        await _s3.PutBucketAsync("plain");
        await _s3.PutBucketAsync("versioned");
        await _s3.PutBucketVersioningAsync(new PutBucketVersioningRequest
        {
            BucketName = "versioned",
            VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Enabled },
        });
        await Put("plain", Rule("expire1/", r => r.Expiration = new LifecycleRuleExpiration { Days = 1 }),
            Rule("", r => r.AbortIncompleteMultipartUpload = new LifecycleRuleAbortIncompleteMultipartUpload { DaysAfterInitiation = 1 }));
        await _s3.Put("plain", "expire1/a", "x");
        await _s3.Put("plain", "expire1/b", "x");
        await _s3.Put("plain", "keep/a", "x");
        await _s3.InitiateMultipartUploadAsync("plain", "never");
        await Until(async () => await Keys("plain") == "keep/a"
            && (await _s3.ListMultipartUploadsAsync("plain")).MultipartUploads is null or { Count: 0 });

        // From the current version to a marker, from the marker to nothing.
        foreach (var content in new[] { "1", "2", "3" }) await _s3.Put("versioned", "k", content);
        await Put("versioned",
            Rule("k", r => r.Expiration = new LifecycleRuleExpiration { Days = 1 }),
            Rule("", r => r.NoncurrentVersionExpiration = new LifecycleRuleNoncurrentVersionExpiration { NoncurrentDays = 1 }));
        await _s3.Put("versioned", "other", "stays");
        await Until(async () => (await _s3.ListVersionsAsync("versioned")).Versions is [{ Key: "other", IsLatest: true }]);
        Assert.Equal("stays", await _s3.Text("versioned", "other"));
    }

    public async Task DisposeAsync()
    {
        _s3.Dispose();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    static LifecycleRule Rule(string prefix, Action<LifecycleRule> action)
    {
        var rule = new LifecycleRule
        {
            Status = LifecycleRuleStatus.Enabled,
            Filter = new LifecycleFilter { LifecycleFilterPredicate = new LifecyclePrefixPredicate { Prefix = prefix } },
        };
        action(rule);
        return rule;
    }

    Task<PutLifecycleConfigurationResponse> Put(string bucket, params LifecycleRule[] rules) => _s3.PutLifecycleConfigurationAsync(
        new PutLifecycleConfigurationRequest { BucketName = bucket, Configuration = new LifecycleConfiguration { Rules = [.. rules] } });

    async Task<string> Keys(string bucket)
    {
        var page = await _s3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket });
        return string.Join(' ', (page.S3Objects ?? []).Select(o => o.Key));
    }

    static async Task Until(Func<Task<bool>> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(clock.Elapsed < _patience, "The rules were not carried out in time.");
            await Task.Delay(50);
        }
    }
}
