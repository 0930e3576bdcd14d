using OrleansDfs.Model;

namespace OrleansDfs.S3.Tests.Objects;

public class ParameterTests
{
    [Fact]
    public void List_objects()
    {
        var parameters = ListObjectsParameters.Read(Http.Query("prefix=a%2F&delimiter=%2F&marker=a%2Fb+c&max-keys=10&encoding-type=url"));
        Assert.Equal(new ListParameters("a/", "/", 10, true), parameters.Common);
        Assert.Equal("a/b c", parameters.Marker);
        Assert.Equal(new ListParameters("", "", 1000, false), ListObjectsParameters.Read(Http.Query("")).Common);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1000", 1000)]
    [InlineData("2147483647", 1000)]
    public void A_limit_is_cut_to_a_thousand(string given, int kept) =>
        Assert.Equal(kept, ListObjectsParameters.Read(Http.Query("max-keys=" + given)).Common.MaxKeys);

    [Theory]
    [InlineData("max-keys=-1")]
    [InlineData("max-keys=x")]
    [InlineData("max-keys=2147483648")]
    [InlineData("max-keys=99999999999999999999")]
    [InlineData("encoding-type=xml")]
    [InlineData("encoding-type=")]
    [InlineData("prefix=%00")]
    public void Bad_parameters_are_refused(string query)
    {
        Expect.Refusal(ErrorCode.InvalidArgument, () => ListObjectsParameters.Read(Http.Query(query)));
        Expect.Refusal(ErrorCode.InvalidArgument, () => ListObjectsV2Parameters.Read(Http.Query(query)));
        Expect.Refusal(ErrorCode.InvalidArgument, () => ListVersionsParameters.Read(Http.Query(query)));
    }

    [Fact]
    public void List_objects_v2_goes_on_from_its_token()
    {
        var token = ContinuationToken.Encode("ä/\u0001 key");
        var parameters = ListObjectsV2Parameters.Read(Http.Query($"list-type=2&start-after=a&fetch-owner=true&continuation-token={token}"));
        Assert.Equal(("ä/\u0001 key", "a", token, true), (parameters.After, parameters.StartAfter, parameters.ContinuationToken,
            parameters.FetchOwner));
        Assert.Equal("a", ListObjectsV2Parameters.Read(Http.Query("start-after=a")).After);
        foreach (var bad in new[] { "", "x", "AA", "AmE", "Af8", "AQA", "%C3%A4", "A===", "AQ=+" })
            Expect.Refusal(ErrorCode.InvalidArgument, () => ListObjectsV2Parameters.Read(Http.Query("continuation-token=" + bad)));
    }

    [Fact]
    public void List_versions_and_uploads()
    {
        var versions = ListVersionsParameters.Read(Http.Query("key-marker=k&version-id-marker=0000000000000007"));
        Assert.Equal(("k", new VersionId(7)), (versions.KeyMarker, versions.AfterVersion.Id!.Value));
        Expect.Refusal(ErrorCode.InvalidArgument, () => ListVersionsParameters.Read(Http.Query("version-id-marker=null")));
        Expect.Refusal(ErrorCode.InvalidArgument, () => ListVersionsParameters.Read(Http.Query("key-marker=k&version-id-marker=x")));

        var upload = UploadId.New();
        Assert.Equal(upload, ListUploadsParameters.Read(Http.Query($"key-marker=k&upload-id-marker={upload}")).AfterUpload);
        Assert.Null(ListUploadsParameters.Read(Http.Query("upload-id-marker=ignored")).AfterUpload);
        Expect.Refusal(ErrorCode.InvalidArgument, () => ListUploadsParameters.Read(Http.Query("key-marker=k&upload-id-marker=x")));
        Assert.Equal(new ListPartsParameters(5, 2), ListPartsParameters.Read(Http.Query("part-number-marker=5&max-parts=2")));
        Expect.Refusal(ErrorCode.InvalidArgument, () => ListPartsParameters.Read(Http.Query("part-number-marker=x")));
        Expect.Refusal(ErrorCode.InvalidArgument, () => ListBucketsParameters.Read(Http.Query("max-buckets=0")));
        Assert.Equal(10_000, ListBucketsParameters.Read(Http.Query("")).MaxBuckets);
    }

    [Fact]
    public void Multipart()
    {
        var upload = UploadId.New();
        Assert.Equal(upload, MultipartParameters.UploadId(Http.Query("uploadId=" + upload)));
        foreach (var bad in new[] { "uploadId=x", "uploadId=", "", "uploadId=" + upload.Value })
            Expect.Refusal(ErrorCode.NoSuchUpload, () => MultipartParameters.UploadId(Http.Query(bad)));
        Assert.Equal(10_000, MultipartParameters.PartNumber(Http.Query("partNumber=10000")));
        Assert.Null(MultipartParameters.OptionalPartNumber(Http.Query("")));
        foreach (var bad in new[] { "partNumber=0", "partNumber=10001", "partNumber=-1", "partNumber=x", "partNumber=", "" })
            Expect.Refusal(ErrorCode.InvalidArgument, () => MultipartParameters.PartNumber(Http.Query(bad)));
    }

    [Fact]
    public void Versions()
    {
        Assert.True(VersionSelector.Parse(null).IsCurrent);
        Assert.True(VersionSelector.Parse("null").IsNull);
        Assert.Equal(new VersionId(255), VersionSelector.Parse("00000000000000ff").Id);
        foreach (var bad in new[] { "", "NULL", "ff", "0000000000000000", "ffffffffffffffff" })
            Expect.Refusal(ErrorCode.InvalidArgument, () => VersionSelector.Parse(bad));
    }

    [Fact]
    public void Tags_in_a_header()
    {
        var tags = Tags.ReadHeader(Http.Headers(("x-amz-tagging", "a=1&b%20c=x%2By&%C3%A4=")));
        Assert.Equal(3, tags.Count);
        Assert.Equal("x+y", tags["b c"]);
        Assert.Equal("", tags["ä"]);
        Assert.Empty(Tags.ReadHeader(Http.Headers()));
    }

    [Theory]
    [InlineData("a=1&a=2", "InvalidArgument")]
    [InlineData("a=1,b=2", "InvalidArgument")]
    [InlineData("=1", "InvalidTag")]
    [InlineData("aws:x=1", "InvalidTag")]
    [InlineData("a=%21", "InvalidTag")]
    [InlineData("a=%zz", "InvalidArgument")]
    [InlineData("a&b&c&d&e&f&g&h&i&j&k", "BadRequest")]
    public void Tags_that_are_refused(string header, string code) =>
        Assert.Equal(code, Assert.Throws<S3Exception>(() => Tags.ReadHeader(Http.Headers(("x-amz-tagging", header)))).Code.Code);

    [Fact]
    public void Tags_have_lengths()
    {
        Tags.Validate([new(new string('k', 128), new string('v', 256))], 10);
        Expect.Refusal(ErrorCode.InvalidTag, () => Tags.Validate([new(new string('k', 129), "")], 10));
        Expect.Refusal(ErrorCode.InvalidTag, () => Tags.Validate([new("k", new string('v', 257))], 10));
    }

    [Fact]
    public void Canned_acls()
    {
        Assert.Null(CannedAcls.Read(Http.Headers()));
        Assert.Equal(CannedAcl.PublicRead, CannedAcls.Read(Http.Headers(("x-amz-acl", "public-read"))));
        Expect.Refusal(ErrorCode.InvalidArgument, () => CannedAcls.Read(Http.Headers(("x-amz-acl", "everyone"))));
    }
}
