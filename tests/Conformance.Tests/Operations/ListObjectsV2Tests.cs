using System.Net;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

[Collection(S3Tests.Name)]
public sealed class ListObjectsV2Tests(S3Server server)
{
    static readonly string[] _keys = ["a", "b/1", "b/2", "b/c/3", "d", "e/f", "g"];

    [Fact]
    public async Task Pages_meet_every_key_once()
    {
        var bucket = await Filled();
        var seen = new List<string>();
        var request = new ListObjectsV2Request { BucketName = bucket, MaxKeys = 2 };
        do
        {
            var page = await server.Client.ListObjectsV2Async(request);
            seen.AddRange(page.S3Objects.Select(o => o.Key));
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (request.ContinuationToken is not null);
        Assert.Equal(_keys, seen);
    }

    [Fact]
    public async Task Delimiter_prefix_and_start()
    {
        var bucket = await Filled();
        var top = await server.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket, Delimiter = "/" });
        Assert.Equal(["a", "d", "g"], top.S3Objects.Select(o => o.Key));
        Assert.Equal(["b/", "e/"], top.CommonPrefixes);
        var inner = await server.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket, Delimiter = "/", Prefix = "b/" });
        Assert.Equal(["b/1", "b/2"], inner.S3Objects.Select(o => o.Key));
        Assert.Equal(["b/c/"], inner.CommonPrefixes);
        var after = await server.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket, StartAfter = "b/2" });
        Assert.Equal(["b/c/3", "d", "e/f", "g"], after.S3Objects.Select(o => o.Key));
    }

    [Fact]
    public async Task Delimited_pages_meet_every_prefix_once()
    {
        var bucket = await Filled();
        var seen = new List<string>();
        var request = new ListObjectsV2Request { BucketName = bucket, MaxKeys = 1, Delimiter = "/" };
        do
        {
            var page = await server.Client.ListObjectsV2Async(request);
            seen.AddRange((page.S3Objects ?? []).Select(o => o.Key));
            seen.AddRange(page.CommonPrefixes ?? []);
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (request.ContinuationToken is not null);
        Assert.Equal(["a", "b/", "d", "e/", "g"], seen);
    }

    [Fact]
    public async Task Bad_parameters_are_named()
    {
        var bucket = await server.NewBucket();
        foreach (var query in new[] { "max-keys=-1", "max-keys=x", "encoding-type=hex", "continuation-token=%21" })
        {
            var answer = await server.Raw(server.Signer.Head("GET", $"/{bucket}?list-type=2&{query}"));
            Assert.Equal((400, "InvalidArgument"), (answer.Status, answer.Code));
        }
        var none = await server.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket, MaxKeys = 0 });
        Assert.False(none.IsTruncated);
        await S3Assert.Fails(HttpStatusCode.NotFound, "NoSuchBucket", () =>
            server.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket + "x" }));
    }

    async Task<string> Filled()
    {
        var bucket = await server.NewBucket();
        foreach (var key in _keys) await server.Client.Put(bucket, key, key);
        return bucket;
    }
}
