using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using OrleansDfs.Conformance.Tests.Clients;

namespace OrleansDfs.Conformance.Tests.Operations;

/// <summary>A server whose new buckets are as S3 made them before April 2023: with ACLs, and nothing blocked.</summary>
public sealed class LegacyDefaultsServer : S3Server
{
    protected override IReadOnlyDictionary<string, string?> MoreSettings => new Dictionary<string, string?>
    {
        ["OrleansDfs:LegacyBucketDefaults"] = "true",
        ["OrleansDfs:LegacySignatures"] = "true",
    };
}

/// <summary>What older tools and suites assume of a new bucket, without a word about ownership or public access.</summary>
public sealed class LegacyBucketDefaultsTests(LegacyDefaultsServer server) : IClassFixture<LegacyDefaultsServer>
{
    [Fact]
    public async Task A_new_bucket_takes_acls_and_serves_what_they_open()
    {
        var bucket = "legacy-" + Guid.NewGuid().ToString("N");
        await server.Alice.PutBucketAsync(new PutBucketRequest { BucketName = bucket, CannedACL = S3CannedACL.PublicRead });
        await server.Alice.PutWith(bucket, "open", S3CannedACL.PublicRead);
        await server.Alice.Put(bucket, "closed", "x");
        Assert.Equal(["alice FULL_CONTROL", "AllUsers READ"], await server.Alice.BucketGrants(bucket));
        Assert.Equal(["alice FULL_CONTROL", "AllUsers READ"], await server.Alice.ObjectGrants(bucket, "open"));
        Assert.Equal((200, 200, 403), (await server.Anonymously("GET", $"/{bucket}"), await server.Anonymously("GET", $"/{bucket}/open"),
            await server.Anonymously("GET", $"/{bucket}/closed")));
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Bob.PutObjectAclAsync(
            new PutObjectAclRequest { BucketName = bucket, Key = "closed", ACL = S3CannedACL.PublicRead }));
        await server.Alice.PutObjectAclAsync(new PutObjectAclRequest { BucketName = bucket, Key = "open", ACL = S3CannedACL.Private });
        Assert.Equal(403, await server.Anonymously("GET", $"/{bucket}/open"));
    }

    [Fact]
    public async Task It_has_no_access_block_and_its_writers_own_their_objects()
    {
        var bucket = "legacy-" + Guid.NewGuid().ToString("N");
        await server.Alice.PutBucketAsync(new PutBucketRequest { BucketName = bucket, CannedACL = S3CannedACL.PublicReadWrite });
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchPublicAccessBlockConfiguration",
            () => server.Alice.GetPublicAccessBlockAsync(new GetPublicAccessBlockRequest { BucketName = bucket }));
        var ownership = await server.Alice.GetBucketOwnershipControlsAsync(new GetBucketOwnershipControlsRequest { BucketName = bucket });
        Assert.Equal(ObjectOwnership.ObjectWriter, Assert.Single(ownership.OwnershipControls.Rules).ObjectOwnership);
        await server.Bob.Put(bucket, "his", "x");
        Assert.Equal(["bob FULL_CONTROL"], await server.Bob.ObjectGrants(bucket, "his"));
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.GetObjectAsync(bucket, "his"));
    }

    /// <summary>The form's field is the header's twin, also where the policy's signature is of version 4.</summary>
    [Theory]
    [InlineData("public-read", 200)]
    [InlineData("private", 403)]
    public async Task A_forms_acl_field_is_the_objects_acl(string acl, int anonymously)
    {
        var bucket = await server.NewBucket();
        Assert.Equal(204, (await new PostForm(server, bucket).With("acl", acl).Send("form"u8.ToArray())).Status);
        Assert.Equal(anonymously, await server.Anonymously("GET", $"/{bucket}/k"));
        var unknown = await new PostForm(server, bucket).With("acl", "everything").With("key", "none", covered: false).Send("form"u8.ToArray());
        Assert.Equal((400, "InvalidArgument"), (unknown.Status, unknown.Code));
        var uncovered = await new PostForm(server, bucket).With("acl", "public-read", covered: false).Send("form"u8.ToArray());
        Assert.Equal((403, "AccessDenied"), (uncovered.Status, uncovered.Code)); // the policy does not name it
    }

    [SkippableFact]
    public async Task Boto3_gives_and_takes_by_acl()
    {
        await Tool.Need("python3", "-c", "import boto3");
        var script = Path.Combine(AppContext.BaseDirectory, "Scripts", "boto3_acl.py");
        var result = await Tool.Run(server, "python3", script, S3Server.AliceKey, S3Server.AliceSecret);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.EndsWith("deleted", result.Output.Trim(), StringComparison.Ordinal);
    }
}
