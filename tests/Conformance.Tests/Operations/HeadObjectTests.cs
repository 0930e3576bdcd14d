using System.Net;
using Amazon.S3;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class HeadObjectTests(S3Server server)
{
    [Fact]
    public async Task Tells_what_get_would_and_sends_no_body()
    {
        var bucket = await server.NewBucket();
        var etag = (await server.Client.Put(bucket, "k", "hello")).ETag;
        using var client = await RawClient.Connect(server.Endpoint);
        await client.Send(server.Signer.Head("HEAD", $"/{bucket}/k"));
        var head = await client.Receive(head: true);
        Assert.Equal((200, "5", etag, "bytes"), (head.Status, head.Header("Content-Length"), head.Header("ETag"), head.Header("Accept-Ranges")));
        await client.Send(server.Signer.Head("HEAD", $"/{bucket}/k", [("range", "bytes=1-2")]));
        var part = await client.Receive(head: true);
        Assert.Equal((206, "2", "bytes 1-2/5"), (part.Status, part.Header("Content-Length"), part.Header("Content-Range")));
    }

    [Fact]
    public async Task Errors_have_no_body_and_leave_the_connection_usable()
    {
        var bucket = await server.NewBucket();
        using var client = await RawClient.Connect(server.Endpoint);
        await client.Send(server.Signer.Head("HEAD", $"/{bucket}/missing"));
        Assert.Equal(404, (await client.Receive(head: true)).Status);
        await client.Send(server.Signer.Head("GET", $"/{bucket}/missing"));
        var next = await client.Receive(); // a body after the HEAD would be read as this answer's head
        Assert.Equal((404, "NoSuchKey"), (next.Status, next.Code));
        var error = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => server.Client.GetObjectMetadataAsync(bucket, "missing"));
        Assert.Equal(HttpStatusCode.NotFound, error.StatusCode);
    }
}
