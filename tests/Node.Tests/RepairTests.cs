using Microsoft.Extensions.Time.Testing;
using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Node.Tests;

public class RepairTests
{
    [Fact]
    public async Task A_copy_is_equal_byte_for_byte_and_served_only_when_the_host_says_so()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (chunk, length) = await SealedChunkAsync(cluster);
        var target = await cluster.AddAsync();
        var request = Copy(chunk, length, 0, 1);
        var result = await cluster.Peer(3).CopyAsync(request, default).Within();
        Assert.Equal(ChunkStatus.Ok, result.Status);
        Assert.Empty(result.BadSources);
        Assert.Equal(cluster.Nodes[0].FileBytes(chunk.File(0)), target.FileBytes(request.File));

        // P28
        Assert.Equal(ChunkStatus.NotServed, await cluster.Peer(3).ReadAsync(request.File, 0, new byte[64], default).Within());
        target.Node.Serve(request.File);
        Assert.Equal(ChunkStatus.Ok, await cluster.Peer(3).ReadAsync(request.File, 0, new byte[64], default).Within());
        target.Node.Withdraw(request.File);
        Assert.Equal(ChunkStatus.NotServed, await cluster.Peer(3).ReadAsync(request.File, 0, new byte[64], default).Within());
        // P3: an epoch is never used twice.
        Assert.Equal(ChunkStatus.AlreadyExists, (await cluster.Peer(3).CopyAsync(request, default).Within()).Status);
    }

    [Theory]
    [InlineData(10)] // the chunk's own header
    [InlineData(64 + 20)] // a record's header
    [InlineData(-3)] // the last page's checksum
    [InlineData(1_500_000)] // in the midst of a page
    public async Task A_flipped_bit_in_a_source_is_found_and_the_next_source_goes_on(long at)
    {
        await using var cluster = await TestCluster.StartAsync();
        var (chunk, length) = await SealedChunkAsync(cluster);
        await cluster.AddAsync();
        cluster.Nodes[0].FlipBit(chunk.File(0), at >= 0 ? at : length + at);
        var request = Copy(chunk, length, 0, 1);
        var result = await cluster.Peer(3).CopyAsync(request, default).Within();
        Assert.Equal(ChunkStatus.Ok, result.Status);
        Assert.Equal([cluster.Nodes[0].Address.Node], result.BadSources);
        Assert.Equal(cluster.Nodes[1].FileBytes(chunk.File(1)), cluster.Nodes[3].FileBytes(request.File));
        Assert.Equal(ChunkStatus.Corrupt, (await cluster.Peer(0).VerifyAsync(chunk.File(0), length, default).Within()).Status);
    }

    [Fact]
    public async Task Sources_that_are_away_or_do_not_serve_are_passed_over_and_bad_ones_alone_leave_no_file()
    {
        await using var cluster = await TestCluster.StartAsync();
        var (chunk, length) = await SealedChunkAsync(cluster);
        await cluster.AddAsync();
        await cluster.Nodes[0].DisposeAsync();
        cluster.Nodes[1].Node.Withdraw(chunk.File(1));
        cluster.Nodes[2].FlipBit(chunk.File(2), 1000);
        var bad = await cluster.Peer(3).CopyAsync(Copy(chunk, length, 0, 1, 2), default).Within();
        Assert.Equal(ChunkStatus.Corrupt, bad.Status);
        Assert.Equal([cluster.Nodes[2].Address.Node], bad.BadSources);
        Assert.Empty((await cluster.Peer(3).InventoryAsync(default, default).Within()).Items);

        cluster.Nodes[2].FlipBit(chunk.File(2), 1000);
        Assert.Equal(ChunkStatus.Ok, (await cluster.Peer(3).CopyAsync(Copy(chunk, length, 0, 1, 2), default).Within()).Status);
    }

    /// <summary>P28: after a restart nothing is readable before the catalog's answer; unknown files are deleted on the second, equal answer after
    /// the grace period.</summary>
    [Fact]
    public async Task A_returning_node_serves_what_is_live_and_quarantines_what_is_unknown()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await TestCluster.StartAsync(1, time);
        var files = new List<ReplicaFile>();
        for (var i = 0; i < 3; i++)
        {
            var chunk = await cluster.OpenAsync();
            Assert.Equal(ChunkStatus.Ok, (await chunk.AppendAsync(Records.Unplaced(100)).Within()).Status);
            files.Add(chunk.File(0));
        }
        await cluster.RestartAsync(0);
        var node = cluster.Nodes[0].Node;
        var reported = (await node.InventoryAsync(default, default).Within()).Items.Select(i => i.File).ToList();
        Assert.Equal(files, reported);
        foreach (var file in files) Assert.Equal(ChunkStatus.NotServed, await ReadAsync(file));

        var known = new Dictionary<ReplicaFile, ReplicaState> { [files[0]] = ReplicaState.Live, [files[1]] = ReplicaState.Unverified };
        var first = node.Reconcile(reported, known);
        Assert.Equal((1, 1), (first.Served, first.Kept));
        Assert.Equal([files[2]], first.Unknown);
        Assert.Empty(first.Deletable);
        Assert.Equal(ChunkStatus.Ok, await ReadAsync(files[0]));
        Assert.Equal(ChunkStatus.NotServed, await ReadAsync(files[1]));
        Assert.Equal(ChunkStatus.NotServed, await ReadAsync(files[2]));

        Assert.Empty(node.Reconcile(reported, known).Deletable); // equal, but within the grace period
        Assert.Equal(ChunkStatus.BadRequest, await node.DeleteUnknownAsync(files[2]));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal([files[2]], node.Reconcile(reported, known).Deletable);
        Assert.Equal(ChunkStatus.BadRequest, await node.DeleteUnknownAsync(files[0]));
        Assert.Equal(ChunkStatus.Ok, await node.DeleteUnknownAsync(files[2]));
        Assert.Equal(files[..2], (await node.InventoryAsync(default, default).Within()).Items.Select(i => i.File));
        Assert.Equal(ChunkStatus.BadRequest, await node.DeleteUnknownAsync(files[2]));

        Task<ChunkStatus> ReadAsync(ReplicaFile file) => cluster.Peer(0).ReadAsync(file, 64, new byte[100], default).Within();
    }

    /// <summary>P28: a catalog that knows the file after all, between two that do not, takes it out of quarantine.</summary>
    [Fact]
    public async Task A_file_that_becomes_known_begins_its_grace_anew()
    {
        var time = new FakeTimeProvider();
        await using var cluster = await TestCluster.StartAsync(1, time);
        var file = (await cluster.OpenAsync()).File(0);
        var node = cluster.Nodes[0].Node;
        Dictionary<ReplicaFile, ReplicaState> none = [];
        node.Reconcile([file], none);
        time.Advance(TimeSpan.FromHours(2));
        node.Reconcile([file], new Dictionary<ReplicaFile, ReplicaState> { [file] = ReplicaState.Copying });
        Assert.Empty(node.Reconcile([file], none).Deletable);
        time.Advance(TimeSpan.FromHours(2));
        Assert.Equal([file], node.Reconcile([file], none).Deletable);
        // And known again before it is deleted: the right to delete is gone.
        node.Serve(file);
        Assert.Equal(ChunkStatus.BadRequest, await node.DeleteUnknownAsync(file));
    }

    [Fact]
    public async Task Status_and_delete()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var chunk = await cluster.OpenAsync();
        var status = await cluster.Peer(0).StatusAsync(default).Within();
        Assert.Equal((ChunkStatus.Ok, 1L, 1L, false, false),
            (status.Status, status.Incarnation, status.ReplicaCount, status.ReadOnly, status.FsyncFailed));
        Assert.InRange(status.FreeBytes, 1, status.TotalBytes);
        Assert.Equal(ChunkStatus.Ok, await cluster.Peer(0).DeleteAsync(chunk.File(0), default).Within());
        Assert.Equal(ChunkStatus.Ok, await cluster.Peer(0).DeleteAsync(chunk.File(0), default).Within());
        Assert.Equal(0, (await cluster.Peer(0).StatusAsync(default).Within()).ReplicaCount);
        Assert.Equal(ChunkStatus.UnknownReplica, (await chunk.AppendAsync(Records.Unplaced(10)).Within()).Status);
    }

    private static async Task<(TestChunk Chunk, long Length)> SealedChunkAsync(TestCluster cluster)
    {
        var chunk = await cluster.OpenAsync();
        long length = 0;
        int[] sizes = [100, 70_000, RecordLayout.MaxPayload, RecordLayout.MaxPayload, 5, 300_000];
        foreach (var size in sizes) length = (await chunk.AppendAsync(Records.Unplaced(size, size)).Within()).End;
        for (var node = 0; node < 3; node++)
        {
            Assert.Equal(new CloseResult(ChunkStatus.Ok, length), await chunk.CloseAsync(node).Within());
            Assert.Equal(ChunkStatus.Ok, await cluster.Peer(node).TruncateAsync(chunk.File(node), length, default).Within());
        }
        return (chunk, length);
    }

    private static CopyRequest Copy(TestChunk chunk, long length, params int[] sources) =>
        new(new ReplicaFile(chunk.Chunk, 50), ChunkKind.Shared, 1, length, [.. sources.Select(s => chunk.Replicas[s])]);
}
