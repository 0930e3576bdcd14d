using System.Net;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

/// <summary>Get-, Put- and DeleteBucketTagging.</summary>
[Collection(S3Tests.Name)]
public sealed class BucketTaggingTests(S3Server server)
{
    [Fact]
    public async Task Set_read_replaced_and_removed()
    {
        var bucket = await server.NewBucket();
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchTagSet", () => Read(bucket));
        await Put(bucket, ("project", "a b"), ("ключ", ""));
        Assert.Equal("project=a b;ключ=", await Read(bucket));
        await Put(bucket, ("only", "1"));
        Assert.Equal("only=1", await Read(bucket));
        await server.Client.Put(bucket, "k", "the bucket's revision rose and its files go on");
        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.DeleteBucketTaggingAsync(bucket)).HttpStatusCode);
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchTagSet", () => Read(bucket));
        await server.Client.DeleteBucketTaggingAsync(bucket); // nothing there is no error
        await Put(bucket, ("a", "1"));
        await Put(bucket);
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchTagSet", () => Read(bucket));
    }

    [Fact]
    public async Task Given_at_creation()
    {
        var bucket = "tagged-" + Guid.NewGuid().ToString("N");
        var body = "<CreateBucketConfiguration><Tags><Tag><Key>team</Key><Value>blue</Value></Tag></Tags></CreateBucketConfiguration>"u8.ToArray();
        var made = await server.Raw(server.Signer.Head("PUT", "/" + bucket, [("content-length", $"{body.Length}")], RawSigner.Hash(body)), body);
        Assert.Equal(200, made.Status);
        Assert.Equal("team=blue", await Read(bucket));
    }

    [Fact]
    public async Task Limits_and_refusals()
    {
        var bucket = await server.NewBucket();
        await Put(bucket, [.. Enumerable.Range(0, 50).Select(i => ($"k{i}", "v"))]);
        await S3Assert.Fails(HttpStatusCode.BadRequest, "BadRequest", () => Put(bucket, [.. Enumerable.Range(0, 51).Select(i => ($"k{i}", "v"))]));
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidTag", () => Put(bucket, ("twice", "1"), ("twice", "2")));
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidTag", () => Put(bucket, ("aws:x", "1")));
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied",
            () => server.Alice.GetBucketTaggingAsync(new GetBucketTaggingRequest { BucketName = bucket }));
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchBucket", () => Read(bucket + "x"));
        var body = Encoding.UTF8.GetBytes("<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet><Other/></Tagging>");
        var odd = await server.Raw(
            server.Signer.Head("PUT", $"/{bucket}?tagging", [("content-length", $"{body.Length}")], RawSigner.Hash(body)), body);
        Assert.Equal((400, "MalformedXML"), (odd.Status, odd.Code));
        var wrong = await server.Raw(server.Signer.Head("PUT", $"/{bucket}?tagging",
            [("content-length", $"{body.Length}"), ("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")], RawSigner.Hash(body)), body);
        Assert.Equal((400, "BadDigest"), (wrong.Status, wrong.Code));
        Assert.Equal(50, (await Read(bucket)).Split(';').Length);
    }

    Task<PutBucketTaggingResponse> Put(string bucket, params (string Key, string Value)[] tags) => server.Client.PutBucketTaggingAsync(
        new PutBucketTaggingRequest { BucketName = bucket, TagSet = [.. tags.Select(t => new Tag { Key = t.Key, Value = t.Value })] });

    async Task<string> Read(string bucket)
    {
        var read = await server.Client.GetBucketTaggingAsync(new GetBucketTaggingRequest { BucketName = bucket });
        return string.Join(';', read.TagSet.Select(t => $"{t.Key}={t.Value}").Order(StringComparer.Ordinal));
    }
}
