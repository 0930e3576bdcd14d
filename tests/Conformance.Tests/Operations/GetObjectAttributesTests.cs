using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class GetObjectAttributesTests(S3Server server)
{
    static readonly ObjectAttributes[] _all =
        [ObjectAttributes.ETag, ObjectAttributes.Checksum, ObjectAttributes.ObjectParts, ObjectAttributes.StorageClass, ObjectAttributes.ObjectSize];

    [Fact]
    public async Task A_plain_object()
    {
        var bucket = await server.NewBucket();
        var put = await server.Client.PutObjectAsync(new PutObjectRequest
        {
            BucketName = bucket,
            Key = "k",
            ContentBody = "hello",
            ChecksumAlgorithm = ChecksumAlgorithm.SHA256,
        });
        var got = await Get(bucket, "k");
        Assert.Equal((put.ETag.Trim('"'), put.ChecksumSHA256, 5L), (got.ETag, got.Checksum.ChecksumSHA256, got.ObjectSize));
        Assert.Equal((ChecksumType.FULL_OBJECT, S3StorageClass.Standard), (got.Checksum.ChecksumType, got.StorageClass));
        Assert.Null(got.ObjectParts);
        var some = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k?attributes", [("x-amz-object-attributes", "ObjectSize, ETag")]));
        Assert.Equal(200, some.Status);
        Assert.Contains("<ObjectSize>5</ObjectSize>", some.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("StorageClass", some.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Checksum", some.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parts_come_in_pages()
    {
        var bucket = await server.NewBucket();
        var upload = new Upload(server, bucket, "k") { Algorithm = ChecksumAlgorithm.CRC32 };
        await upload.Start(request => request.ChecksumType = ChecksumType.FULL_OBJECT); // a composite one has no gaps
        var big = S3Assert.Random(5 * 1024 * 1024);
        await upload.Put(2, big);
        await upload.Put(5, big);
        var last = await upload.Put(7, [1, 2, 3]);
        await upload.Complete();

        var all = (await Get(bucket, "k")).ObjectParts;
        Assert.Equal([(2, (long)big.Length), (5, big.Length), (7, 3L)], all.Parts.Select(p => (p.PartNumber!.Value, p.Size!.Value)));
        Assert.Equal((3, false, last.ChecksumCRC32), (all.TotalPartsCount, all.IsTruncated, all.Parts[2].ChecksumCRC32));
        var first = (await Get(bucket, "k", maxParts: 2)).ObjectParts;
        Assert.Equal((2, 3, true, 5), (first.Parts.Count, first.TotalPartsCount, first.IsTruncated, first.NextPartNumberMarker));
        var next = (await Get(bucket, "k", maxParts: 2, after: 5)).ObjectParts;
        Assert.Equal((7, false), (Assert.Single(next.Parts).PartNumber, next.IsTruncated));
    }

    [Theory]
    [InlineData(null, "InvalidRequest")]
    [InlineData(" , ", "InvalidRequest")]
    [InlineData("ETag,Colour", "InvalidArgument")]
    [InlineData("etag", "InvalidArgument")]
    public async Task Attributes_that_do_not_exist(string? attributes, string code)
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        (string, string)[] headers = attributes is null ? [] : [("x-amz-object-attributes", attributes)];
        var answer = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k?attributes", headers));
        Assert.Equal((400, code), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Bad_numbers_and_missing_objects()
    {
        var bucket = await server.NewBucket();
        var bad = await server.Raw(server.Signer.Head(
            "GET", $"/{bucket}/k?attributes", [("x-amz-object-attributes", "ETag"), ("x-amz-max-parts", "-1")]));
        Assert.Equal((400, "InvalidArgument"), (bad.Status, bad.Code));
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => Get(bucket, "missing"));
        await server.Client.Put(bucket, "k", "x");
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.GetObjectAttributesAsync(
            new GetObjectAttributesRequest { BucketName = bucket, Key = "k", ObjectAttributes = [.. _all] }));
    }

    Task<GetObjectAttributesResponse> Get(string bucket, string key, int? maxParts = null, int? after = null) =>
        server.Client.GetObjectAttributesAsync(new GetObjectAttributesRequest
        {
            BucketName = bucket,
            Key = key,
            ObjectAttributes = [.. _all],
            MaxParts = maxParts,
            PartNumberMarker = after,
        });
}
