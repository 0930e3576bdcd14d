using Microsoft.Extensions.Logging;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Replication;
using OrleansDfs.Silo.Nodes;

namespace OrleansDfs.Silo.Supervision;

/// <summary>Sweeps what nobody refers to: records of long finished uploads, chunks without a live byte (PROTOCOL P24), files of retired chunks
/// (P26). Each
/// step may run at any time and twice at once.</summary>
public sealed class GarbageSweep(
    CatalogDatabase catalog, NodeBook nodes, Func<NodeAddress, IChunkPeer> peers, SiloOptions options, TimeProvider time, ILogger<GarbageSweep> log)
{
    private const int SweepLimit = 1000;
    private const int SweepsPerRound = 200;
    private static readonly TimeSpan KeepCompletedUploads = TimeSpan.FromHours(24);

    public async Task RunAsync(CancellationToken cancellation)
    {
        await RepeatAsync(() => catalog.Maintenance.SweepCompletedUploadsAsync(KeepCompletedUploads, SweepLimit, cancellation));
        await RepeatAsync(() => catalog.Maintenance.FoldUsageAsync(SweepLimit, cancellation));
        await RepeatAsync(() => catalog.Maintenance.FoldFreedAsync(SweepLimit, cancellation));
        await RepeatAsync(() => catalog.Compaction.SweepHoldsAsync(SweepLimit, cancellation));
        await catalog.Chunks.RetireUnusedAsync(options.Grace, SweepLimit, cancellation);
        foreach (var chunk in await catalog.Chunks.RetiredToDeleteAsync(options.Grace, SweepLimit, cancellation))
            foreach (var replica in chunk.Replicas)
                await DeleteRetiredAsync(chunk.Chunk, replica, cancellation);
    }

    /// <summary>What a busy cluster leaves in half a minute is more than one transaction should take.</summary>
    private static async Task RepeatAsync(Func<Task<int>> sweep)
    {
        for (var i = 0; i < SweepsPerRound; i++)
            if (await sweep() < SweepLimit) return;
    }

    /// <summary>P26: the file first, then the row; a node that is away keeps its row, and with it the chunk's.</summary>
    private async Task DeleteRetiredAsync(ChunkId chunk, Replica replica, CancellationToken cancellation)
    {
        var found = await nodes.FindAsync(replica.Node);
        if (found is { Alive: false, State: NodeState.Decommissioned })
        {
            await catalog.Chunks.DeleteRetiredAsync(chunk, replica.Epoch, cancellation); // nobody will ever ask that disk again
            return;
        }
        if (found is not { Alive: true } node) return;
        using var late = new CancellationTokenSource(options.CloseDeadline, time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        ChunkStatus deleted;
        try
        {
            deleted = await peers(NodeAddress.Of(node)).DeleteAsync(new ReplicaFile(chunk, replica.Epoch), deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            deleted = ChunkStatus.Deadline;
        }
        if (deleted == ChunkStatus.Ok) await catalog.Chunks.DeleteRetiredAsync(chunk, replica.Epoch, cancellation);
        else log.LogWarning("Replica {Chunk}.{Epoch} of a retired chunk stays on node {Node}: {Status}", chunk, replica.Epoch, replica.Node, deleted);
    }
}
