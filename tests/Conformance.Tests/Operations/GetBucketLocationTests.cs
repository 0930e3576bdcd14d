using System.Net;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class GetBucketLocationTests(S3Server server)
{
    [Fact]
    public async Task The_oldest_region_has_an_empty_name()
    {
        var bucket = await server.NewBucket();
        var answer = await server.Client.GetBucketLocationAsync(bucket);
        Assert.Equal("", answer.Location?.Value ?? "");
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchBucket", () => server.Client.GetBucketLocationAsync(bucket + "x"));
    }
}
