using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Client.Tests;

public class FileWriterTests
{
    private const int Page = RecordLayout.PageSize;
    private const int Record = RecordLayout.MaxPayload;
    internal static readonly RecordOwner Owner = new(BucketName.Parse("bucket"), ObjectKey.Parse("folder/file"));

    [Fact]
    public async Task What_is_written_is_read_back_with_its_digests()
    {
        await using var cluster = await TestCluster.StartAsync();
        foreach (var size in new[] { 0, 1, Page - 1, Page, Page + 1, 3 * Page, Record - 1, Record, Record + 1, 7 * Record + 5 })
        {
            var data = Bytes(size);
            foreach (var hint in new long?[] { null, size })
            {
                var written = await WriteAsync(cluster, data, hint);

                Assert.Equal(size, written.Blob.Length);
                Assert.Equal(size, written.Digests.Length);
                Assert.Equal(MD5.HashData(data), written.Digests.Md5);
                Assert.Equal(SHA256.HashData(data), written.Digests.Sha256);
                Assert.Equal(size, written.Blob.Extents.Sum(e => e.Length));
                Assert.Equal(data, await ReadAsync(cluster, written));
            }
        }
        Assert.Equal(0, cluster.Connections.Buffers.InUse);
    }

    [Fact]
    public async Task A_stream_is_one_extent_in_a_chunk_of_its_own_and_small_files_share_one()
    {
        await using var cluster = await TestCluster.StartAsync();

        var large = await WriteAsync(cluster, Bytes(5 * Record + 17));
        var small = await WriteAsync(cluster, Bytes(100));
        var small2 = await WriteAsync(cluster, Bytes(Record - 1));
        var next = await WriteAsync(cluster, Bytes(2 * Record));

        var kinds = cluster.Grains.Allocator.Opened;
        Assert.Equal(ChunkKind.Stream, kinds[Assert.Single(large.Blob.Extents).Chunk].Kind);
        Assert.Equal(ChunkKind.Shared, kinds[Assert.Single(small.Blob.Extents).Chunk].Kind);
        Assert.Equal(small.Blob.Extents[0].Chunk, Assert.Single(small2.Blob.Extents).Chunk);
        Assert.Equal(large.Blob.Extents[0].Chunk, Assert.Single(next.Blob.Extents).Chunk); // used again when the stream has ended
    }

    [Fact]
    public async Task Streams_at_the_same_time_never_interleave()
    {
        await using var cluster = await TestCluster.StartAsync();
        var data = Enumerable.Range(0, 4).Select(i => Bytes(3 * Record + i, i)).ToList();

        var written = await Task.WhenAll(data.Select(d => WriteAsync(cluster, d)));

        Assert.Equal(4, written.Select(w => Assert.Single(w.Blob.Extents).Chunk).Distinct().Count());
        for (var i = 0; i < 4; i++) Assert.Equal(data[i], await ReadAsync(cluster, written[i]));
    }

    /// <summary>P24: compaction must not take the chunks of a long upload for dead.</summary>
    [Fact]
    public async Task An_upload_longer_than_a_minute_holds_its_chunks()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await TestCluster.StartAsync(time: time);
        await using var writer = cluster.Connections.OpenWriter(Owner, BlobId.New(), Digests.None);
        await writer.WriteAsync(Bytes(Record + 1));
        time.Advance(TimeSpan.FromSeconds(61));
        await writer.WriteAsync(Bytes(Record));
        var written = await writer.CompleteAsync();
        var (blob, chunks) = Assert.Single(cluster.Grains.Allocator.Holds);
        Assert.Equal(written.Blob.Blob, blob);
        Assert.Equal(written.Blob.Extents.Select(e => e.Chunk).Distinct(), chunks);
    }

    // P8
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(6)]
    public async Task A_writer_goes_on_in_another_chunk_when_its_primary_is_gone(int deadFrom)
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Peers[0].DeadFromAppend = deadFrom;
        cluster.Grains.Allocator.PrimaryOf = i => i == 0 ? 0 : 1;
        var data = Bytes(9 * Record + 9);

        var written = await WriteAsync(cluster, data);

        Assert.Equal(deadFrom == 1 ? 1 : 2, written.Blob.Extents.Count);
        Assert.Equal((deadFrom - 1) * (long)Record, written.Blob.Extents.Where(e => e.Chunk.Value == 1).Sum(e => e.Length));
        Assert.Equal(MD5.HashData(data), written.Digests.Md5);
        Assert.Equal(data, await ReadAsync(cluster, written));
        Assert.Contains(cluster.Grains.Allocator.Requests, r => r.Avoid.Contains(cluster.Peers[0].Address.Node));
        Assert.Contains(cluster.Grains.Allocator.Released, r => r.Chunk.Value == 1 && r.Reason.Contains("Unreachable", StringComparison.Ordinal));
    }

    // P7, P8
    [Fact]
    public async Task A_secondary_that_is_gone_breaks_the_chunk_and_its_primary_is_not_blamed()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Grains.Allocator.PrimaryOf = _ => 0;
        await WriteAsync(cluster, Bytes(10));
        cluster.Peers[2].IsDead = true;

        var written = await WriteAsync(cluster, Bytes(10));

        var chunk = cluster.Grains.Allocator.Opened[Assert.Single(written.Blob.Extents).Chunk];
        Assert.Equal(2, chunk.Replicas.Count);
        Assert.Equal(cluster.Peers[0].Address.Node, chunk.Primary);
    }

    [Fact]
    public async Task A_full_chunk_is_left_before_a_record_is_sent_in_vain()
    {
        await using var cluster = await TestCluster.StartAsync();
        cluster.Grains.Allocator.Capacity = 3 * RecordLayout.MaxRecordSize;
        var data = Bytes(7 * Record);

        var written = await WriteAsync(cluster, data);

        Assert.Equal(3, written.Blob.Extents.Count);
        Assert.Equal(7, cluster.Peers.Sum(p => p.Appends));
        Assert.Contains(cluster.Grains.Allocator.Released, r => r.Reason == "full");
        Assert.Equal(data, await ReadAsync(cluster, written));
    }

    [Fact]
    public async Task Without_enough_nodes_a_writer_gives_up_within_its_budget()
    {
        await using var cluster = await TestCluster.StartAsync(o => o.WriteBudget = TimeSpan.FromMilliseconds(200));
        cluster.Grains.Allocator.IsUnavailable = true;

        var failure = await Assert.ThrowsAsync<DfsException>(() => WriteAsync(cluster, Bytes(10)));

        Assert.Equal(DfsStatus.Unavailable, failure.Status);
        Assert.Equal(0, cluster.Connections.Buffers.InUse);
    }

    [Fact]
    public async Task Fifty_writers_get_through_with_buffers_for_two()
    {
        await using var cluster = await TestCluster.StartAsync(o => (o.RecordBuffers, o.LargeStreams) = (1, 2));
        var data = Enumerable.Range(0, 50).Select(i => Bytes(Record + Page + i, i)).ToList();

        var written = await Task.WhenAll(data.Select(d => WriteAsync(cluster, d)));

        for (var i = 0; i < data.Count; i++) Assert.Equal(MD5.HashData(data[i]), written[i].Digests.Md5);
        Assert.Equal(0, cluster.Connections.Buffers.InUse);
    }

    [Fact]
    public async Task Acknowledged_records_hold_no_buffers_while_the_body_is_slow()
    {
        await using var cluster = await TestCluster.StartAsync();
        await using var writer = cluster.Connections.OpenWriter(Owner, BlobId.New(), Digests.Md5);
        var gate = new TaskCompletionSource();
        foreach (var peer in cluster.Peers) peer.AppendGate = gate.Task;
        await writer.WriteAsync(Bytes(3 * Record));
        Assert.Equal(3, cluster.Connections.Buffers.InUse);

        gate.SetResult();

        await EventuallyAsync(() => cluster.Connections.Buffers.InUse == 0);
    }

    [Fact]
    public async Task No_more_records_than_the_window_are_under_way()
    {
        await using var cluster = await TestCluster.StartAsync(o => o.WriteWindow = 2);
        var gate = new TaskCompletionSource();
        foreach (var peer in cluster.Peers) peer.AppendGate = gate.Task;
        await using var writer = cluster.Connections.OpenWriter(Owner, BlobId.New(), Digests.None);

        var writing = writer.WriteAsync(Bytes(5 * Record)).AsTask();
        await EventuallyAsync(() => cluster.Peers.Sum(p => p.Appends) == 2);
        Assert.False(writing.IsCompleted);

        gate.SetResult();
        await writing;
        Assert.Equal(5L * Record, (await writer.CompleteAsync()).Blob.Length);
    }

    [Fact]
    public async Task All_streams_together_have_no_more_large_records_under_way_than_the_bound_and_small_ones_pass()
    {
        await using var cluster = await TestCluster.StartAsync(o => o.RecordsInFlight = 2);
        var gate = new TaskCompletionSource();
        foreach (var peer in cluster.Peers) peer.AppendGate = gate.Task;

        var large = Enumerable.Range(0, 6).Select(i => WriteAsync(cluster, Bytes(Record, i))).ToList();
        await EventuallyAsync(() => cluster.Peers.Sum(p => p.Appends) == 2 && cluster.Connections.Buffers.InUse == 6);
        var small = WriteAsync(cluster, Bytes(10));
        await EventuallyAsync(() => cluster.Peers.Sum(p => p.Appends) == 3);

        gate.SetResult();
        foreach (var written in await Task.WhenAll(large)) Assert.Equal(Record, written.Blob.Length);
        Assert.Equal(10, (await small).Blob.Length);
        Assert.Equal(2, cluster.Connections.Buffers.LargeSends.CurrentCount);
    }

    [Fact]
    public async Task A_stream_that_finds_no_buffer_in_time_is_busy_and_one_that_has_begun_is_not_given_up()
    {
        await using var cluster = await TestCluster.StartAsync(o => (o.LargeStreams, o.RecordBuffers) = (1, 1));
        var gate = new TaskCompletionSource();
        foreach (var peer in cluster.Peers) peer.AppendGate = gate.Task;
        var patience = TimeSpan.FromMilliseconds(50);
        await using var first = cluster.Connections.OpenWriter(Owner, BlobId.New(), Digests.None, 3 * Record, patience);
        var writing = first.WriteAsync(Bytes(3 * Record)).AsTask(); // its own buffer and the one extra are under way; the third record waits
        await EventuallyAsync(() => cluster.Connections.Buffers.InUse == 2);
        await using var second = cluster.Connections.OpenWriter(Owner, BlobId.New(), Digests.None, Record, patience);

        var refused = await Assert.ThrowsAsync<DfsException>(async () => await second.WriteAsync(Bytes(Record)));

        Assert.Equal(DfsStatus.Busy, refused.Status);
        Assert.False(writing.IsCompleted);
        gate.SetResult();
        await writing;
        Assert.Equal(3L * Record, (await first.CompleteAsync()).Blob.Length);
        await EventuallyAsync(() => cluster.Connections.Buffers.InUse == 0);
    }

    [Fact]
    public async Task The_bodys_bytes_can_be_put_straight_into_the_records()
    {
        await using var cluster = await TestCluster.StartAsync();
        var data = Bytes(2 * Record + 3 * Page + 11);
        await using var writer = cluster.Connections.OpenWriter(Owner, BlobId.New(), Digests.Md5);
        for (var done = 0; done < data.Length;)
        {
            var room = await writer.GetMemoryAsync();
            Assert.InRange(room.Length, 1, Page);
            var count = Math.Min(Math.Min(room.Length, 50_001), data.Length - done);
            data.AsMemory(done, count).CopyTo(room);
            writer.Advance(count);
            done += count;
        }
        var written = await writer.CompleteAsync();

        Assert.Equal(MD5.HashData(data), written.Digests.Md5);
        Assert.Equal(data, await ReadAsync(cluster, written));
    }

    [Fact]
    public async Task An_abandoned_body_gives_its_buffers_and_its_chunk_back()
    {
        await using var cluster = await TestCluster.StartAsync();
        await using (var writer = cluster.Connections.OpenWriter(Owner, BlobId.New(), Digests.Md5)) await writer.WriteAsync(Bytes(2 * Record + 5));

        Assert.Equal(0, cluster.Connections.Buffers.InUse);
        await WriteAsync(cluster, Bytes(2 * Record));
        Assert.Single(cluster.Grains.Allocator.Opened);
    }

    internal static byte[] Bytes(int size, int seed = 1)
    {
        var data = new byte[size];
        new Random(seed).NextBytes(data);
        return data;
    }

    internal static async Task<WrittenFile> WriteAsync(TestCluster cluster, byte[] data, long? hint = null)
    {
        await using var writer = cluster.Connections.OpenWriter(Owner, BlobId.New(), Digests.Md5 | Digests.Sha256, hint);
        // Pieces of a pipe, none of them a page.
        for (var done = 0; done < data.Length; done += 300_007)
            await writer.WriteAsync(new ReadOnlySequence<byte>(data.AsMemory(done, Math.Min(300_007, data.Length - done))));
        return await writer.CompleteAsync();
    }

    internal static FileReader Open(TestCluster cluster, WrittenFile written, long offset = 0, long? length = null, byte[]? pages = null)
    {
        var key = ObjectKey.Parse("read/" + written.Blob.Blob);
        var version = cluster.Grains.Catalog.Put($"f/1/{key}", key, 1, [.. written.Blob.Extents], written.Blob.Length, "", FileProperties.Empty, 0);
        var manifest = cluster.Grains.Catalog.Slice([.. written.Blob.Extents], 0) with { Pages = pages };
        return cluster.Connections.OpenReader(version, manifest, offset, length ?? written.Blob.Length - offset);
    }

    internal static async Task<byte[]> ReadAsync(
        TestCluster cluster, WrittenFile written, long offset = 0, long? length = null, byte[]? pages = null)
    {
        await using var reader = Open(cluster, written, offset, length, pages);
        using var copy = new MemoryStream();
        await reader.CopyToAsync(copy);
        return copy.ToArray();
    }

    internal static async Task EventuallyAsync(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            Assert.True(tries < 1000, "The condition did not come true within 10 s.");
            await Task.Delay(10);
        }
    }
}
