using System.Net;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class HeadBucketTests(S3Server server)
{
    [Fact]
    public async Task Tells_the_region()
    {
        var bucket = await server.NewBucket();
        var answer = await server.Client.HeadBucketAsync(new HeadBucketRequest { BucketName = bucket });
        Assert.Equal("us-east-1", answer.BucketRegion);
    }

    [Fact]
    public async Task A_missing_bucket_is_404_without_a_body()
    {
        var answer = await server.Raw(server.Signer.Head("HEAD", "/missing-" + Guid.NewGuid().ToString("N")));
        Assert.Equal(404, answer.Status);
        Assert.NotNull(answer.Header("x-amz-request-id"));
    }

    [Fact]
    public async Task Anothers_bucket_is_403()
    {
        var bucket = await server.NewBucket();
        var error = await Assert.ThrowsAnyAsync<Amazon.S3.AmazonS3Exception>(() =>
            server.Alice.HeadBucketAsync(new HeadBucketRequest { BucketName = bucket }));
        Assert.Equal(HttpStatusCode.Forbidden, error.StatusCode);
    }

    [Theory]
    [InlineData("root", 200, "")]
    [InlineData("somebody-else", 403, "AccessDenied")]
    [InlineData("012345678901", 403, "AccessDenied")]
    [InlineData("01234567890", 400, "InvalidBucketOwnerAWSAccountID")]
    [InlineData("no/name", 400, "InvalidBucketOwnerAWSAccountID")]
    [InlineData("", 400, "InvalidBucketOwnerAWSAccountID")]
    public async Task The_expected_owner_must_be_the_owner(string expected, int status, string code)
    {
        var bucket = await server.NewBucket();
        (string, string)[] headers = [("x-amz-expected-bucket-owner", expected)];
        Assert.Equal(status, (await server.Raw(server.Signer.Head("HEAD", "/" + bucket, headers))).Status);
        var listed = await server.Raw(server.Signer.Head("GET", "/" + bucket, headers));
        Assert.Equal(status, listed.Status);
        if (code.Length > 0) Assert.Equal(code, listed.Code);
    }
}
