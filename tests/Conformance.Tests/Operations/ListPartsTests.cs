using System.Net;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class ListPartsTests(S3Server server)
{
    [Fact]
    public async Task Pages_of_parts()
    {
        var bucket = await server.NewBucket();
        var upload = new Upload(server, bucket, "k");
        await upload.Start();
        foreach (var number in new[] { 2, 9, 4 }) await upload.Put(number, new byte[number]);
        var first = await server.Client.ListPartsAsync(new ListPartsRequest { BucketName = bucket, Key = "k", UploadId = upload.Id, MaxParts = 2 });
        Assert.Equal([(2, 2L), (4, 4L)], first.Parts.Select(p => (p.PartNumber ?? 0, p.Size ?? 0)));
        Assert.True(first.IsTruncated);
        var rest = await server.Client.ListPartsAsync(new ListPartsRequest
        {
            BucketName = bucket,
            Key = "k",
            UploadId = upload.Id,
            PartNumberMarker = first.NextPartNumberMarker?.ToString(),
        });
        Assert.Equal([9], rest.Parts.Select(p => p.PartNumber ?? 0));
        Assert.Equal(upload.ETag(9), rest.Parts[0].ETag);
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchUpload", () => server.Client.ListPartsAsync(bucket, "k", Guid.NewGuid().ToString("N")));
    }

    /// <summary>S3 takes an empty number for none.</summary>
    [Theory]
    [InlineData("&part-number-marker=")]
    [InlineData("&max-parts=")]
    public async Task Empty_numbers_are_as_if_not_sent(string query)
    {
        var bucket = await server.NewBucket();
        var upload = new Upload(server, bucket, "k");
        await upload.Start();
        await upload.Put(1, [1]);
        var answer = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k?uploadId={upload.Id}{query}"));
        Assert.Equal(200, answer.Status);
        Assert.Contains("<PartNumber>1</PartNumber>", answer.Text, StringComparison.Ordinal);
    }
}
