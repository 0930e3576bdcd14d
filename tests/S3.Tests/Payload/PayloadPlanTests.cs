using System.Security.Cryptography;
using OrleansDfs.Model;

namespace OrleansDfs.S3.Tests.Payload;

public class PayloadPlanTests
{
    private const string Crc32OfHello = "NhCmhg==";

    private static readonly byte[] Hello = "hello"u8.ToArray();

    [Fact]
    public void A_plain_body_gets_crc64nvme()
    {
        var plan = PayloadPlan.Read(Http.Headers(("Content-Length", "5")), null);
        Assert.Equal(Digests.Md5 | Digests.Crc64Nvme, plan.Wanted);
        Assert.False(plan.HasIntegrity);
        var checksum = plan.Verify(DigestsOfBody(plan, Hello))!;
        Assert.Equal((ChecksumAlgorithm.CRC64NVME, ChecksumType.FullObject), (checksum.Algorithm, checksum.Type));
        Assert.Null(PayloadPlan.Read(Http.Headers(), null, fallback: null).Algorithm);
    }

    [Fact]
    public void A_signed_hash_is_compared()
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Hello));
        var plan = PayloadPlan.Read(Http.Headers(("x-amz-content-sha256", hash), ("Content-Length", "5")), null);
        Assert.True(plan.Wanted.HasFlag(Digests.Sha256));
        plan.Verify(DigestsOfBody(plan, Hello));
        Expect.Refusal(ErrorCode.XAmzContentSHA256Mismatch, () => plan.Verify(DigestsOfBody(plan, "hellO"u8.ToArray())));
        Expect.Refusal(ErrorCode.IncompleteBody, () => plan.Verify(DigestsOfBody(plan, "hell"u8.ToArray())));
    }

    [Fact]
    public void Content_md5_is_compared()
    {
        var plan = PayloadPlan.Read(Http.Headers(("Content-MD5", "XUFAKrxLKna5cZ2REBfFkg==")), null);
        Assert.True(plan.HasIntegrity);
        plan.Verify(DigestsOfBody(plan, Hello));
        Expect.Refusal(ErrorCode.BadDigest, () => plan.Verify(DigestsOfBody(plan, [])));
        foreach (var bad in new[] { "", "x", "XUFAKrxLKna5cZ2REBfF", "XUFAKrxLKna5cZ2REBfFkg", "5d41402abc4b2a76b9719d911017c592" })
            Expect.Refusal(ErrorCode.InvalidDigest, () => PayloadPlan.Read(Http.Headers(("Content-MD5", bad)), null));
    }

    [Fact]
    public void A_checksum_header_is_compared_and_kept()
    {
        var plan = PayloadPlan.Read(Http.Headers(("X-Amz-Checksum-Crc32", Crc32OfHello), ("x-amz-sdk-checksum-algorithm", "CRC32")), null);
        Assert.Equal(new Checksum(ChecksumAlgorithm.CRC32, ChecksumType.FullObject, Crc32OfHello), plan.Verify(DigestsOfBody(plan, Hello)));
        var error = Expect.Refusal(ErrorCode.BadDigest, () => plan.Verify(DigestsOfBody(plan, [])));
        Assert.Equal("The CRC32 you specified did not match the calculated checksum.", error.Message);
    }

    [Theory]
    [InlineData("InvalidRequest", "x-amz-checksum-crc32=NhCmhg==", "x-amz-checksum-sha1=qvTGHdzF6KLavt4PO0gs2a6pQ00=")]
    [InlineData("InvalidRequest", "x-amz-checksum-crc32=NhCmhg==", "x-amz-checksum-crc32=NhCmhg==")]
    [InlineData("InvalidRequest", "x-amz-checksum-crc32=NhCm")]
    [InlineData("InvalidRequest", "x-amz-checksum-crc32=***")]
    [InlineData("InvalidRequest", "x-amz-checksum-crc32=")]
    [InlineData("InvalidRequest", "x-amz-checksum-bad=AAAA")]
    [InlineData("InvalidRequest", "x-amz-checksum-sha384=AAAA")]
    [InlineData("InvalidRequest", "x-amz-checksum-sha512=AAAA")]
    [InlineData("InvalidRequest", "x-amz-checksum-md5=XUFAKrxLKna5cZ2REBfF")]
    [InlineData("InvalidRequest", "x-amz-checksum-xxhash64=XUFAKrxLKna5cZ2REBfFkg==")]
    [InlineData("InvalidRequest", "x-amz-checksum-xxhash3=NhCmhg==")]
    [InlineData("InvalidRequest", "x-amz-checksum-xxhash128=rosUhgp5mIg=")]
    [InlineData("InvalidRequest", "x-amz-checksum-md5=XUFAKrxLKna5cZ2REBfFkg==", "x-amz-checksum-crc32=NhCmhg==")]
    [InlineData("InvalidRequest", "x-amz-sdk-checksum-algorithm=CRC32")]
    [InlineData("InvalidRequest", "x-amz-sdk-checksum-algorithm=SHA1", "x-amz-checksum-crc32=NhCmhg==")]
    [InlineData("InvalidRequest", "x-amz-sdk-checksum-algorithm=bad", "x-amz-checksum-crc32=NhCmhg==")]
    [InlineData("InvalidRequest", "x-amz-trailer=x-amz-checksum-crc32")]
    [InlineData("InvalidArgument", "Content-Length=x")]
    [InlineData("InvalidArgument", "Content-Length=-1")]
    [InlineData("InvalidArgument", "x-amz-content-sha256=STREAMING")]
    [InlineData("InvalidArgument", "x-amz-content-sha256=")]
    [InlineData("InvalidArgument", "x-amz-content-sha256=STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "x-amz-decoded-content-length=5")]
    [InlineData("NotImplemented", "x-amz-content-sha256=STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")]
    [InlineData("InvalidRequest", "x-amz-content-sha256=STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-decoded-content-length=5", "x-amz-trailer=")]
    [InlineData("InvalidRequest", "x-amz-content-sha256=STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-decoded-content-length=5",
        "x-amz-trailer=x-other")]
    [InlineData("InvalidRequest", "x-amz-content-sha256=STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-decoded-content-length=5",
        "x-amz-trailer=x-amz-checksum-crc32", "x-amz-checksum-crc32=NhCmhg==")]
    [InlineData("MissingContentLength", "x-amz-content-sha256=STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-trailer=x-amz-checksum-crc32")]
    public void Promises_that_cannot_be_kept_are_refused(string code, params string[] lines)
    {
        var headers = Http.Headers([.. lines.Select(line => (line[..line.IndexOf('=')], line[(line.IndexOf('=') + 1)..]))]);
        Assert.Equal(code, Assert.Throws<S3Exception>(() => PayloadPlan.Read(headers, null)).Code.Code);
    }

    [Theory]
    [InlineData("x-amz-checksum-crc32:NhCmhg==\r\n", null)]
    [InlineData("x-amz-checksum-crc32:AAAAAA==\r\n", "BadDigest")]
    [InlineData("x-amz-checksum-crc32:bad\r\n", "InvalidRequest")]
    [InlineData("x-amz-checksum-sha1:NhCmhg==\r\n", "MalformedTrailerError")]
    [InlineData("", "MalformedTrailerError")]
    public async Task A_trailer_that_was_announced_must_come_and_match(string trailer, string? code)
    {
        var plan = TrailerPlan();
        var body = plan.Open(ChunkedBody.Source(ChunkedBody.Unsigned(Hello, 5, trailer), 5000), null);
        var digests = DigestsOfBody(plan, await ChunkedBody.ReadAll(body));
        if (code is null) Assert.Equal(Crc32OfHello, plan.Verify(digests)!.Value);
        else Assert.Equal(code, Assert.Throws<S3Exception>(() => plan.Verify(digests)).Code.Code);
    }

    /// <summary>As AWS: nothing announced and nothing sent is accepted, a trailer that was not announced is not.</summary>
    [Fact]
    public async Task Without_x_amz_trailer_no_trailer_may_come()
    {
        foreach (var trailer in new[] { "", "x-amz-checksum-crc32:NhCmhg==\r\n" })
        {
            var plan = PayloadPlan.Read(
                Http.Headers(("x-amz-content-sha256", PayloadModes.UnsignedChunksTrailer), ("x-amz-decoded-content-length", "5")), null);
            var body = await ChunkedBody.ReadAll(plan.Open(ChunkedBody.Source(ChunkedBody.Unsigned(Hello, 5, trailer), 5000), null));
            if (trailer.Length == 0) Assert.Equal(ChecksumAlgorithm.CRC64NVME, plan.Verify(DigestsOfBody(plan, body))!.Algorithm);
            else Expect.Refusal(ErrorCode.MalformedTrailerError, () => plan.Verify(DigestsOfBody(plan, body)));
        }
    }

    /// <summary>A caller that stopped early must not be told that all is well.</summary>
    [Fact]
    public void A_body_not_read_to_its_end_is_never_verified()
    {
        var plan = TrailerPlan();
        plan.Open(ChunkedBody.Source(ChunkedBody.Unsigned(Hello, 5, "x-amz-checksum-crc32:NhCmhg==\r\n"), 5000), null);
        Assert.Throws<InvalidOperationException>(() => plan.Verify(DigestsOfBody(plan, Hello)));
    }

    private static PayloadPlan TrailerPlan() => PayloadPlan.Read(
        Http.Headers(("x-amz-content-sha256", PayloadModes.UnsignedChunksTrailer), ("x-amz-decoded-content-length", "5"),
            ("x-amz-trailer", "x-amz-checksum-crc32")), null);

    private static DigestValues DigestsOfBody(PayloadPlan plan, byte[] body)
    {
        using var set = new DigestSet(plan.Wanted);
        set.Append(body);
        return set.Finish();
    }
}
