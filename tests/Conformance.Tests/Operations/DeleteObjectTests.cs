using System.Net;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class DeleteObjectTests(S3Server server)
{
    [Fact]
    public async Task A_file_goes_and_a_missing_one_is_no_error()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.DeleteObjectAsync(bucket, "k")).HttpStatusCode);
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => server.Client.GetObjectAsync(bucket, "k"));
        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.DeleteObjectAsync(bucket, "k")).HttpStatusCode);
    }

    [Fact]
    public async Task If_match_deletes_only_what_was_read()
    {
        var bucket = await server.NewBucket();
        var etag = (await server.Client.Put(bucket, "k", "x")).ETag;
        await S3Assert.Fails(HttpStatusCode.PreconditionFailed, "PreconditionFailed",
            () => server.Client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = bucket, Key = "k", IfMatch = "\"other\"" }));
        Assert.Equal("x", await server.Client.Text(bucket, "k"));
        await server.Client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = bucket, Key = "k", IfMatch = etag });
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchKey", () => server.Client.GetObjectAsync(bucket, "k"));
    }

    [Fact]
    public async Task If_match_on_nothing_is_404_and_so_is_under_a_delete_marker()
    {
        var bucket = await server.NewBucket();
        await Refused("missing", "*", 404, "NoSuchKey");
        await Refused("missing", "\"0123\"", 404, "NoSuchKey");
        await server.Client.Put(bucket, "k", "x");
        Assert.Equal(204, (await Send("k", ("if-match", "*"))).Status);
        await Refused("k", "*", 404, "NoSuchKey");

        await server.Client.PutBucketVersioningAsync(new PutBucketVersioningRequest
        {
            BucketName = bucket,
            VersioningConfig = new S3BucketVersioningConfig { Status = Amazon.S3.VersionStatus.Enabled },
        });
        await server.Client.Put(bucket, "versioned", "x");
        Assert.Equal("true", (await Send("versioned", ("if-match", "*"))).Header("x-amz-delete-marker"));
        await Refused("versioned", "*", 404, "NoSuchKey");
        await Refused("versioned", "\"0123\"", 404, "NoSuchKey");

        async Task Refused(string key, string condition, int status, string code)
        {
            var answer = await Send(key, ("if-match", condition));
            Assert.Equal((status, code), (answer.Status, answer.Code));
        }

        Task<RawResponse> Send(string key, (string, string) condition) => server.Raw(server.Signer.Head("DELETE", $"/{bucket}/{key}", [condition]));
    }

    [Theory]
    [InlineData("if-none-match", "*")]
    [InlineData("if-none-match", "\"0123\"")]
    [InlineData("if-unmodified-since", "Fri, 02 Jan 2026 03:04:05 GMT")]
    [InlineData("x-amz-if-match-size", "1")]
    [InlineData("x-amz-if-match-last-modified-time", "Fri, 02 Jan 2026 03:04:05 GMT")]
    public async Task Conditions_that_are_not_a_deletes_are_refused_by_name(string header, string value)
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        var answer = await server.Raw(server.Signer.Head("DELETE", $"/{bucket}/k", [(header, value)]));
        Assert.Equal((501, "NotImplemented"), (answer.Status, answer.Code));
        Assert.Equal("x", await server.Client.Text(bucket, "k"));
    }

    [Fact]
    public async Task A_condition_tells_a_stranger_nothing()
    {
        var bucket = await server.NewBucket();
        var etag = (await server.Client.Put(bucket, "k", "x")).ETag;
        foreach (var (key, condition) in new[] { ("k", etag), ("k", "\"other\""), ("k", "*"), ("missing", "*") })
        {
            var answer = await server.Raw(server.AliceSigner.Head("DELETE", $"/{bucket}/{key}", [("if-match", condition)]));
            Assert.Equal((403, "AccessDenied"), (answer.Status, answer.Code));
        }
        await server.Client.PutBucketPolicyAsync(bucket, "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"alice\"},"
            + $"\"Action\":\"s3:DeleteObject\",\"Resource\":\"arn:aws:s3:::{bucket}/*\"}}}}");
        var guess = await server.Raw(server.AliceSigner.Head("DELETE", $"/{bucket}/k", [("if-match", "\"other\"")]));
        Assert.Equal((403, "AccessDenied"), (guess.Status, guess.Code)); // who may delete and not read does not learn the ETag by trying
        Assert.Equal(204, (await server.Raw(server.AliceSigner.Head("DELETE", $"/{bucket}/k", [("if-match", "*")]))).Status);
    }

    [Fact]
    public async Task Nobody_deletes_in_anothers_bucket()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        await S3Assert.Fails(HttpStatusCode.Forbidden, "AccessDenied", () => server.Alice.DeleteObjectAsync(bucket, "k"));
        Assert.Equal("x", await server.Client.Text(bucket, "k"));
    }
}
