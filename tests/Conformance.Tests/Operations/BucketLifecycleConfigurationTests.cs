using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

/// <summary>Get- and PutBucketLifecycleConfiguration, DeleteBucketLifecycle, and what other answers tell of the rules.</summary>
[Collection(S3Tests.Name)]
public sealed class BucketLifecycleConfigurationTests(S3Server server)
{
    const string Expiring = "<Rule><ID>a</ID><Filter/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>";

    [Fact]
    public async Task Set_read_replaced_and_removed()
    {
        var bucket = await server.NewBucket();
        Assert.Equal((404, "NoSuchLifecycleConfiguration"), await Missing(bucket));
        await Put(bucket,
            Rule("logs", "logs/", r => r.Expiration = new LifecycleRuleExpiration { Days = 30 }),
            Rule("old", "", r =>
            {
                r.NoncurrentVersionExpiration = new LifecycleRuleNoncurrentVersionExpiration { NoncurrentDays = 7, NewerNoncurrentVersions = 3 };
                r.AbortIncompleteMultipartUpload = new LifecycleRuleAbortIncompleteMultipartUpload { DaysAfterInitiation = 2 };
                r.Status = LifecycleRuleStatus.Disabled;
            }));
        var read = await Read(bucket);
        Assert.Equal("all_storage_classes_128K", read.TransitionDefaultMinimumObjectSize?.Value);
        Assert.Equal(["logs", "old"], read.Configuration.Rules.Select(r => r.Id));
        Assert.Equal((30, "logs/"), (read.Configuration.Rules[0].Expiration.Days, Prefix(read.Configuration.Rules[0])));
        Assert.Equal((7, 3, 2, LifecycleRuleStatus.Disabled), (
            read.Configuration.Rules[1].NoncurrentVersionExpiration.NoncurrentDays,
            read.Configuration.Rules[1].NoncurrentVersionExpiration.NewerNoncurrentVersions,
            read.Configuration.Rules[1].AbortIncompleteMultipartUpload.DaysAfterInitiation, read.Configuration.Rules[1].Status));

        await Put(bucket, Rule(null, "x", r => r.Expiration = new LifecycleRuleExpiration { Days = 1 }));
        Assert.NotEmpty(Assert.Single((await Read(bucket)).Configuration.Rules).Id); // S3 makes up a name
        Assert.Equal(HttpStatusCode.NoContent, (await Delete(bucket)).HttpStatusCode);
        Assert.Equal((404, "NoSuchLifecycleConfiguration"), await Missing(bucket));
        Assert.Equal(HttpStatusCode.NoContent, (await Delete(bucket)).HttpStatusCode); // nothing there is no error
    }

    [Fact]
    public async Task The_older_form_with_a_prefix_beside_the_actions()
    {
        var bucket = await server.NewBucket();
        var rule = "<Rule><ID>old</ID><Prefix>p/</Prefix><Status>Enabled</Status><Expiration><Date>2042-01-01T00:00:00Z</Date></Expiration></Rule>";
        Assert.Equal(200, (await PutRaw(bucket, rule)).Status);
        var shown = (await server.Raw(server.Signer.Head("GET", $"/{bucket}?lifecycle"))).Text;
        Assert.Contains("<ID>old</ID><Prefix>p/</Prefix><Status>Enabled</Status>", shown, StringComparison.Ordinal);
        Assert.Contains("<Date>2042-01-01T00:00:00.000Z</Date>", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "MalformedXML")]
    [InlineData("<Rule/>", "MalformedXML")]
    [InlineData("<Rule><Filter/><Status>On</Status><Expiration><Days>1</Days></Expiration></Rule>", "MalformedXML")]
    [InlineData("<Rule><Filter/><Status>Enabled</Status></Rule>", "InvalidRequest")]
    [InlineData("<Rule><Filter/><Status>Enabled</Status><Expiration><Days>0</Days></Expiration></Rule>", "InvalidArgument")]
    [InlineData("<Rule><Filter/><Status>Enabled</Status><Expiration><Date>2042-01-01T12:00:00Z</Date></Expiration></Rule>", "InvalidArgument")]
    [InlineData(Expiring + Expiring, "InvalidArgument")]
    public async Task Documents_that_make_no_sense(string rules, string code)
    {
        var bucket = await server.NewBucket();
        var answer = await PutRaw(bucket, rules);
        Assert.Equal((400, code), (answer.Status, answer.Code));
        Assert.Equal((404, "NoSuchLifecycleConfiguration"), await Missing(bucket));
    }

    [Fact]
    public async Task Refusals()
    {
        var bucket = await server.NewBucket();
        var transition = await PutRaw(bucket,
            "<Rule><Filter/><Status>Enabled</Status><Transition><Days>1</Days><StorageClass>GLACIER</StorageClass></Transition></Rule>");
        Assert.Equal((501, "NotImplemented"), (transition.Status, transition.Code));
        var bare = await PutRaw(bucket, Expiring, withDigest: false);
        Assert.Equal((400, "InvalidRequest"), (bare.Status, bare.Code));
        var size = await PutRaw(bucket, Expiring, header: ("x-amz-transition-default-minimum-object-size", "tiny"));
        Assert.Equal((400, "InvalidRequest"), (size.Status, size.Code));
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied",
            () => server.Alice.GetLifecycleConfigurationAsync(new GetLifecycleConfigurationRequest { BucketName = bucket }));
        Assert.Equal((404, "NoSuchBucket"), await Missing(bucket + "x"));
        var varies = await PutRaw(bucket, Expiring, header: ("x-amz-transition-default-minimum-object-size", "varies_by_storage_class"));
        Assert.Equal((200, "varies_by_storage_class"), (varies.Status, varies.Header("x-amz-transition-default-minimum-object-size")));
        Assert.Equal("varies_by_storage_class", (await Read(bucket)).TransitionDefaultMinimumObjectSize?.Value);
    }

    [Fact]
    public async Task Answers_about_a_file_tell_when_it_will_expire()
    {
        var bucket = await server.NewBucket();
        Assert.Null((await server.Client.Put(bucket, "logs/before", "x")).Expiration);
        await Put(bucket,
            Rule("late", "", r => r.Expiration = new LifecycleRuleExpiration { Days = 400 }),
            Rule("tagged one", null, r =>
            {
                r.Filter = new LifecycleFilter { LifecycleFilterPredicate = new LifecycleTagPredicate { Tag = new Tag { Key = "t", Value = "1" } } };
                r.Expiration = new LifecycleRuleExpiration { Days = 5 };
            }),
            Rule("logs", "logs/", r => r.Expiration = new LifecycleRuleExpiration { Days = 30 }));
        Check((await server.Client.GetObjectMetadataAsync(bucket, "logs/before")).Expiration, "logs", 30);
        Check((await server.Client.Put(bucket, "logs/a", "x")).Expiration, "logs", 30);
        Check((await server.Client.Put(bucket, "other", "x")).Expiration, "late", 400);
        using var got = await server.Client.GetObjectAsync(bucket, "logs/a");
        Check(got.Expiration, "logs", 30);
        var copy = await server.Raw(server.Signer.Head("PUT", $"/{bucket}/logs/copy", [("x-amz-copy-source", $"{bucket}/other")]));
        Assert.Contains("rule-id=\"logs\"", copy.Header("x-amz-expiration"), StringComparison.Ordinal);
        await server.Client.PutObjectTaggingAsync(new PutObjectTaggingRequest
        {
            BucketName = bucket,
            Key = "other",
            Tagging = new Tagging { TagSet = [new Tag { Key = "t", Value = "1" }] },
        });
        Check((await server.Client.GetObjectMetadataAsync(bucket, "other")).Expiration, "tagged one", 5);
        await Delete(bucket);
        Assert.Null((await server.Client.GetObjectMetadataAsync(bucket, "other")).Expiration);
    }

    [Fact]
    public async Task Answers_about_an_upload_tell_when_it_will_be_aborted()
    {
        var bucket = await server.NewBucket();
        await Put(bucket, Rule("abort it", "a/", r =>
            r.AbortIncompleteMultipartUpload = new LifecycleRuleAbortIncompleteMultipartUpload { DaysAfterInitiation = 3 }));
        var made = await server.Client.InitiateMultipartUploadAsync(bucket, "a/k");
        Assert.Equal("abort%20it", made.AbortRuleId);
        var listed = await server.Client.ListPartsAsync(bucket, "a/k", made.UploadId);
        Assert.Equal((made.AbortDate, "abort%20it"), (listed.AbortDate, listed.AbortRuleId));
        var days = (made.AbortDate!.Value.ToUniversalTime() - DateTime.UtcNow).TotalDays;
        Assert.InRange(days, 3 - 0.01, 4);
        Assert.Null((await server.Client.InitiateMultipartUploadAsync(bucket, "b")).AbortRuleId);
    }

    static void Check(Expiration expiration, string rule, int days)
    {
        Assert.Equal(rule, expiration.RuleId);
        var at = expiration.ExpiryDate.ToUniversalTime();
        Assert.Equal(TimeSpan.Zero, at.TimeOfDay);
        Assert.InRange((at - DateTime.UtcNow).TotalDays, days - 0.01, days + 1);
    }

    static LifecycleRule Rule(string? id, string? prefix, Action<LifecycleRule> action)
    {
        var rule = new LifecycleRule
        {
            Id = id,
            Status = LifecycleRuleStatus.Enabled,
            Filter = new LifecycleFilter { LifecycleFilterPredicate = new LifecyclePrefixPredicate { Prefix = prefix ?? "" } },
        };
        action(rule);
        return rule;
    }

    static string Prefix(LifecycleRule rule) => ((LifecyclePrefixPredicate)rule.Filter.LifecycleFilterPredicate).Prefix;

    Task<PutLifecycleConfigurationResponse> Put(string bucket, params LifecycleRule[] rules) => server.Client.PutLifecycleConfigurationAsync(
        new PutLifecycleConfigurationRequest { BucketName = bucket, Configuration = new LifecycleConfiguration { Rules = [.. rules] } });

    Task<GetLifecycleConfigurationResponse> Read(string bucket) =>
        server.Client.GetLifecycleConfigurationAsync(new GetLifecycleConfigurationRequest { BucketName = bucket });

    Task<DeleteLifecycleConfigurationResponse> Delete(string bucket) =>
        server.Client.DeleteLifecycleConfigurationAsync(new DeleteLifecycleConfigurationRequest { BucketName = bucket });

    /// <summary>The .NET SDK makes an empty configuration of a 404.</summary>
    async Task<(int, string)> Missing(string bucket)
    {
        var answer = await server.Raw(server.Signer.Head("GET", $"/{bucket}?lifecycle"));
        return (answer.Status, answer.Code);
    }

    Task<RawResponse> PutRaw(string bucket, string rules, bool withDigest = true, (string, string)? header = null)
    {
        var body = Encoding.UTF8.GetBytes($"<LifecycleConfiguration>{rules}</LifecycleConfiguration>");
        List<(string, string)> headers = [("content-length", body.Length.ToString(CultureInfo.InvariantCulture))];
        if (withDigest) headers.Add(("content-md5", Convert.ToBase64String(MD5.HashData(body))));
        if (header is { } more) headers.Add(more);
        return server.Raw(server.Signer.Head("PUT", $"/{bucket}?lifecycle", [.. headers], RawSigner.Hash(body)), body);
    }
}
