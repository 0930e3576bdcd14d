using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class CopyObjectTests(S3Server server)
{
    [Fact]
    public async Task To_another_bucket_with_everything_said_about_it()
    {
        var (from, to) = (await server.NewBucket(), await server.NewBucket());
        var content = S3Assert.Random(1_500_000);
        var put = new PutObjectRequest { BucketName = from, Key = "a b/ü", InputStream = new MemoryStream(content), ContentType = "text/plain" };
        put.Metadata["colour"] = "blue";
        var etag = (await server.Client.PutObjectAsync(put)).ETag;
        var copied = await server.Client.CopyObjectAsync(from, "a b/ü", to, "copy");
        Assert.Equal(etag, copied.ETag);
        await server.Client.DeleteObjectAsync(from, "a b/ü"); // the bytes are shared, not borrowed
        using var got = await server.Client.GetObjectAsync(to, "copy");
        S3Assert.Same(content, await got.Bytes());
        Assert.Equal(("text/plain", "blue"), (got.Headers.ContentType, got.Metadata["colour"]));
    }

    [Fact]
    public async Task Onto_itself_only_with_a_change()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        await S3Assert.Fails(HttpStatusCode.BadRequest, "InvalidRequest", () => server.Client.CopyObjectAsync(bucket, "k", bucket, "k"));
        var request = Copy(bucket, "k", "k");
        request.MetadataDirective = S3MetadataDirective.REPLACE;
        request.ContentType = "text/css";
        request.Metadata["new"] = "1";
        await server.Client.CopyObjectAsync(request);
        var head = await server.Client.GetObjectMetadataAsync(bucket, "k");
        Assert.Equal(("text/css", "1"), (head.Headers.ContentType, head.Metadata["new"]));
        Assert.Equal("x", await server.Client.Text(bucket, "k"));
    }

    [Fact]
    public async Task Conditions_on_the_source()
    {
        var bucket = await server.NewBucket();
        var etag = (await server.Client.Put(bucket, "k", "x")).ETag;
        var request = Copy(bucket, "k", "to");
        request.ETagToMatch = "\"other\"";
        await S3Assert.Fails(HttpStatusCode.PreconditionFailed, "PreconditionFailed", () => server.Client.CopyObjectAsync(request));
        request = Copy(bucket, "k", "to");
        request.ETagToNotMatch = etag;
        await S3Assert.Fails(HttpStatusCode.PreconditionFailed, "PreconditionFailed", () => server.Client.CopyObjectAsync(request));
        request = Copy(bucket, "k", "to");
        request.ETagToMatch = etag;
        await server.Client.CopyObjectAsync(request);
        Assert.Equal("x", await server.Client.Text(bucket, "to"));
    }

    [Fact]
    public async Task Conditions_on_the_destination()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "new");
        var etag = (await server.Client.Put(bucket, "there", "old")).ETag;
        await Answers("there", ("if-none-match", "*"), 412, "PreconditionFailed");
        await Answers("there", ("if-match", "\"0123\""), 412, "PreconditionFailed");
        await Answers("missing", ("if-match", etag), 404, "NoSuchKey");
        await Answers("there", ("if-match", "*"), 501, "NotImplemented");
        await Answers("there", ("if-none-match", etag), 501, "NotImplemented");
        Assert.Equal("old", await server.Client.Text(bucket, "there"));
        await Answers("there", ("if-match", etag), 200, "");
        await Answers("absent", ("if-none-match", "*"), 200, "");
        Assert.Equal(("new", "new"), (await server.Client.Text(bucket, "there"), await server.Client.Text(bucket, "absent")));
        var stranger = await Send(server.AliceSigner, "there", ("if-none-match", "*"));
        Assert.Equal((403, "AccessDenied"), (stranger.Status, stranger.Code)); // authorisation comes first

        async Task Answers(string to, (string, string) condition, int status, string code)
        {
            var answer = await Send(server.Signer, to, condition);
            Assert.Equal((status, code), (answer.Status, answer.Code));
        }

        Task<RawResponse> Send(RawSigner signer, string to, (string, string) condition) => server.Raw(signer.Head(
            "PUT", $"/{bucket}/{to}", [("content-length", "0"), ("x-amz-copy-source", $"/{bucket}/k"), condition]));
    }

    [Fact]
    public async Task Of_many_conditional_copies_one_wins()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => server.Raw(server.Signer.Head(
            "PUT", $"/{bucket}/to", [("content-length", "0"), ("x-amz-copy-source", $"/{bucket}/k"), ("if-none-match", "*")]))));
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers, answer => Assert.Contains(answer.Status, new[] { 200, 409, 412 }));
    }

    [Fact]
    public async Task A_source_that_one_may_not_read_is_denied()
    {
        var mine = await server.NewBucket();
        await server.Client.Put(mine, "secret", "x");
        var hers = "alice-" + Guid.NewGuid().ToString("N");
        await server.Alice.PutBucketAsync(hers);
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.CopyObjectAsync(mine, "secret", hers, "stolen"));
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => server.Alice.GetObjectAsync(hers, "stolen"));
    }

    [Fact]
    public async Task Missing_sources_have_their_names()
    {
        var bucket = await server.NewBucket();
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => server.Client.CopyObjectAsync(bucket, "missing", bucket, "to"));
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchBucket", () => server.Client.CopyObjectAsync(bucket + "x", "k", bucket, "to"));
        var bad = await server.Raw(server.Signer.Head("PUT", $"/{bucket}/to", [("content-length", "0"), ("x-amz-copy-source", "nobucket")]));
        Assert.Equal((400, "InvalidArgument"), (bad.Status, bad.Code));
    }

    static CopyObjectRequest Copy(string bucket, string from, string to) =>
        new() { SourceBucket = bucket, SourceKey = from, DestinationBucket = bucket, DestinationKey = to };

    /// <summary>
    /// As AWS answers: a copy onto itself changes something where it names the storage class, whichever; that the source has another is no change.
    /// </summary>
    [Theory]
    [InlineData("STANDARD", "STANDARD", 200)]
    [InlineData("STANDARD_IA", "STANDARD_IA", 200)]
    [InlineData("STANDARD_IA", null, 400)]
    public async Task Onto_itself_by_naming_the_storage_class(string before, string? named, int status)
    {
        var bucket = await server.NewBucket();
        await server.Client.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "k", ContentBody = "x", StorageClass = before });
        List<(string, string)> headers = [("x-amz-copy-source", $"/{bucket}/k"), ("content-length", "0")];
        if (named is not null) headers.Add(("x-amz-storage-class", named));
        Assert.Equal(status, (await server.Raw(server.Signer.Head("PUT", $"/{bucket}/k", [.. headers]))).Status);
        headers.Add(("if-none-match", "*")); // judged first, either way
        Assert.Equal(412, (await server.Raw(server.Signer.Head("PUT", $"/{bucket}/k", [.. headers]))).Status);
    }

    /// <summary>RFC 9110 §13.1.3, and AWS: a date in the future is as if not sent.</summary>
    [Fact]
    public async Task A_future_modified_since_is_not_judged()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        var future = DateTimeOffset.UtcNow.AddDays(1).ToString("r");
        Assert.Equal(200, (await server.Raw(server.Signer.Head("PUT", $"/{bucket}/copy",
            [("x-amz-copy-source", $"/{bucket}/k"), ("x-amz-copy-source-if-modified-since", future), ("content-length", "0")]))).Status);
        Assert.Equal(200, (await server.Raw(server.Signer.Head("GET", $"/{bucket}/k", [("if-modified-since", future)]))).Status);
    }
}
