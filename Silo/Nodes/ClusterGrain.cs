using Orleans.Concurrency;
using Orleans.GrainDirectory;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Replication.Placement;
using OrleansDfs.Silo.Placement;

namespace OrleansDfs.Silo.Nodes;

/// <summary>
/// The node table for clients, and the figures of <c>odfs status</c>. "0 under-replicated" is the answer of a catalog query, never of a memory.
/// </summary>
[StatelessWorker, Reentrant, GrainDirectory(NoDirectory.Name)]
[GrainType("cluster")]
public sealed class ClusterGrain(CatalogDatabase catalog, NodeBook nodes, SiloOptions options) : Grain, IClusterGrain
{
    public async Task<ClusterNodes> Nodes(CancellationToken cancellation) => new(catalog.ClusterId, await nodes.TableAsync());

    public async Task<ClusterStatus> Status(CancellationToken cancellation)
    {
        var table = await catalog.Nodes.TableAsync(options.NodeTimeout, cancellation);
        var chunks = await catalog.Chunks.CountAsync(options.Replicas, options.NodeTimeout, cancellation);
        var (buckets, usage) = await catalog.Usage.TotalAsync(cancellation);
        var wanted = PlacementRules.Wanted(options.Replicas, table.Nodes);
        return new ClusterStatus(
            table, chunks.Chunks, chunks.Unsealed, chunks.UnderReplicated, buckets, usage.Files, usage.Bytes,
                wanted, PlacementRules.MinReplicas(wanted),
            await RepairsAsync(), chunks.MissingBytes);
    }

    private async Task<RepairTotals?> RepairsAsync()
    {
        try
        {
            return await GrainFactory.Supervisor().Repairs();
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return null; // the supervisor's silo has just died; it comes back elsewhere
        }
    }
}
