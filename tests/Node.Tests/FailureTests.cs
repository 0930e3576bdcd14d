using Microsoft.Extensions.Time.Testing;
using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Node.Tests;

public class FailureTests
{
    /// <summary>P8, P11: a secondary dies under a stream of appends; the survivors' shortest prefix holds all that was acknowledged.</summary>
    [Fact]
    public async Task A_killed_secondary_breaks_the_chunk_and_the_survivors_hold_all_that_was_acknowledged()
    {
        await using var cluster = await TestCluster.StartAsync();
        var chunk = await cluster.OpenAsync();
        var acknowledged = new List<(byte[] Record, AppendResult Result)>();
        for (var i = 0; i < 5; i++) acknowledged.Add(await Append(20_000, i));
        await cluster.Nodes[2].DisposeAsync();
        AppendResult failed;
        do
        {
            var record = Records.Unplaced(3000, 99);
            failed = await chunk.AppendAsync(record).Within();
            if (failed.Status == ChunkStatus.Ok) acknowledged.Add((record, failed));
        }
        while (failed.Status == ChunkStatus.Ok);

        // The writer may have its answer before the host is told.
        await Patience.Until(() => !cluster.Nodes[0].Broken.IsEmpty);
        Assert.Equal(chunk.Chunk, Assert.Single(cluster.Nodes[0].Broken).Chunk);
        Assert.Equal(ChunkStatus.Broken, (await chunk.AppendAsync(Records.Unplaced(10)).Within()).Status);
        Assert.Single(cluster.Nodes[0].Broken);
        var answers = new List<SealAnswer>();
        for (var node = 0; node < 2; node++)
        {
            var replica = new Replica(chunk.Replicas[node].Address.Node, node + 1, 0, ReplicaState.Live);
            answers.Add(SealAnswer.Of(replica, await chunk.CloseAsync(node).Within(), false, true));
        }
        answers.Add(new SealAnswer(chunk.Replicas[2].Address.Node, 3, SealAnswerKind.NoAnswer, 0));
        var outcome = Assert.IsType<SealOutcome.Sealed>(SealDecision.Decide(0, answers));
        Assert.Equal(2, outcome.Live.Count);
        foreach (var (record, result) in acknowledged)
        {
            Assert.True(result.End <= outcome.Length);
            for (var node = 0; node < 2; node++)
                Assert.Equal(Records.Placed(record, chunk.Chunk, result.Start), await chunk.ReadAsync(node, result.Start, result.End));
        }

        // P14: what is longer is cut to the sealed length, on which both then agree.
        for (var node = 0; node < 2; node++)
        {
            Assert.Equal(ChunkStatus.Ok, await cluster.Peer(node).TruncateAsync(chunk.File(node), outcome.Length, default).Within());
            Assert.Equal(ChunkStatus.Ok, (await cluster.Peer(node).VerifyAsync(chunk.File(node), outcome.Length, default).Within()).Status);
        }
        Assert.Equal(cluster.Nodes[0].FileBytes(chunk.File(0)), cluster.Nodes[1].FileBytes(chunk.File(1)));

        async Task<(byte[], AppendResult)> Append(int size, int seed)
        {
            var record = Records.Unplaced(size, seed);
            var result = await chunk.AppendAsync(record).Within();
            Assert.Equal(ChunkStatus.Ok, result.Status);
            return (record, result);
        }
    }

    /// <summary>P7, P8: a secondary that takes records and never answers. Nothing is acknowledged, however durable it is here; at the deadline all
    /// that wait fail.</summary>
    [Fact]
    public async Task A_paused_secondary_is_given_up_at_the_deadline_and_never_counted()
    {
        var time = new FakeTimeProvider();
        var silent = new SilentPeer();
        await using var cluster = await TestCluster.StartAsync(1, time, new StorageNodeOptions(), _ => silent);
        var node = cluster.Nodes[0];
        var file = new ReplicaFile(new ChunkId(77), 1);
        var create = new CreateRequest(file, ChunkKind.Shared, 1, ReplicaRole.Primary, 1 << 30, [new PeerReplica(silent.Address, 2)]);
        Assert.Equal(ChunkStatus.Ok, await cluster.Peer(0).CreateAsync(create, default).Within());
        var record = Records.Unplaced(1000);
        var appends = Enumerable.Range(0, 3).Select(_ => cluster.Peer(0).AppendAsync(new AppendRequest(file, 1), record, default).AsTask()).ToList();
        await Patience.Until(() => silent.Taken == 3);
        // durable on the primary
        await Patience.Until(async () => (await node.Node.InventoryAsync(default, default)).Items.Single().Length == 64 + 3 * record.Length);

        time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.All(appends, a => Assert.False(a.IsCompleted));
        time.Advance(TimeSpan.FromMilliseconds(2));
        foreach (var append in appends) Assert.Equal(ChunkStatus.Deadline, (await append.Within()).Status);
        Assert.Equal((file.Chunk, ChunkStatus.Deadline), Assert.Single(node.Broken));
        Assert.Equal(ChunkStatus.Broken, (await cluster.Peer(0).AppendAsync(new AppendRequest(file, 1), record, default).Within()).Status);
        // The replicates are abandoned, so the buffers come back though the peer never answers.
        await Patience.Until(() => node.Node.AppendBuffers.InUse == 0);
    }

    /// <summary>P2, canary: what a restart finds takes no appends, whatever incarnation the request names.</summary>
    [Fact]
    public async Task After_a_restart_appends_and_delayed_creates_are_refused()
    {
        await using var cluster = await TestCluster.StartAsync();
        var chunk = await cluster.OpenAsync();
        var written = await chunk.AppendAsync(Records.Unplaced(1000)).Within();
        var oldPrimary = cluster.Peer(0);
        await cluster.RestartAsync(0);
        await cluster.RestartAsync(1);

        Assert.NotEqual(ChunkStatus.Ok,
            (await oldPrimary.AppendAsync(new AppendRequest(chunk.File(0), 1), Records.Unplaced(10), default).Within()).Status);
        Assert.Equal(ChunkStatus.WrongIncarnation,
            (await cluster.Peer(0).AppendAsync(new AppendRequest(chunk.File(0), 1), Records.Unplaced(10), default).Within()).Status);
        Assert.Equal(ChunkStatus.UnknownReplica,
            (await cluster.Peer(0).AppendAsync(new AppendRequest(chunk.File(0), 2), Records.Unplaced(10), default).Within()).Status);
        var next = Records.Placed(Records.Unplaced(10), chunk.Chunk, written.End);
        Assert.Equal(ChunkStatus.UnknownReplica,
            await cluster.Peer(1).ReplicateAsync(new ReplicateRequest(chunk.File(1), 2, written.End), next, default).Within());

        var delayed = new CreateRequest(new ReplicaFile(new ChunkId(9), 1), ChunkKind.Shared, 1, ReplicaRole.Secondary, 1 << 20, []);
        Assert.Equal(ChunkStatus.WrongIncarnation, await cluster.Peer(0).CreateAsync(delayed, default).Within());
        Assert.Equal([chunk.File(0)], (await cluster.Peer(0).InventoryAsync(default, default).Within()).Items.Select(i => i.File));
        // A create of the old file for the new incarnation does not open it again.
        var again = new CreateRequest(chunk.File(0), ChunkKind.Shared, 2, ReplicaRole.Primary, 1 << 20, []);
        Assert.Equal(ChunkStatus.AlreadyExists, await cluster.Peer(0).CreateAsync(again, default).Within());
        Assert.Equal(new CloseResult(ChunkStatus.Ok, written.End), await chunk.CloseAsync(0).Within());
    }

    /// <summary>P10: a close that comes before the create leaves a tombstone.</summary>
    [Fact]
    public async Task A_close_before_the_create_refuses_the_create()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var create = new CreateRequest(new ReplicaFile(new ChunkId(9), 1), ChunkKind.Shared, 1, ReplicaRole.Secondary, 1 << 20, []);
        Assert.Equal(ChunkStatus.Absent, (await cluster.Peer(0).CloseAsync(create.File, default).Within()).Status);
        Assert.Equal(ChunkStatus.AlreadyExists, await cluster.Peer(0).CreateAsync(create, default).Within());
        Assert.Empty((await cluster.Peer(0).InventoryAsync(default, default).Within()).Items);
    }

    [Fact]
    public async Task A_repeated_create_keeps_the_primary_and_its_end()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var create = new CreateRequest(new ReplicaFile(new ChunkId(9), 1), ChunkKind.Shared, 1, ReplicaRole.Primary, 1 << 20, []);
        Assert.Equal(ChunkStatus.Ok, await cluster.Peer(0).CreateAsync(create, default).Within());
        var first = await cluster.Peer(0).AppendAsync(new AppendRequest(create.File, 1), Records.Unplaced(10), default).Within();
        Assert.Equal(ChunkStatus.Ok, await cluster.Peer(0).CreateAsync(create, default).Within());
        Assert.Equal(first.End, (await cluster.Peer(0).AppendAsync(new AppendRequest(create.File, 1), Records.Unplaced(10), default).Within()).Start);
        Assert.Empty(cluster.Nodes[0].Broken);
    }

    /// <summary>Takes replicates and answers none, until they are abandoned.</summary>
    private sealed class SilentPeer : IChunkPeer
    {
        private int _taken;

        public int Taken => Volatile.Read(ref _taken);

        public NodeAddress Address { get; } = new(NodeId.New(), 1, "nowhere", 1);

        public async ValueTask<ChunkStatus> ReplicateAsync(ReplicateRequest request, ReadOnlyMemory<byte> record, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _taken);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return ChunkStatus.Ok;
        }

        public ValueTask<ChunkStatus> CreateAsync(CreateRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();
        public ValueTask<AppendResult> AppendAsync(AppendRequest request, ReadOnlyMemory<byte> record, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
        public ValueTask<CloseResult> CloseAsync(ReplicaFile file, CancellationToken cancellationToken) => throw new NotSupportedException();
        public ValueTask<ChunkStatus> ReadAsync(ReplicaFile file, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
        public ValueTask<ChunkStatus> TruncateAsync(ReplicaFile file, long length, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
        public ValueTask<ChunkStatus> DeleteAsync(ReplicaFile file, CancellationToken cancellationToken) => throw new NotSupportedException();
        public ValueTask<CopyResult> CopyAsync(CopyRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();
        public ValueTask<VerifyResult> VerifyAsync(ReplicaFile file, long length, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
        public ValueTask<InventoryPage> InventoryAsync(ReplicaFile after, CancellationToken cancellationToken) => throw new NotSupportedException();
        public ValueTask<NodeStatus> StatusAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
