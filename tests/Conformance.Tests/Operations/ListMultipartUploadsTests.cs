using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class ListMultipartUploadsTests(S3Server server)
{
    [Fact]
    public async Task By_key_with_prefix_delimiter_and_pages()
    {
        var bucket = await server.NewBucket();
        foreach (var key in new[] { "a", "d/1", "d/2", "z" }) await new Upload(server, bucket, key).Start();
        var all = await server.Client.ListMultipartUploadsAsync(bucket);
        Assert.Equal(["a", "d/1", "d/2", "z"], all.MultipartUploads.Select(u => u.Key));
        var top = await server.Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = bucket, Delimiter = "/" });
        Assert.Equal(["a", "z"], top.MultipartUploads.Select(u => u.Key));
        Assert.Equal(["d/"], top.CommonPrefixes);
        var page = await server.Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = bucket, MaxUploads = 3 });
        Assert.True(page.IsTruncated);
        var rest = await server.Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest
        {
            BucketName = bucket,
            KeyMarker = page.NextKeyMarker,
            UploadIdMarker = page.NextUploadIdMarker,
        });
        Assert.Equal(["z"], rest.MultipartUploads.Select(u => u.Key));
    }
}
