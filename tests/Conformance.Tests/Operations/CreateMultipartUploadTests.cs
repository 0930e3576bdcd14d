namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class CreateMultipartUploadTests(S3Server server)
{
    [Theory]
    [InlineData("x-amz-checksum-algorithm", "MD4", 400, "InvalidRequest")]
    [InlineData("x-amz-checksum-type", "FULL_OBJECT", 400, "InvalidRequest")]
    [InlineData("x-amz-server-side-encryption", "aws:kms", 501, "NotImplemented")]
    [InlineData("x-amz-storage-class", "NONSENSE", 400, "InvalidStorageClass")]
    public async Task Bad_wishes_are_refused_at_the_start(string name, string value, int status, string code)
    {
        var bucket = await server.NewBucket();
        var answer = await server.Raw(server.Signer.Head("POST", $"/{bucket}/k?uploads", [("content-length", "0"), (name, value)]));
        Assert.Equal((status, code), (answer.Status, answer.Code));
    }
}
