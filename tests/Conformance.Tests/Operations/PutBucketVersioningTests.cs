using System.Net;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class PutBucketVersioningTests(S3Server server)
{
    [Fact]
    public async Task Versions_markers_and_the_null_version()
    {
        var s3 = server.Client;
        var bucket = await server.NewBucket();
        await s3.Put(bucket, "k", "before");
        Assert.Equal(VersionStatus.Off, (await s3.GetBucketVersioningAsync(bucket)).VersioningConfig.Status); // the SDK's word for none
        await Set(bucket, VersionStatus.Enabled);
        Assert.Equal(VersionStatus.Enabled, (await s3.GetBucketVersioningAsync(bucket)).VersioningConfig.Status);

        var first = (await s3.Put(bucket, "k", "one")).VersionId;
        var second = (await s3.Put(bucket, "k", "two")).VersionId;
        Assert.NotEqual(first, second);
        Assert.Equal("two", await s3.Text(bucket, "k"));
        Assert.Equal("one", await Text(bucket, first));
        Assert.Equal("before", await Text(bucket, "null"));

        var marker = await s3.DeleteObjectAsync(bucket, "k");
        Assert.Equal("true", marker.DeleteMarker);
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => s3.GetObjectAsync(bucket, "k"));
        await S3Assert.Fails(HttpStatusCode.MethodNotAllowed, "MethodNotAllowed", () => s3.GetObjectAsync(bucket, "k", marker.VersionId));

        var named = await server.Raw(server.Signer.Head("HEAD", $"/{bucket}/k?versionId={marker.VersionId}"));
        Assert.Equal((405, "true", "DELETE"), (named.Status, named.Header("x-amz-delete-marker"), named.Header("allow")));
        Assert.EndsWith(" GMT", named.Header("last-modified"), StringComparison.Ordinal); // AWS, HeadObject
        Assert.Null((await server.Raw(server.Signer.Head("HEAD", $"/{bucket}/k"))).Header("last-modified"));
        await s3.DeleteObjectAsync(bucket, "k", marker.VersionId);
        Assert.Equal("two", await s3.Text(bucket, "k"));
        await s3.DeleteObjectAsync(bucket, "k", second);
        Assert.Equal("one", await s3.Text(bucket, "k"));

        await Set(bucket, VersionStatus.Suspended);
        Assert.Equal("null", (await s3.Put(bucket, "k", "suspended")).VersionId);
        Assert.Equal("suspended", await Text(bucket, "null"));
        Assert.Equal("one", await Text(bucket, first));
        await S3Assert.Fails(HttpStatusCode.Conflict, "BucketNotEmpty", () => s3.DeleteBucketAsync(bucket));
    }

    [Fact]
    public async Task Unknown_and_malformed_version_ids()
    {
        var bucket = await server.NewBucket();
        await Set(bucket, VersionStatus.Enabled);
        await server.Client.Put(bucket, "k", "one");
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchVersion", () => server.Client.GetObjectAsync(bucket, "k", "7fffffffffffffff"));
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidArgument", () => server.Client.GetObjectAsync(bucket, "k", "nonsense"));
        var head = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k?versionId="));
        Assert.Equal((400, "InvalidArgument"), (head.Status, head.Code));
    }

    Task<PutBucketVersioningResponse> Set(string bucket, VersionStatus status) => server.Client.PutBucketVersioningAsync(
        new PutBucketVersioningRequest { BucketName = bucket, VersioningConfig = new S3BucketVersioningConfig { Status = status } });

    async Task<string> Text(string bucket, string version)
    {
        using var response = await server.Client.GetObjectAsync(bucket, "k", version);
        Assert.Equal(version, response.VersionId);
        return Encoding.UTF8.GetString(await response.Bytes());
    }
}
