namespace OrleansDfs.S3.Tests.Requests;

public class RequestTargetTests
{
    [Theory]
    [InlineData("/", null, null)]
    [InlineData("/?x-id=ListBuckets", null, null)]
    [InlineData("/bucket", "bucket", null)]
    [InlineData("/bucket/", "bucket", null)]
    [InlineData("/bucket?acl", "bucket", null)]
    [InlineData("/bucket/key", "bucket", "key")]
    [InlineData("/bucket//key", "bucket", "/key")]
    [InlineData("/bucket/a/../b/./c/", "bucket", "a/../b/./c/")]
    [InlineData("/bucket/a%2Fb+c%2Bd%20e%25", "bucket", "a/b+c+d e%")]
    [InlineData("/bucket/%252e", "bucket", "%2e")]
    [InlineData("/bucket/%2e%2E", "bucket", "..")]
    [InlineData("/bucket/%C3%A4ä", "bucket", "ää")]
    [InlineData("/bucket/%F0%9F%90%A2", "bucket", "🐢")]
    [InlineData("/bucket/%0d%0a%01", "bucket", "\r\n\u0001")]
    [InlineData("/bucket/a?b?c", "bucket", "a")]
    [InlineData("http://other:1/bucket/key?x", "bucket", "key")]
    [InlineData("https://other", null, null)]
    [InlineData("http://other?x", null, null)]
    public void Path_style_targets(string raw, string? bucket, string? key)
    {
        var target = Http.Target(raw, "anything", "s3.example.com");
        Assert.Equal(bucket, target.Bucket?.Value);
        Assert.Equal(key, target.Key?.Value);
        Assert.False(target.IsVirtualHosted);
    }

    [Theory]
    [InlineData("/key/a", "bucket.s3.example.com", "bucket", "key/a")]
    [InlineData("//key", "bucket.s3.example.com:9000", "bucket", "/key")]
    [InlineData("/?acl", "a.dotted.bucket.S3.Example.com.", "a.dotted.bucket", null)]
    [InlineData("/bucket/key", "s3.example.com", "bucket", "key")]
    [InlineData("/bucket/key", "[::1]:9000", "bucket", "key")]
    [InlineData("/bucket/key", "evils3.example.com", "bucket", "key")]
    public void Virtual_hosts(string raw, string host, string bucket, string? key)
    {
        var target = Http.Target(raw, host, "s3.example.com");
        Assert.Equal(bucket, target.Bucket?.Value);
        Assert.Equal(key, target.Key?.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("bucket/key")]
    [InlineData("ftp://h/bucket")]
    [InlineData("/bucket/%")]
    [InlineData("/bucket/%4")]
    [InlineData("/bucket/%zz")]
    [InlineData("/bucket/%FF")]
    [InlineData("/bucket/%C3")]
    [InlineData("/bucket/%C0%AF")]
    [InlineData("/bucket/%ED%A0%80")]
    [InlineData("/bucket/a%00b")]
    [InlineData("/bucket?prefix=%FF")]
    [InlineData("/bucket?%=1")]
    public void Targets_that_are_none(string raw) => Expect.Refusal(ErrorCode.InvalidURI, () => Http.Target(raw));

    /// <summary>Not theory data: an attribute cannot hold a lone surrogate.</summary>
    [Fact]
    public void Half_a_surrogate_pair_is_no_text()
    {
        foreach (var raw in new[] { "/bucket/\ud800", "/bucket/\ufffd\udc00x", "/bucket/%41\ud800", "/bucket?a=\udc00" })
            Expect.Refusal(ErrorCode.InvalidURI, () => Http.Target(raw));
    }

    [Theory]
    [InlineData("//key")]
    [InlineData("/Bucket/key")]
    [InlineData("/ab")]
    [InlineData("/..%2Fetc/passwd")]
    [InlineData("/192.168.0.1/key")]
    [InlineData("/a_b_c")]
    public void Bucket_names_that_are_none(string raw) => Expect.Refusal(ErrorCode.InvalidBucketName, () => Http.Target(raw));

    [Fact]
    public void A_key_has_at_most_1024_bytes()
    {
        Assert.Equal(1024, Http.Target("/bucket/" + new string('k', 1024)).Key!.Value.Value.Length);
        Expect.Refusal(ErrorCode.KeyTooLongError, () => Http.Target("/bucket/" + new string('k', 1025)));
        var error = Expect.Refusal(ErrorCode.KeyTooLongError, () => Http.Target("/bucket/" + string.Concat(Enumerable.Repeat("%C3%A4", 513))));
        Assert.Equal("1026", error.Detail("Size"));
    }

    [Theory]
    [InlineData("/bucket/a b%7e~%2f(", "/bucket/a%20b~~/%28")]
    [InlineData("/bucket//./..%2F%c3%a4", "/bucket//./../%C3%A4")]
    public void The_canonical_uri_is_encoded_once_whatever_the_client_did(string raw, string canonical) =>
        Assert.Equal(canonical, Http.Target(raw).CanonicalUri);

    [Theory]
    [InlineData("b=2&a=1&B=3&b=1&b-=x", "B=3&a=1&b=1&b=2&b-=x")]
    [InlineData("acl", "acl=")]
    [InlineData("a=b=c&&d=%2F+x", "a=b%3Dc&d=%2F%20x")]
    [InlineData("%61=%7E*", "a=~%2A")]
    public void The_canonical_query_sorts_by_encoded_name_then_value(string raw, string canonical) =>
        Assert.Equal(canonical, Http.Query(raw).Canonical());

    [Fact]
    public void A_parameter_without_a_value_is_there()
    {
        var query = Http.Query("acl&prefix=&versionId=a&versionId=b");
        Assert.Equal("", query["acl"]);
        Assert.Equal("", query["prefix"]);
        Assert.Equal("a", query["versionId"]);
        Assert.Null(query["ACL"]);
        Assert.Equal(4, query.Pairs.Count);
    }
}
