using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class GetObjectTests(S3Server server)
{
    const int Length = 2_500_000;

    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=65535-65536", 65535, 2)]
    [InlineData("bytes=1048575-1048577", 1048575, 3)]
    [InlineData("bytes=2499999-", 2499999, 1)]
    [InlineData("bytes=-5", 2499995, 5)]
    [InlineData("bytes=-9999999", 0, Length)]
    [InlineData("bytes=100-9999999", 100, Length - 100)]
    public async Task Ranges(string range, int offset, int count)
    {
        var (bucket, content) = await Stored();
        var answer = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k", [("range", range)]));
        Assert.Equal(206, answer.Status);
        Assert.Equal($"bytes {offset}-{offset + count - 1}/{Length}", answer.Header("Content-Range"));
        S3Assert.Same(content[offset..(offset + count)], answer.Body);
    }

    [Theory]
    [InlineData("bytes=5-2")]
    [InlineData("bytes=0-1,3-4")]
    [InlineData("lines=1-2")]
    public async Task What_is_no_single_range_is_the_whole_file(string range)
    {
        var (bucket, content) = await Stored();
        var answer = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k", [("range", range)]));
        Assert.Equal(200, answer.Status);
        S3Assert.Same(content, answer.Body);
    }

    [Theory]
    [InlineData("bytes=2500000-")]
    [InlineData("bytes=-0")]
    public async Task Unsatisfiable_ranges_are_416(string range)
    {
        var (bucket, _) = await Stored();
        var answer = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k", [("range", range)]));
        Assert.Equal((416, "InvalidRange"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Conditions()
    {
        var bucket = await server.NewBucket();
        var etag = (await server.Client.Put(bucket, "k", "x")).ETag;
        Assert.Equal(304, (await Get(("if-none-match", etag))).Status);
        Assert.Equal(200, (await Get(("if-none-match", "\"other\""))).Status);
        Assert.Equal(200, (await Get(("if-match", etag))).Status);
        Assert.Equal(412, (await Get(("if-match", "\"other\""))).Status);
        var modified = (await Get(("if-match", etag))).Header("Last-Modified")!;
        Assert.Equal(304, (await Get(("if-modified-since", modified))).Status);
        Assert.Equal(200, (await Get(("if-modified-since", DateTimeOffset.UtcNow.AddDays(1).ToString("R")))).Status); // no date of the past
        Assert.Equal(412, (await Get(("if-unmodified-since", DateTimeOffset.UtcNow.AddDays(-1).ToString("R")))).Status);
        var unchanged = await Get(("if-none-match", etag));
        Assert.Equal(etag, unchanged.Header("ETag"));
        Assert.Empty(unchanged.Body);

        Task<RawResponse> Get((string, string) header) => server.Raw(server.Signer.Head("GET", $"/{bucket}/k", [header]));
    }

    [Fact]
    public async Task Overrides_of_the_answers_headers()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        var request = new GetObjectRequest { BucketName = bucket, Key = "k" };
        request.ResponseHeaderOverrides.ContentType = "text/csv";
        request.ResponseHeaderOverrides.ContentDisposition = "attachment; filename=\"b.csv\"";
        using var got = await server.Client.GetObjectAsync(request);
        Assert.Equal("text/csv", got.Headers.ContentType);
        Assert.Equal("attachment; filename=\"b.csv\"", got.Headers.ContentDisposition);
        var split = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k?response-content-type=a%0D%0AX-Evil%3A%201"));
        Assert.Equal((400, "InvalidArgument"), (split.Status, split.Code));
        var other = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k?response-other=1"));
        Assert.Equal((400, "InvalidArgument"), (other.Status, other.Code));
        Assert.Contains("response-other is not in the set of overridable response headers", other.Text, StringComparison.Ordinal);
        Assert.Equal(400, (await server.Raw(server.Signer.Head("HEAD", $"/{bucket}/k?response-other=1"))).Status);
    }

    [Fact]
    public async Task Missing_things_have_their_names()
    {
        var bucket = await server.NewBucket();
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => server.Client.GetObjectAsync(bucket, "missing"));
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchBucket", () => server.Client.GetObjectAsync(bucket + "x", "missing"));
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.GetObjectAsync(bucket, "missing"));
    }

    [Fact]
    public async Task Part_numbers_of_a_file_in_one_piece()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "hello");
        var first = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k?partNumber=1"));
        Assert.Equal((206, "bytes 0-4/5", "hello"), (first.Status, first.Header("Content-Range"), first.Text));
        var second = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k?partNumber=2"));
        Assert.Equal((416, "InvalidPartNumber"), (second.Status, second.Code));
        var both = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k?partNumber=1", [("range", "bytes=0-1")]));
        Assert.Equal((400, "InvalidRequest"), (both.Status, both.Code));
    }

    async Task<(string Bucket, byte[] Content)> Stored()
    {
        var bucket = await server.NewBucket();
        var content = S3Assert.Random(Length);
        await server.Client.Put(bucket, "k", content);
        return (bucket, content);
    }

    /// <summary>A checksum is of all bytes: told also where a range asked for them all, never with a part of them.</summary>
    [Theory]
    [InlineData("bytes=0-99", true)]
    [InlineData("bytes=-5", true)]
    [InlineData("bytes=0-3", false)]
    public async Task A_range_of_everything_has_the_checksum(string range, bool whole)
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "12345");
        var answer = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k", [("range", range), ("x-amz-checksum-mode", "ENABLED")]));
        Assert.Equal((206, whole), (answer.Status, answer.Header("x-amz-checksum-type") == "FULL_OBJECT"));
    }

    [Fact]
    public async Task A_version_that_is_gone_is_named()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        var answer = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k?versionId=00000000000000ff"));
        Assert.Equal((404, "NoSuchVersion"), (answer.Status, answer.Code));
        Assert.Contains("<Key>k</Key><VersionId>00000000000000ff</VersionId>", answer.Text, StringComparison.Ordinal);
    }
}
