using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class CreateBucketTests(S3Server server)
{
    [Fact]
    public async Task Ones_own_bucket_again_is_no_error_and_keeps_its_files()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "kept", "content");
        await server.Client.PutBucketAsync(bucket);
        Assert.Equal("content", await server.Client.Text(bucket, "kept"));
    }

    [Fact]
    public async Task Anothers_name_is_taken()
    {
        var bucket = await server.NewBucket();
        await S3Assert.Fails(HttpStatusCode.Conflict, "BucketAlreadyExists", () => server.Alice.PutBucketAsync(bucket));
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("Capital")]
    [InlineData("under_score")]
    [InlineData("192.168.0.1")]
    [InlineData("hyphen-.dot")]
    [InlineData("dot.-hyphen")]
    public async Task Names_follow_the_rules(string name)
    {
        var signer = server.Signer;
        var answer = await server.Raw(signer.Head("PUT", "/" + name, [("content-length", "0")]));
        Assert.Equal((400, "InvalidBucketName"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task The_location_must_be_this_region()
    {
        var bucket = "located-" + Guid.NewGuid().ToString("N");
        await S3Assert.Fails(HttpStatusCode.BadRequest, "IllegalLocationConstraintException",
            () => server.Client.PutBucketAsync(new PutBucketRequest { BucketName = bucket, BucketRegion = S3Region.EUCentral1 }));
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidLocationConstraint",
            () => server.Client.PutBucketAsync(new PutBucketRequest { BucketName = bucket, BucketRegionName = "eu-east-1" }));
    }

    [Fact]
    public async Task An_acl_that_its_ownership_forbids_makes_no_bucket()
    {
        var bucket = "refused-" + Guid.NewGuid().ToString("N");
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidBucketAclWithObjectOwnership",
            () => server.Client.PutBucketAsync(new PutBucketRequest { BucketName = bucket, CannedACL = S3CannedACL.PublicRead }));
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchBucket", () =>
            server.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket }));
        await server.Client.PutBucketAsync(new PutBucketRequest { BucketName = bucket, ObjectOwnership = ObjectOwnership.BucketOwnerEnforced });
    }

    [Fact]
    public async Task A_malformed_document_is_refused()
    {
        var body = "<CreateBucketConfiguration><LocationConstraint>eu"u8.ToArray();
        var head = server.Signer.Head("PUT", "/malformed-" + Guid.NewGuid().ToString("N"), [("content-length", $"{body.Length}")],
            RawSigner.Hash(body));
        var answer = await server.Raw(head, body);
        Assert.Equal((400, "MalformedXML"), (answer.Status, answer.Code));
    }

    /// <summary>Suites work side by side: nobody is told to come again because others change the same bucket.</summary>
    [Fact]
    public async Task Changes_of_one_bucket_at_once_all_succeed()
    {
        var bucket = await server.NewBucket();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
        {
            await server.Client.PutBucketTaggingAsync(bucket, [new Amazon.S3.Model.Tag { Key = "k", Value = $"{i}" }]);
            await server.Client.PutBucketAsync(bucket);
            await server.Client.Put(bucket, $"k{i}", "x");
            await server.Client.PutBucketVersioningAsync(new Amazon.S3.Model.PutBucketVersioningRequest
            {
                BucketName = bucket,
                VersioningConfig = new Amazon.S3.Model.S3BucketVersioningConfig { Status = Amazon.S3.VersionStatus.Enabled },
            });
        }));
        Assert.Equal(12, (await server.Client.ListObjectsV2Async(new Amazon.S3.Model.ListObjectsV2Request { BucketName = bucket })).KeyCount);
    }
}
