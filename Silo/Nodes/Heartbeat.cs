using OrleansDfs.Catalog;
using OrleansDfs.Node;

namespace OrleansDfs.Silo.Nodes;

/// <summary>
/// What a storage node tells the catalog of itself every few seconds: that it lives, its space, whether it takes changes, and the mark of a failed
/// fsync, which stays until an operator lifts it (PROTOCOL P9).
/// </summary>
public sealed class Heartbeat(StorageNode node, CatalogDatabase catalog)
{
    /// <returns>False: a later incarnation of this node has registered (P1).</returns>
    /// <exception cref="CatalogException">The catalog is away; the node goes on, and tells it the next time.</exception>
    public async Task<bool> BeatAsync(CancellationToken cancellation)
    {
        var address = node.Address;
        var status = await node.StatusAsync(cancellation);
        if (status.FsyncFailed) await catalog.Nodes.MarkFsyncFailedAsync(address.Node, cancellation);
        return await catalog.Nodes.HeartbeatAsync(
            address.Node, address.Incarnation, status.TotalBytes, status.FreeBytes, status.ReadOnly, cancellation);
    }
}
