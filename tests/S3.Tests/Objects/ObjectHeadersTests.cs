using System.Text;
using OrleansDfs.Model;

namespace OrleansDfs.S3.Tests.Objects;

public class ObjectHeadersTests
{
    [Fact]
    public void Headers_survive_the_way_in_and_out()
    {
        var properties = ObjectHeaders.Read(Http.Headers(
            ("Content-Type", "text/plain"), ("cache-control", "no-cache"), ("Content-Disposition", "attachment; filename=\"" + Latin1("ä") + "\""),
            ("Content-Encoding", "aws-chunked, gzip"), ("Content-Language", "de"), ("Expires", "whenever"), ("x-amz-storage-class", "STANDARD_IA"),
            ("x-amz-website-redirect-location", "/there"), ("X-Amz-Meta-Name", "value"), ("x-amz-meta-umlaut", Latin1("ä"))), "alice");
        Assert.Equal("attachment; filename=\"ä\"", properties.ContentDisposition);
        Assert.Equal("gzip", properties.ContentEncoding);

        var written = Written(Version(properties));
        Assert.Equal("text/plain", written["Content-Type"]);
        Assert.Equal("no-cache", written["Cache-Control"]);
        Assert.Equal("attachment; filename=\"" + Latin1("ä") + "\"", written["Content-Disposition"]);
        Assert.Equal("de", written["Content-Language"]);
        Assert.Equal("whenever", written["Expires"]);
        Assert.Equal("STANDARD_IA", written["x-amz-storage-class"]);
        Assert.Equal("/there", written["x-amz-website-redirect-location"]);
        Assert.Equal("value", written["x-amz-meta-name"]);
        Assert.Equal("=?UTF-8?B?w6Q=?=", written["x-amz-meta-umlaut"]);
        Assert.Equal("\"tag\"", written["ETag"]);
        Assert.Equal("Fri, 02 Jan 2026 03:04:05 GMT", written["Last-Modified"]);
        Assert.Equal("null", written["x-amz-version-id"]);
        Assert.Equal("1", written["x-amz-tagging-count"]);
    }

    [Fact]
    public void Defaults_are_s3s()
    {
        var written = Written(Version(ObjectHeaders.Read(Http.Headers(("x-amz-storage-class", "STANDARD")), "alice")));
        Assert.Equal("binary/octet-stream", written["Content-Type"]);
        Assert.DoesNotContain("x-amz-storage-class", written);
        Assert.DoesNotContain("Content-Encoding", written);
    }

    [Theory]
    [InlineData("aws-chunked", null)]
    [InlineData("gzip,AWS-Chunked", "gzip")]
    [InlineData("aws-chunked,gzip, br", "gzip,br")]
    [InlineData("gzip, br", "gzip, br")]
    [InlineData(null, null)]
    public void The_framing_is_no_encoding_of_the_file(string? sent, string? kept) => Assert.Equal(kept, ObjectHeaders.StripAwsChunked(sent));

    [Theory]
    [InlineData("x-amz-storage-class", "GLACIER", "InvalidStorageClass")]
    [InlineData("x-amz-storage-class", "standard", "InvalidStorageClass")]
    [InlineData("x-amz-website-redirect-location", "ftp://x", "InvalidRedirectLocation")]
    [InlineData("Content-Type", "text/plain\r\nX: y", "InvalidArgument")]
    [InlineData("x-amz-meta-a", "a\0b", "InvalidArgument")]
    [InlineData("x-amz-meta-a", "=?UTF-8?Q?=0D=0AX:y?=", "InvalidArgument")]
    public void Values_that_are_refused(string name, string value, string code) =>
        Assert.Equal(code, Assert.Throws<S3Exception>(() => ObjectHeaders.Read(Http.Headers((name, value)), "alice")).Code.Code);

    [Fact]
    public void Metadata_has_two_kilobytes()
    {
        Assert.Single(UserMetadata.Read(Http.Headers(("x-amz-meta-a", new string('x', 2047)))));
        var error = Expect.Refusal(ErrorCode.MetadataTooLarge, () => UserMetadata.Read(Http.Headers(("x-amz-meta-a", new string('x', 2048)))));
        Assert.Equal("2049", error.Detail("Size"));
        Assert.Equal("1,2", UserMetadata.Read(Http.Headers(("x-amz-meta-a", "1"), ("X-AMZ-META-A", "2")))["a"]);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("=?UTF-8?B?w6Q=?=", "ä")]
    [InlineData("=?utf-8?q?=C3=A4_b?=", "ä b")]
    [InlineData("=?ISO-8859-1?Q?=E4?=", "ä")]
    [InlineData("a =?UTF-8?B?w6Q=?= =?UTF-8?B?w6Q=?= b", "a ää b")]
    [InlineData("=?UTF-8?B?***?=", "=?UTF-8?B?***?=")]
    [InlineData("=?UTF-8?B?/w==?=", "=?UTF-8?B?/w==?=")]
    [InlineData("=?KOI8-R?B?w6Q=?=", "=?KOI8-R?B?w6Q=?=")]
    [InlineData("=?UTF-8?X?a?=", "=?UTF-8?X?a?=")]
    [InlineData("=?", "=?")]
    [InlineData("=?a?b", "=?a?b")]
    [InlineData("=?UTF-8?Q?=4?=", "=?UTF-8?Q?=4?=")]
    public void Encoded_words(string sent, string meant) => Assert.Equal(meant, EncodedWord.Decode(sent));

    [Theory]
    [InlineData("plain ~ text")]
    [InlineData("ä\u0001🐢")]
    [InlineData("tab\there")]
    public void Any_value_can_be_a_header(string value)
    {
        var encoded = EncodedWord.Encode(value);
        Assert.False(encoded.AsSpan().ContainsAnyExceptInRange(' ', '~'));
        Assert.Equal(value, EncodedWord.Decode(encoded));
    }

    [Fact]
    public void Overrides_are_for_signed_requests()
    {
        var query = Http.Query("response-content-type=a%2Fb&response-expires=x&other=1");
        Assert.Equal([new("Content-Type", "a/b"), new("Expires", "x")], ResponseOverrides.Read(query, isSigned: true));
        Expect.Refusal(ErrorCode.InvalidRequest, () => ResponseOverrides.Read(query, isSigned: false));
        Assert.Empty(ResponseOverrides.Read(Http.Query("versionId=1"), isSigned: false));
        Expect.Refusal(ErrorCode.InvalidArgument, () => ResponseOverrides.Read(Http.Query("response-other=1"), isSigned: true));
        Expect.Refusal(ErrorCode.InvalidArgument, () => ResponseOverrides.Read(Http.Query("response-content-type=a%0d%0aSet-Cookie:b"),
            isSigned: true));
    }

    private static string Latin1(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    private static Dictionary<string, string> Written(FileVersion version)
    {
        var written = new Dictionary<string, string>();
        ObjectHeaders.Write(version, showVersion: true, written.Add);
        return written;
    }

    private static FileVersion Version(FileProperties properties) => new(
        1, ObjectKey.Parse("key"), new VersionId(7), 1, true, true, false, 5, "tag", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), 0,
            properties,
        new Dictionary<string, string> { ["k"] = "v" });
}
