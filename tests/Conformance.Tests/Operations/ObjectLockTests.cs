using System.Net;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

/// <summary>Object Lock: the bucket's configuration, retention and legal hold of versions, and what they forbid.</summary>
[Collection(S3Tests.Name)]
public sealed class ObjectLockTests(S3Server server)
{
    static readonly DateTime _later = DateTime.UtcNow.AddDays(1);

    [Fact]
    public async Task A_bucket_made_with_it_is_versioned_for_ever()
    {
        var bucket = await LockedBucket();
        Assert.Equal(VersionStatus.Enabled, (await server.Client.GetBucketVersioningAsync(bucket)).VersioningConfig.Status);
        await S3Assert.Fails(HttpStatusCode.Conflict, "InvalidBucketState",
            () => server.Client.PutBucketVersioningAsync(new PutBucketVersioningRequest
            {
                BucketName = bucket,
                VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Suspended },
            }));
        var configuration = (await Configuration(bucket)).ObjectLockConfiguration;
        Assert.Equal((ObjectLockEnabled.Enabled, null), (configuration.ObjectLockEnabled, configuration.Rule));
    }

    [Fact]
    public async Task It_can_be_turned_on_later_where_the_bucket_is_versioned()
    {
        var bucket = await server.NewBucket();
        await S3Assert.Fails(HttpStatusCode.NotFound, "ObjectLockConfigurationNotFoundError", () => Configuration(bucket));
        await S3Assert.Fails(HttpStatusCode.Conflict, "InvalidBucketState", () => Configure(bucket, "GOVERNANCE", days: 1));
        await server.Client.PutBucketVersioningAsync(new PutBucketVersioningRequest
        {
            BucketName = bucket,
            VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Enabled },
        });
        await Configure(bucket, "COMPLIANCE", years: 1);
        var rule = (await Configuration(bucket)).ObjectLockConfiguration.Rule.DefaultRetention;
        Assert.Equal(("COMPLIANCE", 1), (rule.Mode.Value, rule.Years));
        Assert.True(rule.Days is null or 0);
    }

    [Theory]
    [InlineData("<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>", "MalformedXML")]
    [InlineData("<Mode>GOVERNANCE</Mode>", "MalformedXML")]
    [InlineData("<Mode>governance</Mode><Days>1</Days>", "MalformedXML")]
    [InlineData("<Days>1</Days>", "MalformedXML")]
    [InlineData("<Mode>GOVERNANCE</Mode><Days>x</Days>", "MalformedXML")]
    [InlineData("<Mode>GOVERNANCE</Mode><Days>0</Days>", "InvalidArgument")]
    [InlineData("<Mode>GOVERNANCE</Mode><Years>-1</Years>", "InvalidArgument")]
    [InlineData("<Mode>GOVERNANCE</Mode><Days>36501</Days>", "InvalidArgument")]
    [InlineData("<Mode>GOVERNANCE</Mode><Years>101</Years>", "InvalidArgument")]
    public async Task A_bad_default_is_refused(string retention, string code)
    {
        var bucket = await LockedBucket();
        var document = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>" +
            $"<DefaultRetention>{retention}</DefaultRetention></Rule></ObjectLockConfiguration>";
        Assert.Equal((400, code), await PutDocument($"/{bucket}?object-lock", document));
        Assert.Equal((400, "MalformedXML"), await PutDocument($"/{bucket}?object-lock",
            "<ObjectLockConfiguration><ObjectLockEnabled>No</ObjectLockEnabled></ObjectLockConfiguration>"));
        Assert.Null((await Configuration(bucket)).ObjectLockConfiguration.Rule);
    }

    [Fact]
    public async Task The_default_retention_goes_on_every_new_version()
    {
        var bucket = await LockedBucket();
        await Configure(bucket, "GOVERNANCE", days: 2);
        var put = await server.Client.Put(bucket, "put", "x");
        var upload = new Upload(server, bucket, "upload");
        await upload.Start();
        await upload.Put(1, [1, 2, 3]);
        await upload.Complete();
        await server.Client.CopyObjectAsync(new CopyObjectRequest
        {
            SourceBucket = bucket,
            SourceKey = "put",
            DestinationBucket = bucket,
            DestinationKey = "copy"
        });
        foreach (var key in new[] { "put", "upload", "copy" })
        {
            var retention = (await Retention(bucket, key)).Retention;
            Assert.Equal(ObjectLockRetentionMode.Governance, retention.Mode);
            Assert.InRange(retention.RetainUntilDate!.Value.ToUniversalTime(), DateTime.UtcNow.AddDays(2).AddMinutes(-10),
                DateTime.UtcNow.AddDays(2).AddMinutes(10));
        }
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Client.DeleteObjectAsync(bucket, "put", put.VersionId));
    }

    [Fact]
    public async Task Retention_given_with_the_object_is_shown_and_holds()
    {
        var bucket = await LockedBucket();
        var put = await server.Client.PutObjectAsync(new PutObjectRequest
        {
            BucketName = bucket,
            Key = "k",
            ContentBody = "x",
            ObjectLockMode = ObjectLockMode.Compliance,
            ObjectLockRetainUntilDate = _later,
            ObjectLockLegalHoldStatus = ObjectLockLegalHoldStatus.On,
        });
        var head = await server.Client.GetObjectMetadataAsync(bucket, "k");
        Assert.Equal((ObjectLockMode.Compliance, ObjectLockLegalHoldStatus.On), (head.ObjectLockMode, head.ObjectLockLegalHoldStatus));
        Assert.Equal(_later, head.ObjectLockRetainUntilDate!.Value.ToUniversalTime(), TimeSpan.FromSeconds(1));
        using (var got = await server.Client.GetObjectAsync(bucket, "k")) Assert.Equal(ObjectLockMode.Compliance, got.ObjectLockMode);

        var marker = await server.Client.DeleteObjectAsync(bucket, "k"); // hides it, and takes nothing away
        Assert.Equal("true", marker.DeleteMarker);
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Client.DeleteObjectAsync(new DeleteObjectRequest
        {
            BucketName = bucket,
            Key = "k",
            VersionId = put.VersionId,
            BypassGovernanceRetention = true,
        }));
        await server.Client.DeleteObjectAsync(bucket, "k", marker.VersionId);
        Assert.Equal("x", await server.Client.Text(bucket, "k"));
    }

    [Fact]
    public async Task Governance_gives_way_to_a_bypass_in_every_call_that_may_carry_one()
    {
        var bucket = await LockedBucket();
        var versions = new List<string>();
        foreach (var key in new[] { "one", "many" }) versions.Add((await server.Client.Put(bucket, key, "x")).VersionId);
        foreach (var key in new[] { "one", "many" }) await Retain(bucket, key, ObjectLockRetentionMode.Governance, _later);
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied",
            () => Retain(bucket, "one", ObjectLockRetentionMode.Governance, _later.AddHours(-1)));
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied",
            () => Retain(bucket, "one", ObjectLockRetentionMode.Compliance, _later.AddHours(1)));
        await Retain(bucket, "one", ObjectLockRetentionMode.Governance, _later.AddHours(1));
        await Retain(bucket, "one", ObjectLockRetentionMode.Governance, _later.AddHours(-1), bypass: true);

        var refused = await Assert.ThrowsAsync<DeleteObjectsException>(() => DeleteMany(bypass: false));
        Assert.Equal("AccessDenied", Assert.Single(refused.Response.DeleteErrors).Code);
        Assert.Single((await DeleteMany(bypass: true)).DeletedObjects);
        await server.Client.DeleteObjectAsync(new DeleteObjectRequest
        {
            BucketName = bucket,
            Key = "one",
            VersionId = versions[0],
            BypassGovernanceRetention = true
        });

        Task<DeleteObjectsResponse> DeleteMany(bool bypass) => server.Client.DeleteObjectsAsync(new DeleteObjectsRequest
        {
            BucketName = bucket,
            Objects = [new KeyVersion { Key = "many", VersionId = versions[1] }],
            BypassGovernanceRetention = bypass,
        });
    }

    [Fact]
    public async Task Who_may_not_bypass_is_refused()
    {
        var bucket = await LockedBucket();
        await server.Client.PutPublicAccessBlockAsync(new PutPublicAccessBlockRequest
        {
            BucketName = bucket,
            PublicAccessBlockConfiguration = new PublicAccessBlockConfiguration(),
        });
        var policy = """
            {"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam:::user/alice"},
             "Action":["s3:DeleteObjectVersion","s3:PutObject"],"Resource":"arn:aws:s3:::BUCKET/*"}]}
            """;
        await server.Client.PutBucketPolicyAsync(bucket, policy.Replace("BUCKET", bucket, StringComparison.Ordinal));
        var version = (await server.Client.Put(bucket, "k", "x")).VersionId;
        await Retain(bucket, "k", ObjectLockRetentionMode.Governance, _later);
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.DeleteObjectAsync(new DeleteObjectRequest
        {
            BucketName = bucket,
            Key = "k",
            VersionId = version,
            BypassGovernanceRetention = true,
        }));
        // The lock's headers want permissions of their own.
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.PutObjectAsync(new PutObjectRequest
        {
            BucketName = bucket,
            Key = "other",
            ContentBody = "x",
            ObjectLockLegalHoldStatus = ObjectLockLegalHoldStatus.On,
        }));
        await server.Alice.Put(bucket, "other", "x");
    }

    [Fact]
    public async Task A_legal_hold_comes_and_goes()
    {
        var bucket = await LockedBucket();
        var version = (await server.Client.Put(bucket, "k", "x")).VersionId;
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchObjectLockConfiguration", () => Hold(bucket));
        await SetHold(bucket, ObjectLockLegalHoldStatus.On);
        Assert.Equal(ObjectLockLegalHoldStatus.On, (await Hold(bucket)).LegalHold.Status);
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Client.DeleteObjectAsync(bucket, "k", version));
        await SetHold(bucket, ObjectLockLegalHoldStatus.Off);
        Assert.Equal(ObjectLockLegalHoldStatus.Off, (await Hold(bucket)).LegalHold.Status);
        await server.Client.DeleteObjectAsync(bucket, "k", version);
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => Hold(bucket));
        Assert.Equal((400, "MalformedXML"), await PutDocument($"/{bucket}/k?legal-hold", "<LegalHold><Status>maybe</Status></LegalHold>"));
    }

    [Fact]
    public async Task A_retention_that_is_over_holds_nothing()
    {
        var bucket = await LockedBucket();
        var version = (await server.Client.Put(bucket, "k", "x")).VersionId;
        await Retain(bucket, "k", ObjectLockRetentionMode.Compliance, DateTime.UtcNow.AddSeconds(3));
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Client.DeleteObjectAsync(bucket, "k", version));
        while (true)
        {
            try
            {
                await server.Client.DeleteObjectAsync(bucket, "k", version);
                return;
            }
            catch (AmazonS3Exception e) when (e.ErrorCode == "AccessDenied" && DateTime.UtcNow < _later)
            {
                await Task.Yield(); // the request itself takes its time
            }
        }
    }

    [Theory]
    [InlineData("<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2001-01-01T00:00:00Z</RetainUntilDate></Retention>", "InvalidArgument")]
    [InlineData("<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>tomorrow</RetainUntilDate></Retention>", "MalformedXML")]
    [InlineData("<Retention><Mode>GOVERNANCE</Mode></Retention>", "MalformedXML")]
    [InlineData("<Retention><Mode>abc</Mode><RetainUntilDate>2999-01-01T00:00:00Z</RetainUntilDate></Retention>", "MalformedXML")]
    [InlineData("<Retention><Days>1</Days></Retention>", "MalformedXML")]
    public async Task A_bad_retention_is_refused(string document, string code)
    {
        var bucket = await LockedBucket();
        await server.Client.Put(bucket, "k", "x");
        Assert.Equal((400, code), await PutDocument($"/{bucket}/k?retention", document));
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchObjectLockConfiguration", () => Retention(bucket, "k"));
    }

    [Theory]
    [InlineData("x-amz-object-lock-mode", "GOVERNANCE", null, null, "InvalidArgument")]
    [InlineData("x-amz-object-lock-retain-until-date", "2999-01-01T00:00:00Z", null, null, "InvalidArgument")]
    [InlineData("x-amz-object-lock-mode", "abc", "x-amz-object-lock-retain-until-date", "2999-01-01T00:00:00Z", "InvalidArgument")]
    [InlineData("x-amz-object-lock-mode", "COMPLIANCE", "x-amz-object-lock-retain-until-date", "2001-01-01T00:00:00Z", "InvalidArgument")]
    [InlineData("x-amz-object-lock-mode", "COMPLIANCE", "x-amz-object-lock-retain-until-date", "soon", "InvalidArgument")]
    [InlineData("x-amz-object-lock-legal-hold", "on", null, null, "InvalidArgument")]
    [InlineData("x-amz-object-lock-legal-hold", "ON", null, null, "InvalidRequest")] // no checksum comes with it
    public async Task Bad_headers_are_refused(string name, string value, string? otherName, string? otherValue, string code)
    {
        var bucket = await LockedBucket();
        var headers = new List<(string, string)> { ("content-length", "0"), (name, value) };
        if (otherName is not null) headers.Add((otherName, otherValue!));
        var answer = await server.Raw(server.Signer.Head("PUT", $"/{bucket}/k", [.. headers]));
        Assert.Equal((400, code), (answer.Status, answer.Code));
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => server.Client.GetObjectAsync(bucket, "k"));
        var unlocked = await server.Raw(server.Signer.Head("PUT", $"/{await server.NewBucket()}/k", [.. headers]));
        Assert.Equal((400, code), (unlocked.Status, unlocked.Code));
    }

    [Fact]
    public async Task Without_it_every_call_says_so()
    {
        var bucket = await server.NewBucket();
        var version = (await server.Client.Put(bucket, "k", "x")).VersionId;
        foreach (var query in new[] { "retention", "legal-hold" })
        {
            var answer = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k?{query}"));
            Assert.Equal((400, "InvalidRequest"), (answer.Status, answer.Code));
        }
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidRequest", () => Retain(bucket, "k", ObjectLockRetentionMode.Governance, _later));
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidRequest", () => SetHold(bucket, ObjectLockLegalHoldStatus.On));
        var bypass = await server.Raw(server.Signer.Head("DELETE", $"/{bucket}/k", [("x-amz-bypass-governance-retention", "true")]));
        Assert.Equal((400, "InvalidArgument"), (bypass.Status, bypass.Code));
        Assert.Equal("x", await server.Client.Text(bucket, "k"));
        Assert.Null(version);
    }

    async Task<string> LockedBucket()
    {
        var bucket = "locked-" + Guid.NewGuid().ToString("N");
        await server.Client.PutBucketAsync(new PutBucketRequest { BucketName = bucket, ObjectLockEnabledForBucket = true });
        return bucket;
    }

    Task<GetObjectLockConfigurationResponse> Configuration(string bucket) =>
        server.Client.GetObjectLockConfigurationAsync(new GetObjectLockConfigurationRequest { BucketName = bucket });

    Task<PutObjectLockConfigurationResponse> Configure(string bucket, string mode, int? days = null, int? years = null) =>
        server.Client.PutObjectLockConfigurationAsync(new PutObjectLockConfigurationRequest
        {
            BucketName = bucket,
            ObjectLockConfiguration = new ObjectLockConfiguration
            {
                ObjectLockEnabled = ObjectLockEnabled.Enabled,
                Rule = new ObjectLockRule { DefaultRetention = new DefaultRetention { Mode = mode, Days = days, Years = years } },
            },
        });

    Task<GetObjectRetentionResponse> Retention(string bucket, string key) =>
        server.Client.GetObjectRetentionAsync(new GetObjectRetentionRequest { BucketName = bucket, Key = key });

    Task<PutObjectRetentionResponse> Retain(string bucket, string key, ObjectLockRetentionMode mode, DateTime until, bool bypass = false) =>
        server.Client.PutObjectRetentionAsync(new PutObjectRetentionRequest
        {
            BucketName = bucket,
            Key = key,
            BypassGovernanceRetention = bypass,
            Retention = new ObjectLockRetention { Mode = mode, RetainUntilDate = until },
        });

    Task<GetObjectLegalHoldResponse> Hold(string bucket) =>
        server.Client.GetObjectLegalHoldAsync(new GetObjectLegalHoldRequest { BucketName = bucket, Key = "k" });

    Task<PutObjectLegalHoldResponse> SetHold(string bucket, ObjectLockLegalHoldStatus status) =>
        server.Client.PutObjectLegalHoldAsync(new PutObjectLegalHoldRequest
        {
            BucketName = bucket,
            Key = "k",
            LegalHold = new ObjectLockLegalHold { Status = status },
        });

    async Task<(int, string)> PutDocument(string target, string document)
    {
        var body = Encoding.UTF8.GetBytes(document);
        var md5 = Convert.ToBase64String(System.Security.Cryptography.MD5.HashData(body));
        var answer = await server.Raw(
            server.Signer.Head("PUT", target, [("content-length", $"{body.Length}"), ("content-md5", md5)], RawSigner.Hash(body)), body);
        return (answer.Status, answer.Code);
    }
}
