using System.Reflection;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.Node;
using OrleansDfs.Replication;
using OrleansDfs.Silo.Chunks;
using OrleansDfs.Silo.Supervision;

namespace OrleansDfs.Silo.Tests.Background;

/// <summary>How the supervisor's repairs follow each other (P27).</summary>
public class RepairsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_copy_that_has_ended_makes_room_for_the_next_at_once_and_never_for_two()
    {
        await using var cluster = await SmallCluster.StartAsync(nodes: 5, configure: o => o.Repair.Total = 1);
        for (var i = 0; i < 4; i++)
        {
            await cluster.WriteAsync($"k{i}", 100_000);
            await cluster.SealAsync();
        }
        // Of the first chunk two replicas are lost, of others none to two.
        var first = (await cluster.Catalog.Chunks.GetAsync(new ChunkId(1)))!;
        foreach (var replica in first.Replicas.Take(2)) await cluster.StopNodeAsync(replica.Node);
        await cluster.AdvanceAsync(TimeSpan.FromMinutes(5));
        var lacking = await cluster.Catalog.Chunks.UnderReplicatedAsync(3, cluster.Options.RepairAfter, 100);
        var copies = lacking.Sum(c => c.Replicas.Count(r => !cluster.Nodes.Any(n => n.Address.Node == r.Node)));
        Assert.True(copies > 3);

        var grains = DispatchProxy.Create<IGrainFactory, Grains>();
        var repairs = (Grains)(object)grains;
        repairs.Cluster = cluster;
        repairs.Repairer = new ChunkRepairer(cluster.Catalog, cluster.Book, cluster.Peer, grains, NullLogger<ChunkRepairer>.Instance);
        var round = new SupervisorRound(
            grains, cluster.Catalog, cluster.Sweep, new ReplicaTrim(cluster.Catalog, cluster.Options, NullLogger<ReplicaTrim>.Instance),
            new ReplicaMoves(grains, cluster.Catalog, cluster.Peer, cluster.Options, cluster.Time, NullLogger<ReplicaMoves>.Instance),
            cluster.Options, cluster.Time, NullLogger<SupervisorRound>.Instance);

        await round.RunAsync(CancellationToken.None); // the only one
        for (var i = 0; i < copies; i++)
        {
            var mayGo = await repairs.Begun.Reader.ReadAsync().AsTask().WaitAsync(Limit);
            Assert.Equal(1, round.Running);
            Assert.False(repairs.Begun.Reader.TryPeek(out _));
            mayGo.SetResult();
        }
        await repairs.Last.WaitAsync(Limit);
        Assert.Empty(await cluster.Catalog.Chunks.UnderReplicatedAsync(3, cluster.Options.RepairAfter, 100));
        await cluster.CheckAsync();
    }

    /// <summary>Repairs begin when the test says so; nothing else has anything to do.</summary>
    public class Grains : DispatchProxy
    {
        internal SmallCluster Cluster { get; set; } = null!;

        internal ChunkRepairer Repairer { get; set; } = null!;

        internal Channel<TaskCompletionSource> Begun { get; } = Channel.CreateUnbounded<TaskCompletionSource>();

        internal Task Last { get; set; } = Task.CompletedTask;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.ReturnType.Name switch
        {
            nameof(IChunkGrain) => new GatedChunk(this, new ChunkId((long)args![0]!)),
            nameof(ILifecycleGrain) => new IdleLifecycle(),
            _ => new ServingNode(Cluster.Node(new NodeId((Guid)args![0]!))),
        };
    }

    private sealed class GatedChunk(Grains grains, ChunkId chunk) : IChunkGrain
    {
        public Task<ChunkRow?> Find(CancellationToken cancellation) => throw new NotSupportedException();

        public Task<SealResult> Seal(string reason) => throw new NotSupportedException();

        public Task<RepairResult> Repair(NodeId target)
        {
            var repair = RepairAsync(target);
            grains.Last = repair;
            return repair;
        }

        private async Task<RepairResult> RepairAsync(NodeId target)
        {
            var mayGo = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            grains.Begun.Writer.TryWrite(mayGo);
            await mayGo.Task;
            return await grains.Repairer.RepairAsync(chunk, target, CancellationToken.None);
        }
    }

    private sealed class IdleLifecycle : ILifecycleGrain
    {
        public Task Wake() => Task.CompletedTask;
    }

    private sealed class ServingNode(StorageNode node) : IStorageNodeGrain
    {
        public Task<StorageNodeStatus> Status() => throw new NotSupportedException();

        public Task<ReconcileResult> Reconcile() => throw new NotSupportedException();

        public Task<bool> Serve(ChunkId chunk, long epoch)
        {
            node.Serve(new ReplicaFile(chunk, epoch));
            return Task.FromResult(true);
        }

        public Task<bool> Examine(ChunkId chunk, long epoch) => throw new NotSupportedException();

        public Task<CompactionResult> Compact(ChunkId[] chunks, int deadPercent) => throw new NotSupportedException();
    }
}
