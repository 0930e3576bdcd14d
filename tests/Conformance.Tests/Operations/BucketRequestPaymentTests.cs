using System.Text;

namespace OrleansDfs.Conformance.Tests.Operations;

/// <summary>Get- and PutBucketRequestPayment.</summary>
[Collection(S3Tests.Name)]
public sealed class BucketRequestPaymentTests(S3Server server)
{
    [Fact]
    public async Task The_owner_pays()
    {
        var bucket = await server.NewBucket();
        Assert.Equal(200, (await Put(bucket, "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>")).Status);
        var read = await server.Client.GetBucketRequestPaymentAsync(bucket);
        Assert.Equal("BucketOwner", read.Payer);
    }

    [Theory]
    [InlineData("<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>", 501, "NotImplemented")]
    [InlineData("<RequestPaymentConfiguration><Payer>Nobody</Payer></RequestPaymentConfiguration>", 400, "MalformedXML")]
    [InlineData("<RequestPaymentConfiguration/>", 400, "MalformedXML")]
    [InlineData("", 400, "MalformedXML")]
    public async Task Anything_else_is_refused(string document, int status, string code)
    {
        var answer = await Put(await server.NewBucket(), document);
        Assert.Equal((status, code), (answer.Status, answer.Code));
    }

    Task<RawResponse> Put(string bucket, string document)
    {
        var body = Encoding.UTF8.GetBytes(document);
        return server.Raw(
            server.Signer.Head("PUT", $"/{bucket}?requestPayment", [("content-length", $"{body.Length}")], RawSigner.Hash(body)), body);
    }
}
