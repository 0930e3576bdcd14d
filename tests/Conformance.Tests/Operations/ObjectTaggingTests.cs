using System.Net;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

/// <summary>Get-, Put- and DeleteObjectTagging, and tags given with the object.</summary>
[Collection(S3Tests.Name)]
public sealed class ObjectTaggingTests(S3Server server)
{
    [Fact]
    public async Task Put_replaces_all_and_get_and_head_count_them()
    {
        var bucket = await server.NewBucket();
        var etag = (await server.Client.Put(bucket, "a b/ü", "content")).ETag;
        Assert.Equal("", await Read(bucket, "a b/ü"));
        Assert.Null((await server.Client.GetObjectMetadataAsync(bucket, "a b/ü")).Headers["x-amz-tagging-count"]);
        await Put(bucket, "a b/ü", ("colour", "blau + grün"), ("ключ", ""));
        Assert.Equal("colour=blau + grün;ключ=", await Read(bucket, "a b/ü"));
        await Put(bucket, "a b/ü", ("only", "1"));
        Assert.Equal("only=1", await Read(bucket, "a b/ü"));
        var head = await server.Raw(server.Signer.Head("HEAD", $"/{bucket}/a%20b/%C3%BC"));
        Assert.Equal(("1", etag), (head.Header("x-amz-tagging-count"), head.Header("ETag")));
        using var got = await server.Client.GetObjectAsync(bucket, "a b/ü");
        Assert.Equal(1, got.TagCount);
        await Put(bucket, "a b/ü");
        Assert.Equal("", await Read(bucket, "a b/ü"));
        await Put(bucket, "a b/ü", ("again", "1"));
        var deleted = await server.Client.DeleteObjectTaggingAsync(new DeleteObjectTaggingRequest { BucketName = bucket, Key = "a b/ü" });
        Assert.Equal(HttpStatusCode.NoContent, deleted.HttpStatusCode);
        Assert.Equal("", await Read(bucket, "a b/ü"));
        Assert.Equal("content", await server.Client.Text(bucket, "a b/ü"));
    }

    [Fact]
    public async Task Given_with_put_upload_and_copy()
    {
        var bucket = await server.NewBucket();
        await server.Client.PutObjectAsync(new PutObjectRequest
        {
            BucketName = bucket,
            Key = "put",
            ContentBody = "x",
            TagSet = [new Tag { Key = "a", Value = "1" }, new Tag { Key = "b c", Value = "x+y" }],
        });
        Assert.Equal("a=1;b c=x+y", await Read(bucket, "put"));

        var upload = new Upload(server, bucket, "upload");
        await upload.Start(request => request.TagSet = [new Tag { Key = "from", Value = "create" }]);
        await upload.Put(1, [1, 2, 3]);
        await upload.Complete();
        Assert.Equal("from=create", await Read(bucket, "upload"));

        await Copy(bucket, "copied", "COPY");
        Assert.Equal("a=1;b c=x+y", await Read(bucket, "copied"));
        await Copy(bucket, "replaced", "REPLACE", "n=2");
        Assert.Equal("n=2", await Read(bucket, "replaced"));
        await Copy(bucket, "none", "REPLACE");
        Assert.Equal("", await Read(bucket, "none"));
        var odd = await server.Raw(server.Signer.Head(
            "PUT", $"/{bucket}/odd", [("content-length", "0"), ("x-amz-copy-source", $"{bucket}/put"), ("x-amz-tagging-directive", "MERGE")]));
        Assert.Equal((400, "InvalidArgument"), (odd.Status, odd.Code));
    }

    [Fact]
    public async Task Each_version_has_its_own()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "null version");
        await server.Client.PutBucketVersioningAsync(new PutBucketVersioningRequest
        {
            BucketName = bucket,
            VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Enabled },
        });
        var version = (await server.Client.Put(bucket, "k", "new")).VersionId;
        var put = await server.Client.PutObjectTaggingAsync(new PutObjectTaggingRequest
        {
            BucketName = bucket,
            Key = "k",
            VersionId = "null",
            Tagging = new Tagging { TagSet = [new Tag { Key = "old", Value = "1" }] },
        });
        Assert.Equal("null", put.VersionId);
        Assert.Equal(("", "old=1", ""), (await Read(bucket, "k"), await Read(bucket, "k", "null"), await Read(bucket, "k", version)));
        await Put(bucket, "k", ("current", "1"));
        Assert.Equal("current=1", await Read(bucket, "k", version));
        await server.Client.DeleteObjectTaggingAsync(new DeleteObjectTaggingRequest { BucketName = bucket, Key = "k", VersionId = "null" });
        Assert.Equal(("current=1", ""), (await Read(bucket, "k"), await Read(bucket, "k", "null")));

        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchVersion", () => Read(bucket, "k", "7fffffffffffffff"));
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidArgument", () => Read(bucket, "k", "nonsense"));
        var marker = (await server.Client.DeleteObjectAsync(bucket, "k")).VersionId;
        await S3Assert.Fails(HttpStatusCode.MethodNotAllowed, "MethodNotAllowed", () => Put(bucket, "k", ("a", "1")));
        await S3Assert.Fails(HttpStatusCode.MethodNotAllowed, "MethodNotAllowed", () => Read(bucket, "k", marker));
    }

    [Fact]
    public async Task What_is_missing_or_anothers_is_refused()
    {
        var bucket = await server.NewBucket();
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => Read(bucket, "missing"));
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => Put(bucket, "missing", ("a", "1")));
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchBucket", () => Read(bucket + "x", "k"));
        await server.Client.Put(bucket, "k", "x");
        await Put(bucket, "k", ("a", "1"));
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied",
            () => server.Alice.GetObjectTaggingAsync(new GetObjectTaggingRequest { BucketName = bucket, Key = "k" }));
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied",
            () => server.Alice.DeleteObjectTaggingAsync(new DeleteObjectTaggingRequest { BucketName = bucket, Key = "k" }));
        Assert.Equal(403, (await server.Raw($"GET /{bucket}/k?tagging HTTP/1.1\r\nHost: {server.Host}\r\n\r\n")).Status);
        Assert.Equal("a=1", await Read(bucket, "k"));
    }

    [Fact]
    public async Task Limits_are_kept_and_what_was_there_stays()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        (string, string)[] ten = [.. Enumerable.Range(0, 10).Select(i => ($"k{i}".PadRight(128, 'x'), new string('v', 256)))];
        await Put(bucket, "k", ten);
        var kept = await Read(bucket, "k");
        await S3Assert.Fails(HttpStatusCode.BadRequest, "BadRequest", () => Put(bucket, "k", [.. ten, ("one more", "")]));
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidTag", () => Put(bucket, "k", (new string('k', 129), "")));
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidTag", () => Put(bucket, "k", ("k", new string('v', 257))));
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidTag", () => Put(bucket, "k", ("twice", "1"), ("twice", "1")));
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidTag", () => Put(bucket, "k", ("aws:mine", "1")));
        Assert.Equal(kept, await Read(bucket, "k"));
    }

    [Theory]
    [InlineData("<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>", "MalformedXML")]
    [InlineData("<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag>", "MalformedXML")]
    [InlineData("", "MalformedXML")]
    [InlineData("<!DOCTYPE x [<!ENTITY e 'v'>]><Tagging><TagSet><Tag><Key>a</Key><Value>&e;</Value></Tag></TagSet></Tagging>", "MalformedXML")]
    [InlineData("<Tagging><TagSet><Tag><Key>&#0;</Key><Value>1</Value></Tag></TagSet></Tagging>", "InvalidTag")]
    [InlineData("<Tagging><TagSet><Tag><Key>a</Key><Value>1&#10;2</Value></Tag></TagSet></Tagging>", "InvalidTag")]
    [InlineData("<Tagging><TagSet><Tag><Key></Key><Value>1</Value></Tag></TagSet></Tagging>", "InvalidTag")]
    public async Task Hostile_documents(string document, string code)
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        var body = Encoding.UTF8.GetBytes(document);
        var head = server.Signer.Head("PUT", $"/{bucket}/k?tagging", [("content-length", $"{body.Length}")], RawSigner.Hash(body));
        var answer = await server.Raw(head, body);
        Assert.Equal((400, code), (answer.Status, answer.Code));
        Assert.Equal("", await Read(bucket, "k"));
    }

    [Fact]
    public async Task Half_a_surrogate_pair_is_no_tag()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        var body = "<Tagging><TagSet><Tag><Key>a</Key><Value>&#xD800;</Value></Tag></TagSet></Tagging>"u8.ToArray();
        var answer = await server.Raw(
            server.Signer.Head("PUT", $"/{bucket}/k?tagging", [("content-length", $"{body.Length}")], RawSigner.Hash(body)), body);
        Assert.Equal(400, answer.Status);
    }

    Task<PutObjectTaggingResponse> Put(string bucket, string key, params (string Key, string Value)[] tags) =>
        server.Client.PutObjectTaggingAsync(new PutObjectTaggingRequest
        {
            BucketName = bucket,
            Key = key,
            Tagging = new Tagging { TagSet = [.. tags.Select(t => new Tag { Key = t.Key, Value = t.Value })] },
        });

    async Task<string> Read(string bucket, string key, string? version = null)
    {
        var read = await server.Client.GetObjectTaggingAsync(new GetObjectTaggingRequest { BucketName = bucket, Key = key, VersionId = version });
        return string.Join(';', (read.Tagging ?? []).Select(t => $"{t.Key}={t.Value}").Order(StringComparer.Ordinal));
    }

    async Task Copy(string bucket, string to, string directive, string? tags = null)
    {
        List<(string, string)> headers = [("content-length", "0"), ("x-amz-copy-source", $"{bucket}/put"), ("x-amz-tagging-directive", directive)];
        if (tags is not null) headers.Add(("x-amz-tagging", tags));
        Assert.Equal(200, (await server.Raw(server.Signer.Head("PUT", $"/{bucket}/{to}", headers))).Status);
    }

    /// <summary>As AWS answers: a delete marker, named or current, is a version that has no tags.</summary>
    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Under_a_delete_marker_there_is_nothing_to_tag(string method)
    {
        var bucket = await server.NewBucket();
        await server.Client.PutBucketVersioningAsync(new PutBucketVersioningRequest
        {
            BucketName = bucket,
            VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Enabled },
        });
        await server.Client.Put(bucket, "k", "x");
        await server.Client.DeleteObjectAsync(bucket, "k");
        var body = method == "PUT" ? "<Tagging><TagSet/></Tagging>"u8.ToArray() : [];
        var answer = await server.Raw(
            server.Signer.Head(method, $"/{bucket}/k?tagging", [("content-length", $"{body.Length}")], RawSigner.Hash(body)), body);
        Assert.Equal((405, "MethodNotAllowed"), (answer.Status, answer.Code));
        Assert.Equal("true", answer.Header("x-amz-delete-marker"));
    }

    [Fact]
    public async Task No_tag_set_is_no_tags()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        await Put(bucket, "k", ("a", "1"));
        var body = "<Tagging/>"u8.ToArray();
        Assert.Equal(200, (await server.Raw(
            server.Signer.Head("PUT", $"/{bucket}/k?tagging", [("content-length", $"{body.Length}")], RawSigner.Hash(body)), body)).Status);
        Assert.Equal("", await Read(bucket, "k"));
    }
}
