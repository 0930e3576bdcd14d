using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class ListObjectsTests(S3Server server)
{
    [Fact]
    public async Task Pages_by_marker_with_and_without_a_delimiter()
    {
        var bucket = await server.NewBucket();
        foreach (var key in new[] { "a", "b/1", "b/2", "c" }) await server.Client.Put(bucket, key, "x");
        var first = await server.Client.ListObjectsAsync(new ListObjectsRequest { BucketName = bucket, MaxKeys = 2 });
        Assert.True(first.IsTruncated);
        var rest = await server.Client.ListObjectsAsync(new ListObjectsRequest { BucketName = bucket, Marker = first.S3Objects[^1].Key });
        Assert.Equal(["b/2", "c"], rest.S3Objects.Select(o => o.Key));
        var top = await server.Client.ListObjectsAsync(new ListObjectsRequest { BucketName = bucket, MaxKeys = 2, Delimiter = "/" });
        Assert.Equal((true, "b/"), (top.IsTruncated, top.NextMarker));
        var last = await server.Client.ListObjectsAsync(new ListObjectsRequest { BucketName = bucket, Delimiter = "/", Marker = top.NextMarker });
        Assert.Equal(["c"], last.S3Objects.Select(o => o.Key));
        Assert.Equal("root", server.IsOurs ? rest.S3Objects[0].Owner.DisplayName : "root");
    }
}
