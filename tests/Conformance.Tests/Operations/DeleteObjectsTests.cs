using System.Security.Cryptography;
using System.Text;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class DeleteObjectsTests(S3Server server)
{
    [Fact]
    public async Task Many_go_at_once_and_each_is_named()
    {
        var bucket = await server.NewBucket();
        for (var i = 0; i < 10; i++) await server.Client.Put(bucket, $"k{i}", "x");
        var request = new DeleteObjectsRequest { BucketName = bucket };
        for (var i = 0; i < 12; i++) request.AddKey($"k{i}"); // two are not there
        var deleted = await server.Client.DeleteObjectsAsync(request);
        Assert.Equal(12, deleted.DeletedObjects.Count);
        Assert.Empty((await server.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket })).S3Objects ?? []);
    }

    [Fact]
    public async Task Quiet_says_only_what_failed()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        var answer = await Send(bucket, "<Delete><Quiet>true</Quiet><Object><Key>k</Key></Object>"
            + $"<Object><Key>{new string('k', 1025)}</Key></Object><Object><Key>v</Key><VersionId>nonsense</VersionId></Object></Delete>");
        Assert.Equal(200, answer.Status);
        Assert.DoesNotContain("<Deleted>", answer.Text, StringComparison.Ordinal);
        Assert.Contains("<Code>KeyTooLongError</Code>", answer.Text, StringComparison.Ordinal);
        Assert.Contains("<Code>NoSuchVersion</Code>", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_key_may_have_a_condition_of_its_own()
    {
        var bucket = await server.NewBucket();
        var etag = (await server.Client.Put(bucket, "same", "x")).ETag;
        await server.Client.Put(bucket, "changed", "x");
        await server.Client.Put(bucket, "any", "x");
        var quoted = etag.Replace("\"", "&quot;", StringComparison.Ordinal);
        var answer = await Send(bucket, $"<Delete><Object><Key>same</Key><ETag>{quoted}</ETag></Object>"
            + "<Object><Key>changed</Key><ETag>0123</ETag></Object><Object><Key>any</Key><ETag>*</ETag></Object>"
            + "<Object><Key>missing</Key><ETag>*</ETag></Object></Delete>");
        Assert.Equal(200, answer.Status);
        Assert.Contains("<Deleted><Key>same</Key></Deleted>", answer.Text, StringComparison.Ordinal);
        Assert.Contains("<Deleted><Key>any</Key></Deleted>", answer.Text, StringComparison.Ordinal);
        Assert.Contains("<Error><Key>changed</Key><Code>PreconditionFailed</Code>", answer.Text, StringComparison.Ordinal);
        Assert.Contains("<Error><Key>missing</Key><Code>NoSuchKey</Code>", answer.Text, StringComparison.Ordinal);
        var left = await server.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket });
        Assert.Equal("changed", Assert.Single(left.S3Objects).Key);
    }

    [Theory]
    [InlineData("<Delete>")]
    [InlineData("<Delete></Delete>")]
    [InlineData("<Other><Object><Key>k</Key></Object></Other>")]
    [InlineData("<!DOCTYPE x [<!ENTITY a \"b\">]><Delete><Object><Key>&a;</Key></Object></Delete>")]
    public async Task Bad_documents_are_refused(string document)
    {
        var bucket = await server.NewBucket();
        var answer = await Send(bucket, document);
        Assert.Equal((400, "MalformedXML"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task More_than_a_thousand_keys_are_refused()
    {
        var bucket = await server.NewBucket();
        var keys = string.Concat(Enumerable.Range(0, 1001).Select(i => $"<Object><Key>k{i}</Key></Object>"));
        var answer = await Send(bucket, $"<Delete>{keys}</Delete>");
        Assert.Equal((400, "MalformedXML"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task A_digest_is_required_and_must_match()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        var document = Encoding.UTF8.GetBytes("<Delete><Object><Key>k</Key></Object></Delete>");
        var none = await server.Raw(server.Signer.Head("POST", $"/{bucket}?delete", [("content-length", $"{document.Length}")],
            RawSigner.Hash(document)), document);
        Assert.Equal((400, "InvalidRequest"), (none.Status, none.Code));
        var wrong = await Send(bucket, Encoding.UTF8.GetString(document), MD5.HashData("other"u8));
        Assert.Equal((400, "BadDigest"), (wrong.Status, wrong.Code));
        Assert.Equal("x", await server.Client.Text(bucket, "k"));
    }

    Task<RawResponse> Send(string bucket, string document, byte[]? md5 = null)
    {
        var body = Encoding.UTF8.GetBytes(document);
        return server.Raw(server.Signer.Head("POST", $"/{bucket}?delete",
            [("content-length", $"{body.Length}"), ("content-md5", Convert.ToBase64String(md5 ?? MD5.HashData(body)))], RawSigner.Hash(body)), body);
    }
}
