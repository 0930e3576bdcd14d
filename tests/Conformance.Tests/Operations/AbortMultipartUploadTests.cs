using System.Net;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class AbortMultipartUploadTests(S3Server server)
{
    [Fact]
    public async Task An_aborted_upload_is_gone()
    {
        var bucket = await server.NewBucket();
        var upload = new Upload(server, bucket, "k");
        await upload.Start();
        await upload.Put(1, "part"u8.ToArray());
        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.AbortMultipartUploadAsync(bucket, "k", upload.Id)).HttpStatusCode);
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchUpload", () => server.Client.AbortMultipartUploadAsync(bucket, "k", upload.Id));
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchUpload", () => upload.Complete());
        await server.Client.DeleteBucketAsync(bucket);
    }
}
