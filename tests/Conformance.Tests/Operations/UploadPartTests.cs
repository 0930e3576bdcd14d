using System.Net;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class UploadPartTests(S3Server server)
{
    [Fact]
    public async Task Unknown_uploads_and_bad_numbers_are_refused_before_the_body()
    {
        var bucket = await server.NewBucket();
        var upload = new Upload(server, bucket, "k");
        await upload.Start();
        await Refused("/k?partNumber=1&uploadId=nonsense", 404, "NoSuchUpload");
        await Refused($"/k?partNumber=1&uploadId={Guid.NewGuid():N}", 404, "NoSuchUpload");
        await Refused($"/other?partNumber=1&uploadId={upload.Id}", 404, "NoSuchUpload");
        await Refused($"/k?partNumber=0&uploadId={upload.Id}", 400, "InvalidArgument");
        await Refused($"/k?partNumber=10001&uploadId={upload.Id}", 400, "InvalidArgument");

        async Task Refused(string target, int status, string code)
        {
            using var client = await RawClient.Connect(server.Endpoint);
            await client.Send(server.Signer.Head("PUT", "/" + bucket + target, [("content-length", "1000000"), ("expect", "100-continue")],
                "UNSIGNED-PAYLOAD"));
            var answer = await client.Receive();
            Assert.Equal((status, code), (answer.Status, answer.Code));
        }
    }

    [Fact]
    public async Task A_part_with_a_wrong_digest_is_no_part()
    {
        var bucket = await server.NewBucket();
        var upload = new Upload(server, bucket, "k");
        await upload.Start();
        var answer = await server.Raw(server.Signer.Head("PUT", $"/{bucket}/k?partNumber=1&uploadId={upload.Id}",
            [("content-length", "5"), ("x-amz-checksum-crc32", "AAAAAA==")], RawSigner.Hash("hello"u8)), "hello"u8.ToArray());
        Assert.Equal((400, "BadDigest"), (answer.Status, answer.Code));
        Assert.Empty((await server.Client.ListPartsAsync(bucket, "k", upload.Id)).Parts ?? []);
        await server.Client.AbortMultipartUploadAsync(bucket, "k", upload.Id);
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchUpload", () => upload.Put(1, "late"u8.ToArray()));
    }
}
