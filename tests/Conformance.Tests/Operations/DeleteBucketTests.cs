using System.Net;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class DeleteBucketTests(S3Server server)
{
    [Fact]
    public async Task Only_an_empty_bucket_goes()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "file", "x");
        await S3Assert.Fails(HttpStatusCode.Conflict, "BucketNotEmpty", () => server.Client.DeleteBucketAsync(bucket));
        await server.Client.DeleteObjectAsync(bucket, "file");
        await server.Client.DeleteBucketAsync(bucket);
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchBucket", () => server.Client.DeleteBucketAsync(bucket));
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchBucket", () => server.Client.Put(bucket, "file", "x"));
    }

    [Fact]
    public async Task A_bucket_made_again_is_another_one()
    {
        var bucket = await server.NewBucket();
        await server.Client.DeleteBucketAsync(bucket);
        await server.Alice.PutBucketAsync(bucket);
        await server.Alice.Put(bucket, "hers", "x"); // whatever a gateway remembered of the first one
        Assert.Equal("x", await server.Alice.Text(bucket, "hers"));
    }

    [Fact]
    public async Task Anothers_bucket_does_not_go()
    {
        var bucket = await server.NewBucket();
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.DeleteBucketAsync(bucket));
        await server.Client.DeleteBucketAsync(bucket);
    }

    [Fact]
    public async Task A_versioned_bucket_says_that_versions_are_left()
    {
        var bucket = await server.NewBucket();
        await server.Client.PutBucketVersioningAsync(new Amazon.S3.Model.PutBucketVersioningRequest
        {
            BucketName = bucket,
            VersioningConfig = new Amazon.S3.Model.S3BucketVersioningConfig { Status = Amazon.S3.VersionStatus.Enabled },
        });
        await server.Client.DeleteObjectAsync(bucket, "only a marker");
        var refused = await S3Assert.Fails(HttpStatusCode.Conflict, "BucketNotEmpty", () => server.Client.DeleteBucketAsync(bucket));
        Assert.EndsWith("You must delete all versions in the bucket.", refused.Message, StringComparison.Ordinal);
    }
}
