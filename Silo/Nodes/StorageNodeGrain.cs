using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Silo.Chunks;
using OrleansDfs.Silo.Placement;

namespace OrleansDfs.Silo.Nodes;

/// <summary>The control side of the storage node of this silo; the bytes go past it, over the chunk protocol.</summary>
[StorageNodePlacement]
[GrainType("storage-node")]
public sealed class StorageNodeGrain(NodeHost host, CatalogDatabase catalog, ChunkCompactor compactor, Scrubber scrubber) : Grain, IStorageNodeGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // A folder moved to another silo while the directory still had the old activation: the caller asks again and is sent to the right one.
        if (host.Node.Address.Node.Value != this.GetPrimaryKey())
            throw new SiloUnavailableException($"Storage node {this.GetPrimaryKey():N} is not hosted by this silo.");
        return Task.CompletedTask;
    }

    public async Task<StorageNodeStatus> Status()
    {
        var status = await host.Node.StatusAsync(CancellationToken.None);
        return new StorageNodeStatus(
            host.Node.Address.Node,
            status.Incarnation,
            host.SiloName,
            host.Directory,
            host.Node.StateReason ?? "ready",
            status.TotalBytes,
            status.FreeBytes,
            (int)status.ReplicaCount);
    }

    public Task<bool> Examine(ChunkId chunk, long epoch) => Task.FromResult(scrubber.Report(new ReplicaFile(chunk, epoch)));

    public Task<CompactionResult> Compact(ChunkId[] chunks, int deadPercent) => compactor.CompactAsync(chunks, deadPercent, CancellationToken.None);

    public Task<ReconcileResult> Reconcile() => host.Reconciler.RunAsync(atStart: false, CancellationToken.None);

    public async Task<bool> Serve(ChunkId chunk, long epoch)
    {
        var row = await catalog.Chunks.GetAsync(chunk);
        var live = row?.Replicas.Any(r => r.Node == host.Node.Address.Node && r.Epoch == epoch && r.State == ReplicaState.Live) == true;
        if (live) host.Node.Serve(new ReplicaFile(chunk, epoch));
        return live;
    }
}
