using Amazon.S3;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class ListObjectVersionsTests(S3Server server)
{
    [Fact]
    public async Task An_unversioned_bucket_shows_null_versions()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        var listed = (await server.Client.ListVersionsAsync(bucket)).Versions;
        Assert.Equal(("k", "null", true), (listed[0].Key, listed[0].VersionId, listed[0].IsLatest));
    }

    [Fact]
    public async Task Newest_first_and_page_by_page()
    {
        var bucket = await server.NewBucket();
        await server.Client.PutBucketVersioningAsync(new PutBucketVersioningRequest
        {
            BucketName = bucket,
            VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Enabled },
        });
        var written = new List<string>();
        foreach (var key in new[] { "a", "a", "b" }) written.Add((await server.Client.Put(bucket, key, "x")).VersionId);
        var marker = (await server.Client.DeleteObjectAsync(bucket, "b")).VersionId;

        var seen = new List<(string Key, string Version, bool Latest, bool Marker)>();
        var request = new ListVersionsRequest { BucketName = bucket, MaxKeys = 1 };
        while (true)
        {
            var page = await server.Client.ListVersionsAsync(request);
            seen.AddRange(page.Versions.Select(v => (v.Key, v.VersionId, v.IsLatest ?? false, v.IsDeleteMarker ?? false)));
            if (page.IsTruncated != true) break;
            (request.KeyMarker, request.VersionIdMarker) = (page.NextKeyMarker, page.NextVersionIdMarker);
        }
        Assert.Equal([("a", written[1], true, false), ("a", written[0], false, false), ("b", marker, true, true),
            ("b", written[2], false, false)], seen);
    }
}
