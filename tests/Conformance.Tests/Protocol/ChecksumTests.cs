using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;

namespace OrleansDfs.Conformance.Tests.Protocol;

/// <summary>
/// Every algorithm of S3 the whole way: header and trailer, plain and in parts, and each place that shows it. Written by hand: SDKs compute only
/// some.
/// </summary>
[Collection(S3Tests.Name)]
public sealed class ChecksumTests(S3Server server)
{
    const string UnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

    static readonly byte[] _body = "hello, world"u8.ToArray();

    /// <summary>Those that parts of a file cannot be put together from: of a multipart file they are composite.</summary>
    public static TheoryData<string> CompositeAlgorithms => ["SHA1", "SHA256", "SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"];

    [Theory]
    [MemberData(nameof(CompositeAlgorithms))]
    public async Task As_header_and_as_trailer(string algorithm)
    {
        var bucket = await server.NewBucket();
        var (header, value) = (Header(algorithm), Of(algorithm, _body));
        var put = await Put($"/{bucket}/k", _body, (header, value));
        Assert.Equal((200, value), (put.Status, put.Header(header)));
        var wrong = await Put($"/{bucket}/wrong", "hello, World"u8.ToArray(), (header, value));
        Assert.Equal((400, "BadDigest"), (wrong.Status, wrong.Code));
        Assert.Equal(200, (await Trailer($"/{bucket}/t", header, $"{header}:{value}")).Status);
        var spoiled = await Trailer($"/{bucket}/wrong", header, $"{header}:{Of(algorithm, "other"u8.ToArray())}");
        Assert.Equal((400, "BadDigest"), (spoiled.Status, spoiled.Code));

        foreach (var key in new[] { "k", "t" })
        {
            Assert.Equal((value, "FULL_OBJECT"), Shown(await Get("HEAD", $"/{bucket}/{key}", ("x-amz-checksum-mode", "ENABLED")), header));
            Assert.Equal((value, "FULL_OBJECT"), Shown(await Get("GET", $"/{bucket}/{key}", ("x-amz-checksum-mode", "ENABLED")), header));
            var attributes = await Get("GET", $"/{bucket}/{key}?attributes", ("x-amz-object-attributes", "Checksum"));
            Assert.Contains($"<Checksum{algorithm}>{value}</Checksum{algorithm}>", attributes.Text, StringComparison.Ordinal);
        }
        var listed = (await Get("GET", $"/{bucket}?list-type=2")).Text;
        Assert.Equal(2, listed.Split($"<ChecksumAlgorithm>{algorithm}</ChecksumAlgorithm>").Length - 1);
        Assert.DoesNotContain("wrong", listed, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(CompositeAlgorithms))]
    public async Task In_parts_they_are_composite(string algorithm)
    {
        var bucket = await server.NewBucket();
        var (header, value) = (Header(algorithm), Of(algorithm, _body));
        var full = await Start(bucket, ("x-amz-checksum-algorithm", algorithm), ("x-amz-checksum-type", "FULL_OBJECT"));
        Assert.Equal((400, "InvalidRequest"), (full.Status, full.Code));
        var start = await Start(bucket, ("x-amz-checksum-algorithm", algorithm));
        Assert.Equal("COMPOSITE", start.Header("x-amz-checksum-type"));
        var id = start.Text.Split("<UploadId>")[1].Split('<')[0];
        var part = $"/{bucket}/k?partNumber=1&uploadId={id}";

        var none = await Put(part, _body);
        Assert.Equal((400, "InvalidRequest"), (none.Status, none.Code));
        Assert.Contains($"expected checksum Type: {algorithm.ToLowerInvariant()}, actual checksum Type: null", none.Text, StringComparison.Ordinal);
        var other = await Put(part, _body, ("x-amz-checksum-crc32", Convert.ToBase64String(Reversed(Crc32.Hash(_body)))));
        Assert.Equal((400, "InvalidRequest"), (other.Status, other.Code));
        var put = await Put(part, _body, (header, value));
        Assert.Equal((200, value), (put.Status, put.Header(header)));
        var parts = (await Get("GET", $"/{bucket}/k?uploadId={id}")).Text;
        Assert.Contains($"<ChecksumAlgorithm>{algorithm}</ChecksumAlgorithm><ChecksumType>COMPOSITE</ChecksumType>", parts, StringComparison.Ordinal);
        Assert.Contains($"<Checksum{algorithm}>{value}</Checksum{algorithm}>", parts, StringComparison.Ordinal);

        var document = Encoding.UTF8.GetBytes($"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{put.Header("etag")}</ETag>"
            + $"<Checksum{algorithm}>{value}</Checksum{algorithm}></Part></CompleteMultipartUpload>");
        var completed = await server.Raw(server.Signer.Head(
            "POST", $"/{bucket}/k?uploadId={id}", [("content-length", $"{document.Length}")], RawSigner.Hash(document)), document);
        Assert.Equal(200, completed.Status);
        var composite = Of(algorithm, Convert.FromBase64String(value)) + "-1";
        Assert.Equal((composite, "COMPOSITE"), Shown(await Get("HEAD", $"/{bucket}/k", ("x-amz-checksum-mode", "ENABLED")), header));
    }

    [Theory]
    [InlineData("x-amz-checksum-sha512", "AAAA")]
    [InlineData("x-amz-checksum-xxhash128", "rosUhgp5mIg=")]
    [InlineData("x-amz-checksum-md5", "not base64 at all")]
    [InlineData("x-amz-checksum-crc32", "")]
    [InlineData("x-amz-checksum-sha384", "AAAA")]
    public async Task Bad_values_are_refused(string header, string value)
    {
        var bucket = await server.NewBucket();
        var answer = await Put($"/{bucket}/k", _body, (header, value));
        Assert.Equal((400, "InvalidRequest"), (answer.Status, answer.Code));
        Assert.Contains(header, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_checksum_and_no_more()
    {
        var bucket = await server.NewBucket();
        var (sha, md5) = (Of("SHA512", _body), Of("MD5", _body));
        var two = await Put($"/{bucket}/k", _body, ("x-amz-checksum-sha512", sha), ("x-amz-checksum-md5", md5));
        Assert.Equal((400, "InvalidRequest"), (two.Status, two.Code));
        Assert.Contains("Expecting a single x-amz-checksum- header", two.Text, StringComparison.Ordinal);
        var both = await Trailer($"/{bucket}/k", "x-amz-checksum-sha512", $"x-amz-checksum-sha512:{sha}", ("x-amz-checksum-md5", md5));
        Assert.Equal((400, "InvalidRequest"), (both.Status, both.Code));
        var otherTrailer = await Trailer($"/{bucket}/k", "x-amz-checksum-sha512", $"x-amz-checksum-md5:{md5}");
        Assert.Equal((400, "MalformedTrailerError"), (otherTrailer.Status, otherTrailer.Code));
        Assert.Equal(404, (await Get("GET", $"/{bucket}/k")).Status);
    }

    [Fact]
    public async Task An_unsigned_trailer_is_for_objects_and_parts_only()
    {
        var bucket = await server.NewBucket();
        foreach (var target in new[] { $"/{bucket}?tagging", $"/{bucket}?versioning", $"/{bucket}/k?tagging" })
        {
            var answer = await Trailer(target, "x-amz-checksum-md5", $"x-amz-checksum-md5:{Of("MD5", _body)}");
            Assert.Equal((target, 400, "InvalidRequest"), (target, answer.Status, answer.Code));
        }
    }

    static string Header(string algorithm) => "x-amz-checksum-" + algorithm.ToLowerInvariant();

    static byte[] Reversed(byte[] bytes) => [.. bytes.Reverse()];

    static string Of(string algorithm, byte[] bytes) => Convert.ToBase64String(algorithm switch
    {
        "SHA1" => SHA1.HashData(bytes),
        "SHA256" => SHA256.HashData(bytes),
        "SHA512" => SHA512.HashData(bytes),
        "MD5" => MD5.HashData(bytes),
        "XXHASH64" => XxHash64.Hash(bytes),
        "XXHASH3" => XxHash3.Hash(bytes),
        _ => XxHash128.Hash(bytes),
    });

    static (string?, string?) Shown(RawResponse answer, string header) => (answer.Header(header), answer.Header("x-amz-checksum-type"));

    Task<RawResponse> Start(string bucket, params (string, string)[] headers) =>
        server.Raw(server.Signer.Head("POST", $"/{bucket}/k?uploads", [("content-length", "0"), .. headers]));

    Task<RawResponse> Get(string method, string target, params (string, string)[] headers) => server.Raw(server.Signer.Head(method, target, headers));

    Task<RawResponse> Put(string target, byte[] body, params (string, string)[] headers) =>
        server.Raw(server.Signer.Head("PUT", target, [("content-length", $"{body.Length}"), .. headers], RawSigner.Hash(body)), body);

    Task<RawResponse> Trailer(string target, string announced, string trailer, params (string, string)[] headers)
    {
        var body = $"c\r\nhello, world\r\n0\r\n{trailer}\r\n\r\n";
        return server.Raw(server.Signer.Head("PUT", target, [("content-length", $"{body.Length}"), ("x-amz-trailer", announced),
            ("x-amz-decoded-content-length", "12"), ("content-encoding", "aws-chunked"), .. headers], UnsignedTrailer) + body);
    }
}
