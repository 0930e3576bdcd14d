using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Client.Tests;

public class DfsClientTests
{
    [Fact]
    public async Task A_file_is_written_read_listed_copied_and_deleted()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await ClientAsync(cluster);
        var data = FileWriterTests.Bytes(100_000);
        var progress = new Steps();

        var options = new WriteOptions { ContentType = "text/plain", Metadata = new Dictionary<string, string> { ["colour"] = "red" } };
        var written = await client.WriteAsync("bucket", "a/b", new MemoryStream(data), options, progress);
        Assert.Equal(data.Length, written.Size);
        Assert.Equal(data.Length, progress.Last);

        var found = await client.StatAsync("bucket", "a/b");
        Assert.Equal(("text/plain", "red"), (found.ContentType, found.Metadata["colour"]));
        await using (var file = await client.OpenReadAsync("bucket", "a/b", new ReadOptions { Offset = 7, Length = 70_000 }))
        {
            using var copy = new MemoryStream();
            await file.Content.CopyToAsync(copy);
            Assert.Equal(data[7..70_007], copy.ToArray());
        }

        foreach (var key in new[] { "a/c", "a/a", "a/\ud83d\ude00", "a/\uffee" }) await client.CopyAsync("bucket", "a/b", "bucket", key);
        var keys = new List<string>();
        await foreach (var entry in client.ListAsync("bucket", new ListOptions { Prefix = "a/" })) keys.Add(entry.Key);
        Assert.Equal(["a/a", "a/b", "a/c", "a/\uffee", "a/\ud83d\ude00"], keys);

        await client.DeleteAsync("bucket", "a/b");
        await client.DeleteAsync("bucket", "a/b");
        Assert.Equal(DfsStatus.NoSuchKey, (await Assert.ThrowsAsync<DfsException>(() => client.StatAsync("bucket", "a/b"))).Status);
    }

    [Fact]
    public async Task Buckets_come_and_go()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await ClientAsync(cluster);
        foreach (var name in new[] { "one", "two", "three", "four" }) await client.CreateBucketAsync(name);
        Assert.Equal(DfsStatus.BucketAlreadyExists, (await Assert.ThrowsAsync<DfsException>(() => client.CreateBucketAsync("one"))).Status);

        var names = new List<string>();
        await foreach (var bucket in client.ListBucketsAsync()) names.Add(bucket.Name);
        Assert.Equal(["bucket", "four", "one", "three", "two"], names);

        await client.WriteAsync("one", "x", new MemoryStream([1]));
        Assert.Equal(DfsStatus.BucketNotEmpty, (await Assert.ThrowsAsync<DfsException>(() => client.DeleteBucketAsync("one"))).Status);
        await client.DeleteBucketAsync("two");
        Assert.False(await client.BucketExistsAsync("two"));
        Assert.True(await client.BucketExistsAsync("one"));
        var refused = await Assert.ThrowsAsync<DfsException>(() => client.WriteAsync("two", "x", new MemoryStream()));
        Assert.Equal(DfsStatus.NoSuchBucket, refused.Status);
        await Assert.ThrowsAsync<ArgumentException>(() => client.BucketExistsAsync("No_Bucket"));
    }

    [Fact]
    public async Task A_changed_bucket_is_loaded_again()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await ClientAsync(cluster);
        await client.WriteAsync("bucket", "x", new MemoryStream([1]));
        var bucket = cluster.Grains.Catalog.Buckets["n/bucket"];
        cluster.Grains.Catalog.Buckets["n/bucket"] = bucket with { Revision = 2 };

        await client.WriteAsync("bucket", "x", new MemoryStream([1, 2]));

        Assert.Equal([1, 1, 2], cluster.Grains.Catalog.Commits.Select(c => (int)c.Bucket.Revision));
        Assert.Equal(3, cluster.Grains.Catalog.Commits.Select(c => c.Attempt).Distinct().Count());
        Assert.Equal(2, (await client.StatAsync("bucket", "x")).Size);
    }

    // P16
    [Fact]
    public async Task Lost_bytes_are_written_again_once_where_the_source_can_go_back()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await ClientAsync(cluster);
        var data = FileWriterTests.Bytes(200_000);
        cluster.Grains.Catalog.NextCommits.Enqueue(DfsStatus.BytesLost);
        await client.WriteAsync("bucket", "x", new MemoryStream(data));
        await using (var file = await client.OpenReadAsync("bucket", "x"))
        {
            using var copy = new MemoryStream();
            await file.CopyToAsync(copy);
            Assert.Equal(data, copy.ToArray());
        }
        Assert.Equal(2, cluster.Grains.Catalog.Commits.Select(c => c.Blob.Blob).Distinct().Count());

        cluster.Grains.Catalog.NextCommits.Enqueue(DfsStatus.BytesLost);
        var forward = new ForwardOnly(data);
        Assert.Equal(DfsStatus.BytesLost, (await Assert.ThrowsAsync<DfsException>(() => client.WriteAsync("bucket", "y", forward))).Status);
    }

    [Fact]
    public async Task A_condition_that_does_not_hold_writes_nothing()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await ClientAsync(cluster);
        await client.WriteAsync("bucket", "x", new MemoryStream([1]), new WriteOptions { IfNoneMatch = "*" });

        var failure = await Assert.ThrowsAsync<DfsException>(
            () => client.WriteAsync("bucket", "x", new MemoryStream([1, 2]), new WriteOptions { IfNoneMatch = "*" }));

        Assert.Equal(DfsStatus.PreconditionFailed, failure.Status);
        Assert.Equal(1, (await client.StatAsync("bucket", "x")).Size);
    }

    [Fact]
    public async Task A_large_file_goes_up_in_parts_and_comes_down_in_ranges()
    {
        await using var cluster = await TestCluster.StartAsync(o => o.PartSize = 3 * RecordLayout.MaxPayload);
        var client = await ClientAsync(cluster);
        var folder = Directory.CreateTempSubdirectory("client-tests-");
        try
        {
            var data = FileWriterTests.Bytes(34 * RecordLayout.MaxPayload + 321);
            var source = Path.Combine(folder.FullName, "source");
            var target = Path.Combine(folder.FullName, "target");
            await File.WriteAllBytesAsync(source, data);
            var up = new Steps();
            var down = new Steps();
            cluster.Grains.Catalog.NextCommits.Enqueue(DfsStatus.BytesLost); // of one part: it alone is written again

            var written = await client.UploadAsync("bucket", "large", source, progress: up);
            await client.DownloadAsync("bucket", "large", target, progress: down);

            Assert.Equal("parts-12", written.ETag);
            Assert.Equal(data, await File.ReadAllBytesAsync(target));
            Assert.Equal(data.Length, up.Last);
            Assert.Equal(data.Length, down.Last);
            Assert.Equal(0, cluster.Connections.Buffers.InUse);
            Assert.Equal(2, folder.GetFiles().Length);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_download_that_fails_leaves_no_file()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await ClientAsync(cluster);
        var folder = Directory.CreateTempSubdirectory("client-tests-");
        try
        {
            await client.WriteAsync("bucket", "x", new MemoryStream(FileWriterTests.Bytes(1000)));
            foreach (var peer in cluster.Peers) peer.IsDead = true;

            await Assert.ThrowsAsync<DfsException>(() => client.DownloadAsync("bucket", "x", Path.Combine(folder.FullName, "target")));

            Assert.Empty(folder.GetFiles());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<IDfsClient> ClientAsync(TestCluster cluster)
    {
        var client = new DfsClient(cluster.Connections);
        await client.CreateBucketAsync("bucket");
        return client;
    }

    private sealed class Steps : IProgress<long>
    {
        private long _last;

        public long Last => _last;

        public void Report(long value)
        {
            for (var seen = _last; value > seen; seen = _last)
            {
                if (Interlocked.CompareExchange(ref _last, value, seen) == seen) return;
            }
        }
    }

    private sealed class ForwardOnly(byte[] data) : MemoryStream(data)
    {
        public override bool CanSeek => false;
    }
}
