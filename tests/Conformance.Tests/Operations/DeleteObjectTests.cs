using System.Net;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class DeleteObjectTests(S3Server server)
{
    [Fact]
    public async Task A_file_goes_and_a_missing_one_is_no_error()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.DeleteObjectAsync(bucket, "k")).HttpStatusCode);
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => server.Client.GetObjectAsync(bucket, "k"));
        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.DeleteObjectAsync(bucket, "k")).HttpStatusCode);
    }

    [Fact]
    public async Task If_match_deletes_only_what_was_read()
    {
        var bucket = await server.NewBucket();
        var etag = (await server.Client.Put(bucket, "k", "x")).ETag;
        await S3Assert.Fails(HttpStatusCode.PreconditionFailed, "PreconditionFailed",
            () => server.Client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = bucket, Key = "k", IfMatch = "\"other\"" }));
        Assert.Equal("x", await server.Client.Text(bucket, "k"));
        await server.Client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = bucket, Key = "k", IfMatch = etag });
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => server.Client.GetObjectAsync(bucket, "k"));
    }

    [Fact]
    public async Task Nobody_deletes_in_anothers_bucket()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.DeleteObjectAsync(bucket, "k"));
        Assert.Equal("x", await server.Client.Text(bucket, "k"));
    }
}
