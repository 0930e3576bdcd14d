using System.Net;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class UploadPartCopyTests(S3Server server)
{
    [Fact]
    public async Task Ranges_of_a_file_become_parts()
    {
        var bucket = await server.NewBucket();
        var content = S3Assert.Random(6_000_000);
        await server.Client.Put(bucket, "from", content);
        var upload = new Upload(server, bucket, "to");
        await upload.Start();
        var first = await Copy(1, 500_000, 5_999_999);
        var second = await Copy(2, 0, 99);
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidArgument", () => Copy(3, 0, 6_000_000));
        await upload.Complete((1, first.ETag), (2, second.ETag));
        using var got = await server.Client.GetObjectAsync(bucket, "to");
        byte[] expected = [.. content[500_000..], .. content[..100]];
        S3Assert.Same(expected, await got.Bytes());

        Task<CopyPartResponse> Copy(int number, long from, long to) => server.Client.CopyPartAsync(new CopyPartRequest
        {
            SourceBucket = bucket,
            SourceKey = "from",
            DestinationBucket = bucket,
            DestinationKey = "to",
            UploadId = upload.Id,
            PartNumber = number,
            FirstByte = from,
            LastByte = to,
        });
    }

    [Fact]
    public async Task A_source_that_one_may_not_read_is_denied()
    {
        var mine = await server.NewBucket();
        await server.Client.Put(mine, "secret", "x");
        var hers = "alice-" + Guid.NewGuid().ToString("N");
        await server.Alice.PutBucketAsync(hers);
        var upload = (await server.Alice.InitiateMultipartUploadAsync(hers, "k")).UploadId;
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.CopyPartAsync(new CopyPartRequest
        {
            SourceBucket = mine,
            SourceKey = "secret",
            DestinationBucket = hers,
            DestinationKey = "k",
            UploadId = upload,
            PartNumber = 1,
        }));
    }

    [Theory]
    [InlineData("bytes=5-9", "InvalidRequest")] // none of these bytes is there
    [InlineData("bytes=0-9", "InvalidArgument")] // not all of them are
    public async Task Ranges_that_the_source_has_not(string range, string code)
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "from", "12345");
        var upload = new Upload(server, bucket, "to");
        await upload.Start();
        var answer = await server.Raw(server.Signer.Head("PUT", $"/{bucket}/to?uploadId={upload.Id}&partNumber=1",
            [("x-amz-copy-source", $"/{bucket}/from"), ("x-amz-copy-source-range", range), ("content-length", "0")]));
        Assert.Equal((400, code), (answer.Status, answer.Code));
    }
}
