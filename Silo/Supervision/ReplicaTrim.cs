using Microsoft.Extensions.Logging;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Replication;
using OrleansDfs.Replication.Placement;

namespace OrleansDfs.Silo.Supervision;

/// <summary>
/// Takes replicas away of which there are too many, because a node came back after repair had made its replicas anew. A replica goes only in the
/// transaction in which the chunk keeps its wanted number (P29), and only when two looks in a row found it too many: a move between nodes has one
/// more
/// for a moment. Its file goes as every file that the catalog does not know, by quarantine (P28).
/// </summary>
public sealed class ReplicaTrim(CatalogDatabase catalog, SiloOptions options, ILogger<ReplicaTrim> log)
{
    private const int LookedAt = 256;

    private HashSet<ChunkId> _seen = [];

    public async Task RunAsync(CancellationToken cancellation)
    {
        var table = await catalog.Nodes.TableAsync(options.NodeTimeout, cancellation);
        var wanted = PlacementRules.Wanted(options.Replicas, table.Nodes);
        var chunks = await catalog.Chunks.OverReplicatedAsync(wanted, LookedAt, cancellation);
        foreach (var chunk in chunks.Where(c => _seen.Contains(c.Chunk)))
        {
            if (TrimDecision.Surplus(chunk, table.Nodes, wanted) is not { } surplus) continue;
            if (await catalog.Chunks.RemoveReplicaAsync(chunk.Chunk, surplus.Epoch, ReplicaState.Live, wanted, cancellation))
                log.LogInformation("Chunk {Chunk} has {Wanted} replicas without the one on node {Node}, which goes",
                    chunk.Chunk, wanted, surplus.Node);
        }
        _seen = [.. chunks.Select(c => c.Chunk)];
    }
}
