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

    /// <summary>As AWS answers: the last page has markers too, and an upload's id without a key is as if not sent.</summary>
    [Fact]
    public async Task The_last_page_names_its_last_upload()
    {
        var bucket = await server.NewBucket();
        Assert.Contains("<NextKeyMarker/><NextUploadIdMarker/>", await List(""), StringComparison.Ordinal);
        var upload = new Upload(server, bucket, "k");
        await upload.Start();
        var only = await List("&upload-id-marker=" + upload.Id);
        Assert.Contains($"<UploadIdMarker/><NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>{upload.Id}</NextUploadIdMarker>",
            only, StringComparison.Ordinal);
        Assert.Contains("<IsTruncated>false</IsTruncated>", only, StringComparison.Ordinal);

        async Task<string> List(string query) => (await server.Raw(server.Signer.Head("GET", $"/{bucket}?uploads{query}"))).Text;
    }
}
