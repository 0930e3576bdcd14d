using System.Globalization;
using System.Text;

namespace OrleansDfs.Conformance.Tests.Protocol;

/// <summary>The payload modes of S3.md §1, written byte by byte, sound and broken.</summary>
[Collection(S3Tests.Name)]
public sealed class AwsChunkedTests(S3Server server)
{
    const string SignedMode = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    const string SignedTrailerMode = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    const string UnsignedTrailerMode = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

    /// <summary>Every chunk but the last has at least 8 KiB, else S3 answers InvalidChunkSizeError.</summary>
    static readonly string[] _chunks = [new string('h', 8192), "world"];

    [Fact]
    public async Task Signed_chunks()
    {
        var bucket = await server.NewBucket();
        Assert.Equal(200, (await Signed(bucket)).Status);
        Assert.Equal(string.Concat(_chunks), await server.Client.Text(bucket, "k"));
        var head = await server.Client.GetObjectMetadataAsync(bucket, "k");
        Assert.True(string.IsNullOrEmpty(head.Headers.ContentEncoding));
    }

    [Theory]
    [InlineData("signature", 403, "SignatureDoesNotMatch")]
    [InlineData("data", 403, "SignatureDoesNotMatch")]
    [InlineData("size", 400, null)]
    [InlineData("end", 400, "IncompleteBody")]
    [InlineData("more", 400, null)]
    public async Task Broken_signed_chunks_leave_nothing(string what, int status, string? code)
    {
        var bucket = await server.NewBucket();
        var answer = await Signed(bucket, body => what switch
        {
            "signature" => body.Replace("chunk-signature=", "chunk-signature=0", StringComparison.Ordinal),
            "data" => body.Replace("world", "World", StringComparison.Ordinal),
            "size" => body.Replace("5;", "xyz;", StringComparison.Ordinal),
            "end" => body[..body.LastIndexOf("0;", StringComparison.Ordinal)],
            _ => body + "more",
        });
        Assert.Equal(status, answer.Status);
        if (code is not null) Assert.Equal(code, answer.Code);
        Assert.Equal(404, (await server.Raw(server.Signer.Head("GET", $"/{bucket}/k"))).Status);
    }

    [Fact]
    public async Task Unsigned_chunks_with_a_trailer()
    {
        var bucket = await server.NewBucket();
        Assert.Equal(200, (await Unsigned(bucket, "x-amz-checksum-crc32:" + Crc())).Status);
        Assert.Equal("hello, world", await server.Client.Text(bucket, "k"));
    }

    [Theory]
    [InlineData("x-amz-checksum-crc32:AAAAAA==", 400, "BadDigest")]
    [InlineData("x-amz-checksum-crc32:!!", 400, "InvalidRequest")]
    [InlineData("x-amz-checksum-sha1:AAAA", 400, "MalformedTrailerError")]
    public async Task A_wrong_trailer_leaves_nothing(string trailer, int status, string code)
    {
        var bucket = await server.NewBucket();
        var answer = await Unsigned(bucket, trailer);
        Assert.Equal((status, code), (answer.Status, answer.Code));
        Assert.Equal(404, (await server.Raw(server.Signer.Head("GET", $"/{bucket}/k"))).Status);
    }

    /// <summary>CVE-2025-31489: an upload with an unsigned trailer was taken without looking at the request's signature.</summary>
    [Fact]
    public async Task An_unsigned_trailer_does_not_excuse_a_wrong_signature()
    {
        var bucket = await server.NewBucket();
        var forger = new RawSigner(server.AccessKey, "not the secret", server.Host);
        var answer = await Unsigned(bucket, "x-amz-checksum-crc32:" + Crc(), forger);
        Assert.Equal((403, "SignatureDoesNotMatch"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Signed_chunks_with_a_signed_trailer()
    {
        var bucket = await server.NewBucket();
        Assert.Equal(200, (await SignedTrailer(bucket, forge: false)).Status);
        Assert.Equal("hello, world", await server.Client.Text(bucket, "k"));
        var forged = await SignedTrailer(bucket, forge: true);
        Assert.Equal((403, "SignatureDoesNotMatch"), (forged.Status, forged.Code));
    }

    [Fact]
    public async Task The_decoded_length_is_required_and_must_hold()
    {
        var bucket = await server.NewBucket();
        var body = $"c\r\nhello, world\r\n0\r\nx-amz-checksum-crc32:{Crc()}\r\n\r\n";
        List<(string, string)> headers = [("content-length", $"{body.Length}"), ("x-amz-trailer", "x-amz-checksum-crc32")];
        var none = await server.Raw(server.Signer.Head("PUT", $"/{bucket}/k", headers, UnsignedTrailerMode) + body);
        Assert.Equal((411, "MissingContentLength"), (none.Status, none.Code));
        foreach (var length in new[] { 11, 13 })
        {
            var wrong = await server.Raw(server.Signer.Head("PUT", $"/{bucket}/k", [.. headers, ("x-amz-decoded-content-length", $"{length}")],
                UnsignedTrailerMode) + body);
            Assert.Equal((400, "IncompleteBody"), (wrong.Status, wrong.Code));
        }
    }

    /// <summary>As botocore sends trailers: aws-chunked inside HTTP's own chunks, on a connection that is used again.</summary>
    [Fact]
    public async Task Inside_http_chunks()
    {
        var bucket = await server.NewBucket();
        var body = $"c\r\nhello, world\r\n0\r\nx-amz-checksum-crc32:{Crc()}\r\n\r\n";
        using var client = await RawClient.Connect(server.Endpoint);
        for (var i = 0; i < 2; i++)
        {
            await client.Send(server.Signer.Head("PUT", $"/{bucket}/k{i}",
                [("transfer-encoding", "chunked"), ("x-amz-trailer", "x-amz-checksum-crc32"),
                ("x-amz-decoded-content-length", "12"), ("content-encoding", "aws-chunked")], UnsignedTrailerMode));
            await client.Send(string.Create(CultureInfo.InvariantCulture, $"{body.Length:x}\r\n{body}\r\n0\r\n\r\n"));
            Assert.Equal(200, (await client.Receive()).Status);
        }
        Assert.Equal("hello, world", await server.Client.Text(bucket, "k1"));
    }

    Task<RawResponse> Signed(string bucket, Func<string, string>? spoil = null)
    {
        var signer = server.Signer;
        var length = _chunks.Sum(chunk => chunk.Length);
        // The length of the framed body does not depend on the signatures, so the head can be made first.
        var framed = _chunks.Append("").Sum(chunk => $"{chunk.Length:x};chunk-signature=".Length + 64 + 4 + chunk.Length);
        var spoiledBy = spoil is null ? 0 : spoil(Body(new string('0', 64), signer)).Length - framed;
        var head = signer.Head("PUT", $"/{bucket}/k", [("content-length", $"{framed + spoiledBy}"), ("content-encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", $"{length}")], SignedMode);
        var body = Body(signer.Seed, signer);
        return server.Raw(head + (spoil is null ? body : spoil(body)));
    }

    static string Body(string seed, RawSigner signer)
    {
        var body = new StringBuilder();
        foreach (var chunk in _chunks.Append(""))
        {
            seed = signer.Chunk(seed, Encoding.ASCII.GetBytes(chunk));
            body.Append(CultureInfo.InvariantCulture, $"{chunk.Length:x};chunk-signature={seed}\r\n{chunk}\r\n");
        }
        return body.ToString();
    }

    Task<RawResponse> Unsigned(string bucket, string trailer, RawSigner? signer = null)
    {
        var body = $"c\r\nhello, world\r\n0\r\n{trailer}\r\n\r\n";
        return server.Raw((signer ?? server.Signer).Head("PUT", $"/{bucket}/k",
            [("content-length", $"{body.Length}"), ("x-amz-trailer", "x-amz-checksum-crc32"),
            ("x-amz-decoded-content-length", "12"), ("content-encoding", "aws-chunked")], UnsignedTrailerMode) + body);
    }

    Task<RawResponse> SignedTrailer(string bucket, bool forge)
    {
        var signer = server.Signer;
        var trailer = "x-amz-checksum-crc32:" + Crc();
        var length = "c;chunk-signature=".Length + 64 + 2 + 12 + 2 + "0;chunk-signature=".Length + 64 + 2 + trailer.Length + 2
            + "x-amz-trailer-signature:".Length + 64 + 4;
        var head = signer.Head("PUT", $"/{bucket}/k", [("content-length", $"{length}"), ("x-amz-trailer", "x-amz-checksum-crc32"),
            ("x-amz-decoded-content-length", "12"), ("content-encoding", "aws-chunked")], SignedTrailerMode);
        var first = signer.Chunk(signer.Seed, "hello, world"u8);
        var last = signer.Chunk(first, []);
        var signature = signer.Trailer(forge ? first : last, trailer + "\n");
        return server.Raw($"{head}c;chunk-signature={first}\r\nhello, world\r\n0;chunk-signature={last}\r\n{trailer}\r\n"
            + $"x-amz-trailer-signature:{signature}\r\n\r\n");
    }

    /// <summary>CRC-32 bit by bit, apart from the server's.</summary>
    static string Crc()
    {
        var crc = 0xFFFFFFFFu;
        foreach (var b in "hello, world"u8)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320u & (uint)-(int)(crc & 1));
        }
        var value = ~crc;
        return Convert.ToBase64String([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);
    }
}
