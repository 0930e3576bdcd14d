using System.Net;
using System.Security.Cryptography;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class PutObjectTests(S3Server server)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(3_500_000)]
    public async Task What_is_put_is_what_is_got(int length)
    {
        var bucket = await server.NewBucket();
        var content = S3Assert.Random(length, length);
        var put = await server.Client.Put(bucket, "file", content);
        Assert.Equal($"\"{Convert.ToHexStringLower(MD5.HashData(content))}\"", put.ETag);
        using var got = await server.Client.GetObjectAsync(bucket, "file");
        Assert.Equal(put.ETag, got.ETag);
        Assert.Equal(length, got.ContentLength);
        S3Assert.Same(content, await got.Bytes());
    }

    [Fact]
    public async Task Headers_and_metadata_come_back()
    {
        var bucket = await server.NewBucket();
        var request = new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "x", ContentType = "text/plain; charset=utf-8" };
        request.Headers.CacheControl = "max-age=60";
        request.Headers.ContentDisposition = "attachment; filename=\"a.txt\"";
        request.Headers.ContentEncoding = "identity";
        request.Headers["Content-Language"] = "de";
        request.Metadata["colour"] = "blue";
        request.Metadata["umlaut"] = "=?UTF-8?B?w7ZsIQ==?=";
        await server.Client.PutObjectAsync(request);

        var head = await server.Client.GetObjectMetadataAsync(bucket, "k");
        Assert.Equal("text/plain; charset=utf-8", head.Headers.ContentType);
        Assert.Equal("max-age=60", head.Headers.CacheControl);
        Assert.Equal("attachment; filename=\"a.txt\"", head.Headers.ContentDisposition);
        Assert.Equal("identity", head.Headers.ContentEncoding); // and nothing of aws-chunked
        Assert.Equal("blue", head.Metadata["colour"]);
        Assert.Equal("=?UTF-8?B?w7ZsIQ==?=", head.Metadata["umlaut"]);
    }

    [Theory]
    [InlineData("CRC32")]
    [InlineData("CRC32C")]
    [InlineData("CRC64NVME")]
    [InlineData("SHA1")]
    [InlineData("SHA256")]
    public async Task Checksums_are_verified_kept_and_shown_when_asked_for(string algorithm)
    {
        var bucket = await server.NewBucket();
        var expected = algorithm switch
        {
            "CRC32" => "y/Q5Jg==",
            "CRC32C" => "4waSgw==",
            "CRC64NVME" => "rosUhgp5mIg=",
            "SHA1" => Convert.ToBase64String(SHA1.HashData("123456789"u8)),
            _ => Convert.ToBase64String(SHA256.HashData("123456789"u8)),
        };
        var header = "x-amz-checksum-" + algorithm.ToLowerInvariant();
        var body = "123456789"u8.ToArray();
        var put = await server.Raw(server.Signer.Head("PUT", $"/{bucket}/k", [("content-length", "9"), (header, expected)], RawSigner.Hash(body)),
            body);
        Assert.Equal((200, expected), (put.Status, put.Header(header)));
        var wrong = await server.Raw(server.Signer.Head("PUT", $"/{bucket}/k", [("content-length", "9"), (header, expected)],
            RawSigner.Hash("12345678X"u8)), "12345678X"u8.ToArray());
        Assert.Equal((400, "BadDigest"), (wrong.Status, wrong.Code));

        var answer = await server.Raw(server.Signer.Head("HEAD", $"/{bucket}/k", [("x-amz-checksum-mode", "ENABLED")]));
        Assert.Equal(expected, answer.Header(header));
        Assert.Equal("FULL_OBJECT", answer.Header("x-amz-checksum-type"));
        var silent = await server.Raw(server.Signer.Head("HEAD", $"/{bucket}/k"));
        Assert.Null(silent.Header(header));
    }

    [Fact]
    public async Task Without_a_checksum_the_server_adds_its_own()
    {
        var bucket = await server.NewBucket();
        var body = "123456789"u8.ToArray();
        var put = await server.Raw(server.Signer.Head("PUT", $"/{bucket}/k", [("content-length", "9")], RawSigner.Hash(body)), body);
        Assert.Equal("rosUhgp5mIg=", put.Header("x-amz-checksum-crc64nvme"));
    }

    [Fact]
    public async Task A_wrong_digest_leaves_nothing_visible()
    {
        var bucket = await server.NewBucket();
        var body = "content"u8.ToArray();
        var md5 = Convert.ToBase64String(MD5.HashData("other"u8));
        await Refused("BadDigest", ("content-md5", md5));
        await Refused("InvalidDigest", ("content-md5", "short"));
        await Refused("BadDigest", ("x-amz-checksum-crc32", "AAAAAA=="));
        await Refused("InvalidRequest", ("x-amz-checksum-crc32", "not base64"));

        async Task Refused(string code, (string, string) header)
        {
            var answer = await server.Raw(server.Signer.Head("PUT", $"/{bucket}/k", [("content-length", "7"), header], RawSigner.Hash(body)), body);
            Assert.Equal((400, code), (answer.Status, answer.Code));
            await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => server.Client.GetObjectAsync(bucket, "k"));
        }
    }

    [Fact]
    public async Task The_body_must_be_the_one_that_was_signed()
    {
        var bucket = await server.NewBucket();
        var answer = await server.Raw(server.Signer.Head("PUT", $"/{bucket}/k", [("content-length", "5")], RawSigner.Hash("hello"u8)),
            "HELLO"u8.ToArray());
        Assert.Equal((400, "XAmzContentSHA256Mismatch"), (answer.Status, answer.Code));
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => server.Client.GetObjectAsync(bucket, "k"));
    }

    [Fact]
    public async Task Of_many_conditional_creates_one_wins()
    {
        var bucket = await server.NewBucket();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(Try));
        Assert.Equal(1, outcomes.Count(status => status == HttpStatusCode.OK));
        Assert.All(outcomes, status => Assert.True(status is HttpStatusCode.OK or HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict));
        await S3Assert.Fails(HttpStatusCode.PreconditionFailed, "PreconditionFailed", () => Create("late"));

        async Task<HttpStatusCode> Try(int writer)
        {
            try
            {
                return (await Create($"writer {writer}")).HttpStatusCode;
            }
            catch (AmazonS3Exception e)
            {
                return e.StatusCode;
            }
        }

        Task<PutObjectResponse> Create(string content) =>
            server.Client.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "lock", ContentBody = content, IfNoneMatch = "*" });
    }

    [Fact]
    public async Task If_match_writes_only_over_what_was_read()
    {
        var bucket = await server.NewBucket();
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => Swap("\"0123\"", "x"));
        var first = await server.Client.Put(bucket, "k", "one");
        await Swap(first.ETag, "two");
        await S3Assert.Fails(HttpStatusCode.PreconditionFailed, "PreconditionFailed", () => Swap(first.ETag, "three"));
        Assert.Equal("two", await server.Client.Text(bucket, "k"));

        Task<PutObjectResponse> Swap(string etag, string content) =>
            server.Client.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = content, IfMatch = etag });
    }

    [Theory]
    [InlineData("x-amz-server-side-encryption-aws-kms-key-id", "key", 501, "NotImplemented")]
    [InlineData("x-amz-acl", "public-read", 400, "AccessControlListNotSupported")]
    [InlineData("x-amz-acl", "nonsense", 400, "InvalidArgument")]
    [InlineData("x-amz-grant-read", "id=root", 400, "AccessControlListNotSupported")]
    [InlineData("x-amz-object-lock-legal-hold", "ON", 400, "InvalidRequest")]
    [InlineData("x-amz-storage-class", "NONSENSE", 400, "InvalidStorageClass")]
    [InlineData("if-match", "\"a\", \"b\"", 501, "NotImplemented")]
    [InlineData("if-match", "*", 501, "NotImplemented")]
    [InlineData("if-none-match", "\"a\"", 501, "NotImplemented")]
    public async Task Headers_that_ask_for_what_is_not_built_are_refused_by_name(string name, string value, int status, string code)
    {
        var bucket = await server.NewBucket();
        var answer = await server.Raw(server.Signer.Head("PUT", $"/{bucket}/k", [("content-length", "0"), (name, value)]));
        Assert.Equal((status, code), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Keys_are_opaque_bytes()
    {
        var bucket = await server.NewBucket();
        string[] keys = ["a", "a/", "a/b", "a//b", "ä ö+ü", "per%2Fcent", "emoji \U0001F600", "q?x=1&y", "tab\tkey", new string('k', 1024)];
        foreach (var key in keys) await server.Client.Put(bucket, key, key);
        foreach (var key in keys) Assert.Equal(key, await server.Client.Text(bucket, key));
        var request = new ListObjectsV2Request { BucketName = bucket, Encoding = EncodingType.Url };
        var listed = (await server.Client.ListObjectsV2Async(request)).S3Objects;
        Assert.Equal(keys.Order(StringComparer.Ordinal), listed.Select(o => Uri.UnescapeDataString(o.Key)).Order(StringComparer.Ordinal));
        await S3Assert.Fails(HttpStatusCode.BadRequest, "KeyTooLongError", () => server.Client.Put(bucket, new string('k', 1025), "x"));
    }

    [Fact]
    public async Task Metadata_above_two_kilobytes_is_refused()
    {
        var bucket = await server.NewBucket();
        var request = new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "x" };
        request.Metadata["big"] = new string('m', 2048);
        await S3Assert.Fails(HttpStatusCode.BadRequest, "MetadataTooLarge", () => server.Client.PutObjectAsync(request));
    }

    [Fact]
    public async Task An_overwrite_is_seen_at_once()
    {
        var bucket = await server.NewBucket();
        for (var i = 0; i < 20; i++)
        {
            await server.Client.Put(bucket, "k", $"{i}");
            Assert.Equal(Encoding.UTF8.GetBytes($"{i}"), Encoding.UTF8.GetBytes(await server.Client.Text(bucket, "k")));
        }
    }
}
