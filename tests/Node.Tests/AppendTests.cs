using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Node.Tests;

public class AppendTests
{
    /// <summary>P6, P7: pipelined appends of all sizes are the same bytes on every node, in the order in which they were sent.</summary>
    [Fact]
    public async Task Appends_through_the_primary_make_identical_files()
    {
        await using var cluster = await TestCluster.StartAsync();
        var chunk = await cluster.OpenAsync();
        int[] sizes = [1, 100, 4096, 65535, 65536, 65537, 300_000, RecordLayout.MaxPayload, 7, RecordLayout.MaxPayload, 8];
        var records = sizes.Select((size, i) => Records.Unplaced(size, i)).ToList();
        var calls = records.Select(r => chunk.AppendAsync(r).AsTask()).ToList();
        long end = RecordLayout.ChunkHeaderSize;
        for (var i = 0; i < calls.Count; i++)
        {
            var result = await calls[i].Within();
            Assert.Equal(new AppendResult(ChunkStatus.Ok, end, end + records[i].Length), result);
            end = result.End;
            // What was acknowledged is readable at once, on every replica.
            for (var node = 0; node < 3; node++)
                Assert.Equal(Records.Placed(records[i], chunk.Chunk, result.Start), await chunk.ReadAsync(node, result.Start, result.End));
        }
        var files = new List<byte[]>();
        for (var node = 0; node < 3; node++)
        {
            Assert.Equal(new CloseResult(ChunkStatus.Ok, end), await chunk.CloseAsync(node).Within());
            Assert.Equal(new VerifyResult(ChunkStatus.Ok, end), await cluster.Peer(node).VerifyAsync(chunk.File(node), end, default).Within());
            files.Add(cluster.Nodes[node].FileBytes(chunk.File(node))[..(int)end]);
        }
        Assert.Equal(files[0], files[1]);
        Assert.Equal(files[0], files[2]);
        Assert.Equal(ChunkStatus.Closed, (await chunk.AppendAsync(Records.Unplaced(10)).Within()).Status);
    }

    [Fact]
    public async Task Concurrent_writers_get_disjoint_places_and_every_buffer_comes_back()
    {
        await using var cluster = await TestCluster.StartAsync();
        var chunk = await cluster.OpenAsync();
        var writers = Enumerable.Range(0, 8).Select(WriteAsync).ToList();
        var written = (await Task.WhenAll(writers).Within()).SelectMany(w => w).OrderBy(w => w.Result.Start).ToList();
        long end = RecordLayout.ChunkHeaderSize;
        foreach (var (record, result) in written)
        {
            Assert.Equal(end, result.Start);
            end = result.End;
            Assert.Equal(Records.Placed(record, chunk.Chunk, result.Start), await chunk.ReadAsync((int)(result.Start % 3), result.Start, result.End));
        }
        foreach (var node in cluster.Nodes)
            await Patience.Until(() => node.Node.AppendBuffers.InUse + node.Node.ReplicateBuffers.InUse + node.Node.ReadBuffers.InUse == 0);
        Assert.All(cluster.Nodes, n => Assert.Empty(n.Broken));

        async Task<List<(byte[] Record, AppendResult Result)>> WriteAsync(int writer)
        {
            // Each its own process: peers of its own.
            await using var peers = new ChunkPeers(cluster.Identity, ChunkPeerOptions.Default, TimeProvider.System);
            var peer = peers.Get(cluster.Nodes[0].Address);
            var random = new Random(writer);
            var done = new List<(byte[], AppendResult)>();
            for (var i = 0; i < 8; i++)
            {
                var record = Records.Unplaced(1 + random.Next(i == 7 ? RecordLayout.MaxPayload : 100_000), writer * 100 + i);
                var result = await peer.AppendAsync(new AppendRequest(chunk.File(0), 1), record, default).Within();
                Assert.Equal(ChunkStatus.Ok, result.Status);
                done.Add((record, result));
            }
            return done;
        }
    }

    /// <summary>P6: a repetition of what is held is done; other bytes at the same place, or a gap, are refused.</summary>
    [Fact]
    public async Task A_repeated_replicate_is_done_and_anything_else_out_of_place_is_refused()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var node = cluster.Nodes[0];
        var file = new ReplicaFile(new ChunkId(5), 1);
        Assert.Equal(ChunkStatus.Ok,
            await cluster.Peer(0).CreateAsync(new CreateRequest(file, ChunkKind.Shared, 1, ReplicaRole.Secondary, 1 << 20, []), default).Within());
        var record = Records.Placed(Records.Unplaced(5000, 1), file.Chunk, 64);
        var at = new ReplicateRequest(file, 1, 64);
        Assert.Equal(ChunkStatus.Ok, await cluster.Peer(0).ReplicateAsync(at, record, default).Within());
        Assert.Equal(ChunkStatus.Ok, await cluster.Peer(0).ReplicateAsync(at, record, default).Within());
        Assert.Equal(ChunkStatus.Corrupt, await cluster.Peer(0).ReplicateAsync(at with { Offset = 65 }, record, default).Within());
        Assert.Equal(64 + record.Length, (await cluster.Peer(0).CloseAsync(file, default).Within()).Length);
        Assert.Equal(record, node.FileBytes(file)[64..(64 + record.Length)]);

        var other = new ReplicaFile(new ChunkId(6), 1);
        await cluster.Peer(0).CreateAsync(new CreateRequest(other, ChunkKind.Shared, 1, ReplicaRole.Secondary, 1 << 20, []), default).Within();
        var gap = Records.Placed(Records.Unplaced(50, 2), other.Chunk, 1000);
        Assert.Equal(ChunkStatus.NotContiguous, await cluster.Peer(0).ReplicateAsync(new ReplicateRequest(other, 1, 1000), gap, default).Within());
    }

    /// <summary>Bytes spoilt on the way get no offset, so the chunk goes on.</summary>
    [Fact]
    public async Task A_corrupt_record_is_refused_and_breaks_nothing()
    {
        await using var cluster = await TestCluster.StartAsync();
        var chunk = await cluster.OpenAsync();
        var spoilt = Records.Unplaced(5000);
        spoilt[^1000] ^= 1;
        Assert.Equal(ChunkStatus.Corrupt, (await chunk.AppendAsync(spoilt).Within()).Status);
        Assert.Equal(64, (await chunk.AppendAsync(Records.Unplaced(5000)).Within()).Start);
    }

    [Fact]
    public async Task A_full_chunk_refuses_and_keeps_what_it_has()
    {
        await using var cluster = await TestCluster.StartAsync();
        var record = Records.Unplaced(1000);
        var chunk = await cluster.OpenAsync(capacity: 64 + 2 * record.Length);
        Assert.Equal(ChunkStatus.Ok, (await chunk.AppendAsync(record).Within()).Status);
        Assert.Equal(ChunkStatus.Ok, (await chunk.AppendAsync(record).Within()).Status);
        Assert.Equal(ChunkStatus.Full, (await chunk.AppendAsync(record).Within()).Status);
        Assert.Empty(cluster.Nodes[0].Broken);
        Assert.Equal(64 + 2 * record.Length, (await chunk.CloseAsync(1).Within()).Length);
    }

    /// <summary>A writer that sends its record again to another chunk must find it as it built it.</summary>
    [Fact]
    public async Task A_node_in_the_same_process_does_not_touch_the_writers_record()
    {
        await using var cluster = await TestCluster.StartAsync();
        var chunk = await cluster.OpenAsync();
        var record = Records.Unplaced(1000);
        var before = record.ToArray();
        Assert.Equal(ChunkStatus.Ok, (await cluster.Nodes[0].Node.AppendAsync(new AppendRequest(chunk.File(0), 1), record, default).Within()).Status);
        Assert.Equal(before, record);
    }
}
