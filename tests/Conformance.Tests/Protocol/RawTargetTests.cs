namespace OrleansDfs.Conformance.Tests.Protocol;

/// <summary>Targets as no SDK sends them: a key is the bytes of the request line, whatever a framework would make of them (S3.md §5).</summary>
[Collection(S3Tests.Name)]
public sealed class RawTargetTests(S3Server server)
{
    [Theory]
    [InlineData("a/../b")]
    [InlineData("./a")]
    [InlineData("../../etc/passwd")]
    [InlineData("a//b")]
    [InlineData("/")]
    [InlineData("a/.")]
    public async Task Dot_segments_and_empty_ones_are_part_of_the_key(string key)
    {
        var bucket = await server.NewBucket();
        var put = await server.Raw(server.Signer.Head("PUT", $"/{bucket}/{key}", [("content-length", "2")], RawSigner.Hash("hi"u8)),
            "hi"u8.ToArray());
        Assert.Equal(200, put.Status);
        var listed = (await server.Client.ListObjectsV2Async(new() { BucketName = bucket })).S3Objects;
        Assert.Equal(key, Assert.Single(listed).Key);
        var got = await server.Raw(server.Signer.Head("GET", $"/{bucket}/{key}"));
        Assert.Equal((200, "hi"), (got.Status, got.Text));
    }

    [Theory]
    [InlineData("%FF")]
    [InlineData("%")]
    [InlineData("%zz")]
    public async Task What_is_no_utf8_is_refused(string key)
    {
        var bucket = await server.NewBucket();
        var answer = await server.Raw(server.Signer.Head("GET", $"/{bucket}/{key}"));
        Assert.Equal(400, answer.Status);
        Assert.Equal("InvalidURI", answer.Code);
    }

    [SkippableFact]
    public async Task Virtual_hosts_name_the_bucket()
    {
        Skip.IfNot(server.IsOurs);
        var bucket = await server.NewBucket();
        var signer = new RawSigner(server.AccessKey, server.SecretKey, $"{bucket}.s3.example.test");
        var put = await server.Raw(signer.Head("PUT", "/key", [("content-length", "2")], RawSigner.Hash("hi"u8)), "hi"u8.ToArray());
        Assert.Equal(200, put.Status);
        Assert.Equal("hi", await server.Client.Text(bucket, "key"));
    }

    [Theory]
    [InlineData("DELETE", "?acl", 405, "MethodNotAllowed")]
    [InlineData("DELETE", "?uploads", 405, "MethodNotAllowed")]
    [InlineData("PATCH", "", 405, "MethodNotAllowed")]
    [InlineData("GETS", "", 400, "BadRequest")]
    [InlineData("GET", "?uploads&uploadId=x", 400, "InvalidArgument")]
    public async Task A_subresource_that_a_method_lacks_is_no_plain_request(string method, string query, int status, string code)
    {
        var bucket = await server.NewBucket();
        var answer = await server.Raw(server.Signer.Head(method, $"/{bucket}{query}"));
        Assert.Equal((status, code), (answer.Status, answer.Code));
        await server.Client.Put(bucket, "still", "there");
    }

    [Fact]
    public async Task What_is_not_built_says_so_by_name()
    {
        var bucket = await server.NewBucket();
        var answer = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k?torrent"));
        Assert.Equal((501, "NotImplemented"), (answer.Status, answer.Code));
        Assert.Contains("GetObjectTorrent", answer.Text, StringComparison.Ordinal);
    }
}
