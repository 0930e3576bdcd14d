using OrleansDfs.Catalog;
using OrleansDfs.Model;

namespace OrleansDfs.Silo.Nodes;

/// <summary>
/// The node table as this silo last read it; at most a second old where it is used to choose, always from the catalog where something is decided.
/// Reads that meet share one query.
/// </summary>
public sealed class NodeBook(CatalogDatabase catalog, SiloOptions options, TimeProvider time)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task<NodeTable>? _reading;
    private long _readAt;

    /// <summary>The table, at most a second old.</summary>
    public Task<NodeTable> TableAsync()
    {
        lock (_gate)
        {
            if (_reading is { IsFaulted: false, IsCanceled: false } && time.GetElapsedTime(_readAt) < MaxAge) return _reading;
            _readAt = time.GetTimestamp();
            return _reading = catalog.Nodes.TableAsync(options.NodeTimeout);
        }
    }

    public async ValueTask<StorageNodeInfo?> FindAsync(NodeId node)
    {
        var table = await TableAsync();
        if (Find(table, node) is { } known) return known;
        lock (_gate) _reading = null; // a node that has just registered is looked for again at once
        return Find(await TableAsync(), node);
    }

    private static StorageNodeInfo? Find(NodeTable table, NodeId node) => table.Nodes.FirstOrDefault(n => n.Node == node);
}
