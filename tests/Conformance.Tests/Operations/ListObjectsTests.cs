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

    [Fact]
    public async Task The_parameter_of_the_other_version_is_refused()
    {
        var bucket = await server.NewBucket();
        var answer = await server.Raw(server.Signer.Head("GET", $"/{bucket}?start-after=a"));
        Assert.Equal((400, "InvalidArgument"), (answer.Status, answer.Code));
        Assert.Contains("startAfter only supported in REST.GET.BUCKET with list-type=2", answer.Text, StringComparison.Ordinal);
    }

    /// <summary>
    /// As AWS answers: what is rolled up lies before a marker inside it, and is not shown again; the same for versions and uploads.
    /// </summary>
    [Theory]
    [InlineData("?delimiter=%2F&marker=b%2F1", "<Key>c</Key>")]
    [InlineData("?versions&delimiter=%2F&key-marker=b%2F1", "<Key>c</Key>")]
    [InlineData("?uploads&delimiter=%2F&key-marker=b%2F1", "<Key>c</Key>")]
    [InlineData("?list-type=2&delimiter=%2F&start-after=b%2F1", "<Key>c</Key>")]
    [InlineData("?delimiter=%2F&marker=a", "<Prefix>b/</Prefix>")]
    public async Task A_marker_inside_a_common_prefix_passes_all_of_it(string query, string first)
    {
        var bucket = await server.NewBucket();
        foreach (var key in new[] { "a", "b/1", "b/2", "c" })
        {
            await server.Client.Put(bucket, key, "x");
            await server.Client.InitiateMultipartUploadAsync(bucket, key);
        }
        var answer = await server.Raw(server.Signer.Head("GET", $"/{bucket}{query}"));
        Assert.Equal(200, answer.Status);
        Assert.Contains(first, answer.Text, StringComparison.Ordinal);
        if (first.Contains("Key", StringComparison.Ordinal)) Assert.DoesNotContain("<Prefix>b/", answer.Text, StringComparison.Ordinal);
    }
}
