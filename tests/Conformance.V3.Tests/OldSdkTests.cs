using System.Net;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;

namespace OrleansDfs.Conformance.Tests;

/// <summary>
/// Programs that were never rebuilt: the SDK of before January 2025 sends signed chunks or a hash of the body, Content-MD5 where a
/// checksum is required, and no checksum of its own accord.
/// </summary>
[Collection(S3Tests.Name)]
public sealed class OldSdkTests(S3Server server)
{
    const int PartSize = 5 * 1024 * 1024;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Put_and_get(bool chunked)
    {
        var bucket = await server.NewBucket();
        var content = S3Assert.Random(1_000_003);
        var put = await server.Client.PutObjectAsync(new PutObjectRequest
        {
            BucketName = bucket,
            Key = "dir//k ü+&",
            InputStream = new MemoryStream(content),
            UseChunkEncoding = chunked,
            ContentType = "text/x-own",
            Metadata = { ["colour"] = "blue" },
        });
        Assert.Equal($"\"{Convert.ToHexStringLower(MD5.HashData(content))}\"", put.ETag);
        using var got = await server.Client.GetObjectAsync(bucket, "dir//k ü+&"); // the SDK compares the ETag with what it reads
        S3Assert.Same(content, await got.Bytes());
        Assert.Equal(("text/x-own", "blue", ""), (got.Headers.ContentType, got.Metadata["colour"], got.Headers.ContentEncoding ?? ""));
    }

    [Fact]
    public async Task A_wrong_Content_MD5_is_refused()
    {
        var bucket = await server.NewBucket();
        var request = new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "hello" };
        request.MD5Digest = Convert.ToBase64String(MD5.HashData("other"u8));
        await S3Assert.Fails(HttpStatusCode.BadRequest, "BadDigest", () => server.Client.PutObjectAsync(request));
        request.MD5Digest = Convert.ToBase64String(MD5.HashData("hello"u8));
        await server.Client.PutObjectAsync(request);
        Assert.Equal("hello", await server.Client.Text(bucket, "k"));
    }

    [Fact]
    public async Task Transfer_in_parts_there_and_back()
    {
        var bucket = await server.NewBucket();
        var content = S3Assert.Random(2 * PartSize + 17);
        using var transfer = new TransferUtility(server.Client, new TransferUtilityConfig { MinSizeBeforePartUpload = PartSize });
        await transfer.UploadAsync(new TransferUtilityUploadRequest
        {
            BucketName = bucket,
            Key = "big",
            InputStream = new MemoryStream(content),
            PartSize = PartSize,
        });
        var attributes = await server.Client.GetObjectMetadataAsync(bucket, "big");
        Assert.EndsWith("-3\"", attributes.ETag, StringComparison.Ordinal);
        await using var back = await transfer.OpenStreamAsync(bucket, "big");
        using var buffer = new MemoryStream();
        await back.CopyToAsync(buffer);
        S3Assert.Same(content, buffer.ToArray());

        var acrossParts = new GetObjectRequest { BucketName = bucket, Key = "big", ByteRange = new ByteRange(PartSize - 5, PartSize + 4) };
        using var range = await server.Client.GetObjectAsync(acrossParts);
        S3Assert.Same(content[(PartSize - 5)..(PartSize + 5)], await range.Bytes());
    }

    [Fact]
    public async Task Multipart_by_hand_copy_and_abort()
    {
        var bucket = await server.NewBucket();
        var content = S3Assert.Random(PartSize);
        await server.Client.Put(bucket, "source", content);
        var upload = (await server.Client.InitiateMultipartUploadAsync(bucket, "big")).UploadId;
        var first = await server.Client.CopyPartAsync(new CopyPartRequest
        {
            SourceBucket = bucket,
            SourceKey = "source",
            DestinationBucket = bucket,
            DestinationKey = "big",
            UploadId = upload,
            PartNumber = 1,
        });
        var second = await server.Client.UploadPartAsync(new UploadPartRequest
        {
            BucketName = bucket,
            Key = "big",
            UploadId = upload,
            PartNumber = 2,
            InputStream = new MemoryStream("end"u8.ToArray()),
            MD5Digest = Convert.ToBase64String(MD5.HashData("end"u8)),
        });
        var complete = new CompleteMultipartUploadRequest { BucketName = bucket, Key = "big", UploadId = upload };
        complete.AddPartETags(new PartETag(1, first.ETag), new PartETag(2, second.ETag));
        await server.Client.CompleteMultipartUploadAsync(complete);
        await server.Client.CopyObjectAsync(bucket, "big", bucket, "copy");
        using var got = await server.Client.GetObjectAsync(bucket, "copy");
        S3Assert.Same([.. content, .. "end"u8], await got.Bytes());

        var aborted = (await server.Client.InitiateMultipartUploadAsync(bucket, "never")).UploadId;
        await server.Client.AbortMultipartUploadAsync(bucket, "never", aborted);
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchUpload", () => server.Client.ListPartsAsync(bucket, "never", aborted));
    }

    [Fact]
    public async Task Listings_and_deletes()
    {
        var bucket = await server.NewBucket();
        foreach (var key in new[] { "a/1", "a/2", "b", "c ü+&" }) await server.Client.Put(bucket, key, key);
        var keys = new List<string>();
        var request = new ListObjectsV2Request { BucketName = bucket, MaxKeys = 3 };
        ListObjectsV2Response page;
        do
        {
            page = await server.Client.ListObjectsV2Async(request);
            keys.AddRange(page.S3Objects.Select(entry => entry.Key));
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated);
        Assert.Equal(["a/1", "a/2", "b", "c ü+&"], keys);
        var first = await server.Client.ListObjectsAsync(new ListObjectsRequest { BucketName = bucket, Delimiter = "/" });
        Assert.Equal(["a/"], first.CommonPrefixes);
        Assert.Equal(4, (await server.Client.ListVersionsAsync(bucket)).Versions.Count);

        // The request that must carry a digest: this SDK's is Content-MD5.
        var everything = new DeleteObjectsRequest { BucketName = bucket, Objects = [.. keys.Select(key => new KeyVersion { Key = key })] };
        var deleted = await server.Client.DeleteObjectsAsync(everything);
        Assert.Equal((4, 0), (deleted.DeletedObjects.Count, deleted.DeleteErrors.Count));
        await server.Client.DeleteBucketAsync(bucket);
    }

    [Fact]
    public async Task Versioning_is_set_with_Content_MD5()
    {
        var bucket = await server.NewBucket();
        await server.Client.PutBucketVersioningAsync(new PutBucketVersioningRequest
        {
            BucketName = bucket,
            VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Enabled },
        });
        var first = await server.Client.Put(bucket, "k", "1");
        await server.Client.Put(bucket, "k", "2");
        using var old = await server.Client.GetObjectAsync(bucket, "k", first.VersionId);
        Assert.Equal("1"u8.ToArray(), await old.Bytes());
    }

    [Fact]
    public async Task Presigned_requests()
    {
        Amazon.AWSConfigsS3.UseSignatureVersion4 = true; // this SDK still presigns with version 2 otherwise
        var bucket = await server.NewBucket();
        string Sign(HttpVerb verb) => server.Client.GetPreSignedURL(new GetPreSignedUrlRequest
        {
            BucketName = bucket,
            Key = "signed ü+&",
            Verb = verb,
            Expires = DateTime.UtcNow.AddMinutes(5),
            Protocol = server.Endpoint.Scheme == Uri.UriSchemeHttps ? Protocol.HTTPS : Protocol.HTTP,
        });
        using var http = new HttpClient();
        using var put = await http.PutAsync(new Uri(Sign(HttpVerb.PUT)), new ByteArrayContent("hello"u8.ToArray()));
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        Assert.Equal("hello", await http.GetStringAsync(new Uri(Sign(HttpVerb.GET))));
    }

    [Fact]
    public async Task Errors()
    {
        var bucket = await server.NewBucket();
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => server.Client.GetObjectAsync(bucket, "missing"));
        await S3Assert.Fails(HttpStatusCode.NotFound, "NotFound", () => server.Client.GetObjectMetadataAsync(bucket, "missing"));
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchBucket", () => server.Client.ListObjectsAsync(bucket + "-not"));
        using var stranger = server.ClientOf(server.AccessKey, "wrong");
        await S3Assert.Fails(HttpStatusCode.Forbidden, "SignatureDoesNotMatch", () => stranger.ListObjectsAsync(bucket));
    }
}
