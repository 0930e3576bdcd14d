using Microsoft.Extensions.Logging;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Replication;
using OrleansDfs.Silo.Nodes;

namespace OrleansDfs.Silo.Chunks;

/// <summary>
/// Makes one more replica of a sealed chunk (PROTOCOL P27). Order that never changes: <em>copying</em> row → verified copy, durable and read back on
/// the target → exactly this row live, if it is still copying. Whoever loses deletes its file only after the transaction that removed its own row.
/// </summary>
public sealed class ChunkRepairer(
    CatalogDatabase catalog, NodeBook nodes, Func<NodeAddress, IChunkPeer> peers, IGrainFactory grains, ILogger<ChunkRepairer> log)
{
    public async Task<RepairResult> RepairAsync(ChunkId chunk, NodeId target, CancellationToken cancellation)
    {
        var row = await catalog.Chunks.GetAsync(chunk, cancellation);
        if (row is not { State: ChunkState.Sealed, SealedLength: > 0 })
            return new RepairResult(DfsStatus.Conflict, 0, "only a sealed chunk with bytes is repaired");
        if (row.Replicas.Any(r => r.Node == target)) return new RepairResult(DfsStatus.Conflict, 0, "the target has a replica of this chunk");
        if (await nodes.FindAsync(target) is not { Alive: true } to) return new RepairResult(DfsStatus.Unavailable, 0, "the target is not alive");

        var sources = new List<PeerReplica>();
        foreach (var replica in row.Replicas.Where(r => r.State == ReplicaState.Live))
            if (await nodes.FindAsync(replica.Node) is { Alive: true } from)
                sources.Add(new PeerReplica(NodeAddress.Of(from), replica.Epoch));
        if (sources.Count == 0) return new RepairResult(DfsStatus.Unavailable, 0, "no live replica can be read now");

        if (await catalog.Chunks.InsertCopyingAsync(chunk, row.Epoch, target, cancellation) is not { } copying)
            return new RepairResult(DfsStatus.Conflict, 0, "the chunk's row has changed");
        var file = new ReplicaFile(chunk, copying.Epoch);
        var peer = peers(NodeAddress.Of(to));
        var copy = await peer.CopyAsync(new Replication.CopyRequest(file, row.Kind, to.Incarnation, row.SealedLength.Value, sources), cancellation);
        foreach (var bad in copy.BadSources)
            log.LogError("Replica of chunk {Chunk} on node {Node} failed its checksums while it was copied", chunk, bad);
        if (copy.Status == ChunkStatus.Ok && await catalog.Chunks.MakeLiveAsync(chunk, copying.Epoch, ReplicaState.Copying, cancellation))
        {
            log.LogInformation("Chunk {Chunk} repaired: {Bytes} bytes to node {Node}", chunk, row.SealedLength, target);
            await TellAsync(target, file);
            return new RepairResult(DfsStatus.Ok, row.SealedLength.Value, "");
        }

        log.LogWarning("Repair of chunk {Chunk} to node {Node} ended with {Status}", chunk, target, copy.Status);
        if (await catalog.Chunks.RemoveReplicaAsync(chunk, copying.Epoch, ReplicaState.Copying, keep: 0, cancellation))
            await peer.DeleteAsync(file, cancellation);
        return new RepairResult(DfsStatus.Unavailable, 0, $"the copy ended with {copy.Status}");
    }

    /// <summary>P28: a node serves what the catalog has as live. One that cannot be told now finds out when it reconciles.</summary>
    private async Task TellAsync(NodeId target, ReplicaFile file)
    {
        try
        {
            await grains.StorageNode(target).Serve(file.Chunk, file.Epoch);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            log.LogInformation("Node {Node} was not told to serve {File}: {Reason}", target, file, e.Message);
        }
    }
}
