using System.Globalization;
using OrleansDfs.Model;

namespace OrleansDfs.S3.Tests.Signature;

public class SignedRequestTests
{
    private const string AccessKey = "ODFSKEY";
    private const string Secret = "secret/of+a user";
    private const string Day = "20260102";

    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly byte[] Key = SigningKey.Derive(Secret, Day, "us-east-1", "s3");
    private static readonly RequestSigner Signer = new(AccessKey, Secret);

    [Theory]
    [InlineData("/bucket/a//b/../c%2Fd+e")]
    [InlineData("/bucket/%C3%A4%20%25?versionId=null&x=a+b&x=a%20b&y")]
    [InlineData("/bucket/plain!*'()$&;=@")]
    [InlineData("/bucket?prefix=b&prefix=a&delimiter=%2F&prefix-=1&Prefix=2")]
    public void A_signed_request_verifies(string rawTarget)
    {
        var headers = Http.Headers(("Host", "localhost:9000"), ("x-amz-meta-a", "  two   spaces "), ("X-Amz-Meta-B", "1"), ("x-amz-meta-b", "2"));
        Signer.Sign("PUT", rawTarget, headers, PayloadModes.Unsigned, Now);
        Parse("PUT", rawTarget, headers)!.Verify(Key);
    }

    [Fact]
    public void Header_values_are_signed_as_bytes()
    {
        var raw = System.Text.Encoding.Latin1.GetString("ä\u00a0"u8);
        var headers = Http.Headers(("Host", "localhost"), ("x-amz-meta-a", raw));
        Signer.Sign("PUT", "/bucket/k", headers, PayloadModes.Unsigned, Now);
        Assert.Contains("x-amz-meta-a:" + raw, Parse("PUT", "/bucket/k", headers)!.CanonicalRequest);
        Parse("PUT", "/bucket/k", headers)!.Verify(Key);
    }

    /// <summary>By hand, and exactly what the BCL takes for the same format.</summary>
    [Theory]
    [InlineData("20260102T030405Z")]
    [InlineData("20240229T235959Z")]
    [InlineData("00010101T000000Z")]
    [InlineData("99991231T235959Z")]
    [InlineData("20260229T000000Z")]
    [InlineData("20261301T000000Z")]
    [InlineData("20260001T000000Z")]
    [InlineData("20260100T000000Z")]
    [InlineData("00000101T000000Z")]
    [InlineData("20260102T240000Z")]
    [InlineData("20260102T006000Z")]
    [InlineData("20260102T000060Z")]
    [InlineData("20260102t030405Z")]
    [InlineData("20260102T030405z")]
    [InlineData("20260102T030405")]
    [InlineData(" 20260102T030405Z")]
    [InlineData("20260102T030405Z ")]
    [InlineData("+0260102T030405Z")]
    [InlineData("2026010٢T030405Z")]
    [InlineData("")]
    public void A_timestamp_is_read_as_its_format_says(string text)
    {
        var known = DateTimeOffset.TryParseExact(
            text, SignatureClaim.TimestampFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expected);
        Assert.Equal(known, SignatureClaim.TryParseTimestamp(text, out var time));
        if (known) Assert.Equal(expected, time);
    }

    [Fact]
    public void No_credentials_is_anonymous() => Assert.Null(Parse("GET", "/bucket/key", Http.Headers(("Host", "h"))));

    [Fact]
    public void Another_key_method_target_or_header_does_not_match()
    {
        var headers = Signed("GET", "/bucket/key?a=1");
        Expect.Refusal(ErrorCode.SignatureDoesNotMatch, () => Parse("GET", "/bucket/key?a=1", headers)!.Verify(new byte[32]));
        Expect.Refusal(ErrorCode.SignatureDoesNotMatch, () => Parse("PUT", "/bucket/key?a=1", headers)!.Verify(Key));
        Expect.Refusal(ErrorCode.SignatureDoesNotMatch, () => Parse("GET", "/bucket/kez?a=1", headers)!.Verify(Key));
        Expect.Refusal(ErrorCode.SignatureDoesNotMatch, () => Parse("GET", "/bucket/key?a=1&b", headers)!.Verify(Key));
        var error = Expect.Refusal(ErrorCode.SignatureDoesNotMatch, () => Parse("GET", "/bucket/key?a=2", headers)!.Verify(Key));
        Assert.StartsWith("AWS4-HMAC-SHA256\n", error.Detail("StringToSign"));
    }

    [Fact]
    public void An_unknown_key_is_refused_even_with_the_decoys_luck() =>
        Expect.Refusal(ErrorCode.InvalidAccessKeyId, () => Parse("GET", "/bucket/key", Signed("GET", "/bucket/key"))!.Verify(null));

    /// <summary>S3.md §6, 1: whatever S3 would act on must be covered.</summary>
    [Theory]
    [InlineData("x-amz-copy-source")]
    [InlineData("X-Amz-Acl")]
    [InlineData("x-amz-tagging")]
    public void A_header_added_after_signing_is_refused(string name)
    {
        var headers = Signed("PUT", "/bucket/key");
        headers.Add(name, "x");
        var error = Expect.Refusal(ErrorCode.AccessDenied, () => Parse("PUT", "/bucket/key", headers));
        Assert.Equal(name.ToLowerInvariant(), error.Detail("HeadersNotSigned"));

        var presigned = Signer.Presign("PUT", "/bucket/key", Http.Headers(("Host", "h")), TimeSpan.FromMinutes(1), Now);
        Expect.Refusal(ErrorCode.AccessDenied, () => Parse("PUT", presigned, Http.Headers(("Host", "h"), (name, "x"))));
    }

    [Fact]
    public void Host_must_be_signed()
    {
        var headers = Http.Headers(("x-amz-acl", "private"));
        Signer.Sign("GET", "/bucket/key", headers, PayloadModes.Unsigned, Now);
        Assert.Equal("host", Expect.Refusal(ErrorCode.AccessDenied, () => Parse("GET", "/bucket/key", headers)).Detail("HeadersNotSigned"));
    }

    [Theory]
    [InlineData(15 * 60, true)]
    [InlineData(-15 * 60, true)]
    [InlineData(15 * 60 + 1, false)]
    [InlineData(-15 * 60 - 1, false)]
    public void A_clock_may_be_off_by_a_quarter_of_an_hour(int seconds, bool accepted)
    {
        var headers = Signed("GET", "/bucket/key");
        var target = Http.Target("/bucket/key");
        var now = Now.AddSeconds(seconds);
        if (accepted) SignedRequest.Parse("GET", target, headers, new SignatureRules(), now)!.Verify(Key);
        else Expect.Refusal(ErrorCode.RequestTimeTooSkewed, () => SignedRequest.Parse("GET", target, headers, new SignatureRules(), now));
    }

    [Fact]
    public void A_presigned_request_lives_as_long_as_it_says()
    {
        var raw = Signer.Presign("GET", "/bucket/key?versionId=null", Http.Headers(("Host", "h")), TimeSpan.FromSeconds(60), Now);
        var target = Http.Target(raw);
        var headers = Http.Headers(("Host", "h"));
        SignedRequest.Parse("GET", target, headers, new SignatureRules(), Now.AddSeconds(60))!.Verify(Key);
        var error = Expect.Refusal(ErrorCode.AccessDenied,
            () => SignedRequest.Parse("GET", target, headers, new SignatureRules(), Now.AddSeconds(61)));
        Assert.Equal("Request has expired", error.Message);
        Expect.Refusal(ErrorCode.AccessDenied, () => SignedRequest.Parse("GET", target, headers, new SignatureRules(), Now.AddMinutes(-16)));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("604801")]
    [InlineData("1e3")]
    [InlineData("99999999999999999999")]
    [InlineData("")]
    public void An_expiry_outside_of_a_week_is_refused(string expires) =>
        Expect.Refusal(ErrorCode.AuthorizationQueryParametersError, () => Parse("GET", Presigned("X-Amz-Expires", expires),
            Http.Headers(("Host", "h"))));

    [Theory]
    [InlineData("X-Amz-Algorithm", "AWS4-HMAC-SHA1")]
    [InlineData("X-Amz-Credential", "AKID")]
    [InlineData("X-Amz-Credential", "/20260102/us-east-1/s3/aws4_request")]
    [InlineData("X-Amz-Date", "2026-01-02")]
    [InlineData("X-Amz-Credential", "K%2F20260101%2Fus-east-1%2Fs3%2Faws4_request")]
    [InlineData("X-Amz-Credential", "K%2F20260102%2Fus-east-1%2Fec2%2Faws4_request")]
    [InlineData("X-Amz-Signature", "")]
    public void Malformed_query_credentials_are_refused(string name, string value) =>
        Expect.Refusal(ErrorCode.AuthorizationQueryParametersError, () => Parse("GET", Presigned(name, value), Http.Headers(("Host", "h"))));

    [Fact]
    public void Half_of_the_query_credentials_is_an_error_not_anonymous() =>
        Expect.Refusal(ErrorCode.AuthorizationQueryParametersError, () => Parse("GET", "/bucket/key?X-Amz-Signature=00",
            Http.Headers(("Host", "h"))));

    [Theory]
    [InlineData("X-Amz-Expires=60")]
    [InlineData("x-amz-expires=60")]
    public void A_repeated_parameter_is_refused(string extra) =>
        Expect.Refusal(ErrorCode.InvalidArgument, () => Parse("GET", Presigned("X-Amz-Expires", "60") + "&" + extra, Http.Headers(("Host", "h"))));

    [Theory]
    [InlineData("X-Amz-Signature=0")]
    [InlineData("X-Amz-Credential=0")]
    [InlineData("AWSAccessKeyId=k&Signature=s&Expires=1")]
    public void Credentials_in_header_and_query_are_refused(string query)
    {
        var headers = Signed("GET", "/bucket/key?" + query);
        Expect.Refusal(ErrorCode.InvalidArgument, () => Parse("GET", "/bucket/key?" + query, headers));
    }

    [Theory]
    [InlineData("AWS AKID:c2ln", nameof(ErrorCode.InvalidRequest))]
    [InlineData("AWS4-ECDSA-P256-SHA256 Credential=a/20260102/s3/aws4_request, SignedHeaders=host, Signature=0", nameof(ErrorCode.NotImplemented))]
    [InlineData("Basic dTpw", nameof(ErrorCode.InvalidArgument))]
    [InlineData("", nameof(ErrorCode.InvalidArgument))]
    [InlineData("AWS4-HMAC-SHA256", nameof(ErrorCode.AuthorizationHeaderMalformed))]
    [InlineData("AWS4-HMAC-SHA256 Credential=a", nameof(ErrorCode.AuthorizationHeaderMalformed))]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0", nameof(ErrorCode.AuthorizationHeaderMalformed))]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20260102/us-east-1/s3/aws4_request, SignedHeaders=, Signature=0",
        nameof(ErrorCode.AuthorizationHeaderMalformed))]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20260102/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0, Signature=1",
        nameof(ErrorCode.AuthorizationHeaderMalformed))]
    public void Other_authorizations_are_refused(string authorization, string code)
    {
        var headers = Http.Headers(("Host", "h"), ("x-amz-date", "20260102T030405Z"), ("x-amz-content-sha256", PayloadModes.Unsigned),
            ("Authorization", authorization));
        Assert.Equal(code, Assert.Throws<S3Exception>(() => Parse("GET", "/bucket/key", headers)).Code.Code);
    }

    [Fact]
    public void The_wrong_region_is_told_the_right_one()
    {
        var headers = Http.Headers(("Host", "h"));
        new RequestSigner(AccessKey, Secret, "eu-west-1").Sign("GET", "/bucket", headers, Http.EmptyHash, Now);
        var error = Expect.Refusal(ErrorCode.AuthorizationHeaderMalformed, () => Parse("GET", "/bucket", headers));
        Assert.Equal("us-east-1", error.Detail("Region"));
        Assert.Equal("The authorization header is malformed; the region 'eu-west-1' is wrong; expecting 'us-east-1'", error.Message);
        SignedRequest.Parse("GET", Http.Target("/bucket"), headers, new SignatureRules { Region = "eu-west-1" }, Now)!
            .Verify(SigningKey.Derive(Secret, Day, "eu-west-1", "s3"));
    }

    [Fact]
    public void A_date_header_serves_where_x_amz_date_is_missing_and_one_of_them_must_be_there()
    {
        var authorization = ("Authorization", $"AWS4-HMAC-SHA256 Credential={AccessKey}/{Day}/us-east-1/s3/aws4_request, " +
            "SignedHeaders=date;host, Signature=0");
        var hash = ("x-amz-content-sha256", Http.EmptyHash);
        Expect.Refusal(ErrorCode.AccessDenied, () => Parse("GET", "/bucket", Http.Headers(("Host", "h"), hash, authorization)));
        var headers = Http.Headers(("Host", "h"), ("Date", "Fri, 02 Jan 2026 03:04:05 GMT"), authorization);
        Assert.Contains("x-amz-content-sha256", Expect.Refusal(ErrorCode.InvalidRequest, () => Parse("GET", "/bucket", headers)).Message);
    }

    [Fact]
    public void A_session_token_is_refused_not_ignored()
    {
        var headers = Http.Headers(("Host", "h"), ("x-amz-security-token", "t"));
        Signer.Sign("GET", "/bucket", headers, Http.EmptyHash, Now);
        Expect.Refusal(ErrorCode.InvalidToken, () => Parse("GET", "/bucket", headers));
        Expect.Refusal(ErrorCode.InvalidToken,
            () => Parse("GET", Presigned("X-Amz-Expires", "60") + "&X-Amz-Security-Token=t", Http.Headers(("Host", "h"))));
    }

    [Fact]
    public void Headers_hoisted_into_a_presigned_query_count_as_headers()
    {
        var raw = Signer.Presign("PUT", "/bucket/key?x-amz-acl=public-read&x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32",
            Http.Headers(("Host", "h")), TimeSpan.FromMinutes(1), Now);
        var headers = Http.Headers(("Host", "h"));
        var signed = Parse("PUT", raw, headers)!;
        signed.Verify(Key);
        HoistedHeaders.Add(headers, Http.Target(raw).Query, signed.Claim.IsPresigned);
        Assert.Equal("public-read", headers["x-amz-acl"]);
        Assert.Equal(ChecksumAlgorithm.CRC32, PayloadPlan.Read(headers, signed).GivenAlgorithm);
        Assert.Null(headers["x-amz-signature"]);
    }

    private static RequestHeaders Signed(string method, string rawTarget)
    {
        var headers = Http.Headers(("Host", "localhost:9000"));
        Signer.Sign(method, rawTarget, headers, Http.EmptyHash, Now);
        return headers;
    }

    private static string Presigned(string name, string value)
    {
        var parameters = new Dictionary<string, string>
        {
            ["X-Amz-Algorithm"] = "AWS4-HMAC-SHA256",
            ["X-Amz-Credential"] = $"{AccessKey}%2F{Day}%2Fus-east-1%2Fs3%2Faws4_request",
            ["X-Amz-Date"] = "20260102T030405Z",
            ["X-Amz-Expires"] = "60",
            ["X-Amz-SignedHeaders"] = "host",
            ["X-Amz-Signature"] = "00",
            [name] = value,
        };
        return "/bucket/key?" + string.Join('&', parameters.Select(p => $"{p.Key}={p.Value}"));
    }

    private static SignedRequest? Parse(string method, string rawTarget, RequestHeaders headers) =>
        SignedRequest.Parse(method, Http.Target(rawTarget), headers, new SignatureRules(), Now);
}
