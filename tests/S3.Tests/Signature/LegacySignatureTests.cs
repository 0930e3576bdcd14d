using System.Security.Cryptography;
using System.Text;

namespace OrleansDfs.S3.Tests.Signature;

/// <summary>Signature Version 2 against AWS's published examples ("Signing and authenticating REST requests", "Authentication examples").</summary>
public class LegacySignatureTests
{
    private const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private const string AccessKey = "AKIAIOSFODNN7EXAMPLE";

    public static readonly TheoryData<string, string, string, string, string, string, string> Published = new()
    {
        { "GET", "johnsmith.s3.test", "/photos/puppy.jpg", "Tue, 27 Mar 2007 19:36:42 +0000", "", "bWq2s1WEIj+Ydj0vQ697zp+IXMU=",
            "GET\n\n\nTue, 27 Mar 2007 19:36:42 +0000\n/johnsmith/photos/puppy.jpg" },
        { "PUT", "johnsmith.s3.test", "/photos/puppy.jpg", "Tue, 27 Mar 2007 21:15:45 +0000", "Content-Type: image/jpeg",
            "MyyxeRY7whkBe+bq8fHCL/2kKUg=",
            "PUT\n\nimage/jpeg\nTue, 27 Mar 2007 21:15:45 +0000\n/johnsmith/photos/puppy.jpg" },
        { "GET", "johnsmith.s3.test", "/?prefix=photos&max-keys=50&marker=puppy", "Tue, 27 Mar 2007 19:42:41 +0000", "User-Agent: Mozilla/5.0",
            "htDYFYduRNen8P9ZfE/s9SuKy0U=", "GET\n\n\nTue, 27 Mar 2007 19:42:41 +0000\n/johnsmith/" },
        { "GET", "johnsmith.s3.test", "/?acl", "Tue, 27 Mar 2007 19:44:46 +0000", "", "c2WLPFtWHVgbEmeEG93a4cG37dM=",
            "GET\n\n\nTue, 27 Mar 2007 19:44:46 +0000\n/johnsmith/?acl" },
        { "GET", "s3.test", "/", "Wed, 28 Mar 2007 01:29:59 +0000", "", "qGdzdERIC03wnaRNKh6OqZehG9s=",
            "GET\n\n\nWed, 28 Mar 2007 01:29:59 +0000\n/" },
        { "GET", "s3.test", "/dictionary/fran%C3%A7ais/pr%c3%a9f%c3%a8re", "Wed, 28 Mar 2007 01:49:49 +0000", "", "DNEZGsoieTZ92F3bUfSPQcbGmlM=",
            "GET\n\n\nWed, 28 Mar 2007 01:49:49 +0000\n/dictionary/fran%C3%A7ais/pr%c3%a9f%c3%a8re" },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void Published_examples(string method, string host, string target, string date, string header, string signature, string stringToSign)
    {
        var headers = Http.Headers(("Host", host), ("Date", date), ("Authorization", $"AWS {AccessKey}:{signature}"));
        if (header.Split(": ") is [var name, var value]) headers.Add(name, value);
        var signed = Parse(method, target, headers, When(date));
        Assert.Equal(stringToSign, Encoding.UTF8.GetString(signed.StringToSign));
        Assert.Equal((AccessKey, signature), (signed.AccessKey, Convert.ToBase64String(Hmac(signed.StringToSign))));
        Assert.Equal(Hmac(signed.StringToSign), signed.Signature);
    }

    /// <summary>The published upload: headers in any case and order, repeats joined, and the bucket from the host.</summary>
    [Fact]
    public void The_published_upload()
    {
        var headers = Http.Headers(("Host", "static.johnsmith.net.s3.test:8080"), ("Date", "Tue, 27 Mar 2007 21:06:08 +0000"), ("x-amz-acl",
            "public-read"),
            ("content-type", "application/x-download"), ("Content-MD5", "4gJE4saaMU4BqNR0kLY+lw=="), ("X-Amz-Meta-ReviewedBy", "joe@johnsmith.net"),
            ("X-Amz-Meta-ReviewedBy", "jane@johnsmith.net"), ("X-Amz-Meta-FileChecksum", "0x02661779"), ("X-Amz-Meta-ChecksumAlgorithm", "crc32"),
            ("Content-Disposition", "attachment; filename=database.dat"), ("Authorization", $"AWS {AccessKey}:ilyl83RwaSoYIEdixDQcA4OnAnc="));
        var signed = Parse("PUT", "/db-backup.dat.gz", headers, default);
        Assert.Equal("ilyl83RwaSoYIEdixDQcA4OnAnc=", Convert.ToBase64String(Hmac(signed.StringToSign)));
    }

    [Fact]
    public void The_published_link()
    {
        const string link = "/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1175139620&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D";
        var headers = Http.Headers(("Host", "johnsmith.s3.test"));
        var end = DateTimeOffset.FromUnixTimeSeconds(1175139620);
        var signed = Parse("GET", link, headers, end);
        Assert.Equal(Hmac(signed.StringToSign), signed.Signature);
        Assert.True(signed.IsPresigned);
        Expect.Refusal(ErrorCode.AccessDenied, () => Parse("GET", link, headers, end.AddSeconds(1)));
    }

    [Theory]
    [InlineData("AWS")]
    [InlineData("AWS key")]
    [InlineData("AWS :sig")]
    [InlineData("AWS key:")]
    public void Malformed_headers(string authorization) => Expect.Refusal(ErrorCode.InvalidArgument,
        () => Parse("GET", "/", Http.Headers(("Date", "Tue, 27 Mar 2007 19:36:42 +0000"), ("Authorization", authorization)), default));

    [Theory]
    [InlineData("?AWSAccessKeyId=k&Signature=s")]
    [InlineData("?AWSAccessKeyId=k&Expires=1")]
    [InlineData("?Signature=s&Expires=9999999999")]
    [InlineData("?AWSAccessKeyId=k&Signature=s&Expires=soon")]
    [InlineData("?AWSAccessKeyId=k&Signature=s&Expires=999999999999999")]
    public void Half_or_malformed_links(string query) =>
        Expect.Refusal(ErrorCode.AccessDenied, () => Parse("GET", "/bucket/key" + query, Http.Headers(("Host", "h")), DateTimeOffset.UnixEpoch));

    [Fact]
    public void Clocks_and_tokens()
    {
        var headers = Http.Headers(("Date", "Tue, 27 Mar 2007 19:36:42 +0000"), ("Authorization", "AWS k:c2ln"));
        var now = When(headers["Date"]);
        Expect.Refusal(ErrorCode.RequestTimeTooSkewed, () => Parse("GET", "/", headers, now.AddMinutes(16)));
        Expect.Refusal(ErrorCode.RequestTimeTooSkewed, () => Parse("GET", "/", headers, now.AddMinutes(-16)));
        Expect.Refusal(ErrorCode.AccessDenied, () => Parse("GET", "/", Http.Headers(("Authorization", "AWS k:c2ln")), now));
        headers.Add("x-amz-security-token", "t");
        Expect.Refusal(ErrorCode.InvalidToken, () => Parse("GET", "/", headers, now));
    }

    /// <summary>Whoever sees a link could otherwise turn a listing into another operation.</summary>
    [Theory]
    [InlineData("?publicAccessBlock")]
    [InlineData("?ownershipControls")]
    [InlineData("?encryption")]
    [InlineData("?policyStatus")]
    public void What_version_2_does_not_cover_selects_nothing(string query) =>
        Expect.Refusal(ErrorCode.InvalidRequest, () => Parse("GET", "/bucket" + query,
        Http.Headers(("Date", "Tue, 27 Mar 2007 19:36:42 +0000"), ("Authorization", "AWS k:c2ln")), default));

    [Theory]
    [InlineData("/", "AWS k:s", true)]
    [InlineData("/", "AWS4-HMAC-SHA256 Credential=k", false)]
    [InlineData("/", null, false)]
    [InlineData("/?AWSAccessKeyId=k", null, true)]
    [InlineData("/?Signature=k&Expires=1", null, true)]
    [InlineData("/?AWSAccessKeyId=k", "AWS k:s", false)]
    [InlineData("/?X-Amz-Signature=k", "AWS k:s", false)]
    [InlineData("/?X-Amz-Signature=k&AWSAccessKeyId=k", null, false)]
    public void Credentials_of_two_kinds_are_nobodys(string target, string? authorization, bool claimed) =>
        Assert.Equal(claimed, LegacySignature.IsClaimed(Http.Target(target).Query, authorization is null ? new() : Http.Headers(("Authorization",
            authorization))));

    [Fact]
    public void Header_parameters_of_a_link_are_signed_as_headers()
    {
        var signed = Parse("PUT", "/bucket/k?AWSAccessKeyId=k&Signature=s&Expires=99&x-amz-acl=private&content-type=text/plain",
            Http.Headers(("x-amz-meta-a", "1")), DateTimeOffset.UnixEpoch);
        Assert.Equal("PUT\n\ntext/plain\n99\nx-amz-acl:private\nx-amz-meta-a:1\n/bucket/k", Encoding.UTF8.GetString(signed.StringToSign));
    }

    private static LegacySignature Parse(string method, string target, RequestHeaders headers, DateTimeOffset now)
    {
        if (now == default) now = When(headers["Date"]);
        var parsed = Http.Target(target, headers["Host"] ?? "h", "s3.test");
        Assert.True(LegacySignature.IsClaimed(parsed.Query, headers));
        return LegacySignature.Parse(method, parsed, headers, new SignatureRules(), now);
    }

    private static DateTimeOffset When(string? date) => HttpDate.TryParse(date, out var time) ? time : throw new FormatException(date);

    private static byte[] Hmac(byte[] text)
    {
#pragma warning disable CA5350 // what version 2 is
        return HMACSHA1.HashData(Encoding.UTF8.GetBytes(Secret), text);
#pragma warning restore CA5350
    }
}
