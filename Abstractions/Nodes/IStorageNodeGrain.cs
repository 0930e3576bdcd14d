using Orleans.Concurrency;
using OrleansDfs.Model;

namespace OrleansDfs.Abstractions;

/// <summary>One storage node, on the silo that hosts its data folder and nowhere else.</summary>
[Alias("dfs.IStorageNodeGrain")]
public interface IStorageNodeGrain : IGrainWithGuidKey
{
    [Alias("Status"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<StorageNodeStatus> Status();

    /// <summary>Compares the folder's inventory with the catalog and serves what is live there (PROTOCOL P28).</summary>
    [Alias("Reconcile"), ResponseTimeout("00:01:00")]
    Task<ReconcileResult> Reconcile();

    /// <summary>A repair has made this replica live: look it up in the catalog and serve it, without waiting for the next reconciliation.</summary>
    [Alias("Serve"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<bool> Serve(ChunkId chunk, long epoch);

    /// <summary>A reader met wrong bytes in this replica, or none. The node looks for itself, soon; false: it did so lately.</summary>
    [Alias("Examine"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<bool> Examine(ChunkId chunk, long epoch);

    /// <summary>Packs the live records of these chunks into new ones and retires them (PROTOCOL P25). Those with less than
    /// <paramref name="deadPercent"/> dead bytes are left alone.</summary>
    [Alias("Compact"), AlwaysInterleave, ResponseTimeout("01:00:00")]
    Task<CompactionResult> Compact(ChunkId[] chunks, int deadPercent);
}

/// <param name="Retired">Their files go after the grace period.</param>
/// <param name="Copied">Physical bytes written, once for all replicas.</param>
/// <param name="Freed">Physical bytes that will be free on each replica of the retired chunks, less what was copied of them.</param>
[GenerateSerializer, Immutable, Alias("dfs.CompactionResult")]
public sealed record CompactionResult([property: Id(0)] ChunkId[] Retired, [property: Id(1)] long Copied, [property: Id(2)] long Freed);

[GenerateSerializer, Immutable, Alias("dfs.StorageNodeStatus")]
public sealed record StorageNodeStatus(
    [property: Id(0)] NodeId Node,
    [property: Id(1)] long Incarnation,
    [property: Id(2)] string SiloName,
    [property: Id(3)] string Directory,
    [property: Id(4)] string State,
    [property: Id(5)] long TotalBytes,
    [property: Id(6)] long FreeBytes,
    [property: Id(7)] int Replicas);

/// <param name="Served">Live replicas that are served now.</param>
/// <param name="Verified">Unverified replicas that proved every page up to the sealed length and became live (P13).</param>
/// <param name="Quarantined">Files that the catalog does not know.</param>
/// <param name="Lost">Replicas that the catalog had here and that are missing, too short or corrupt: their rows are gone, repair replaces
/// them.</param>
[GenerateSerializer, Immutable, Alias("dfs.ReconcileResult")]
public sealed record ReconcileResult(
    [property: Id(0)] int Served,
    [property: Id(1)] int Verified,
    [property: Id(2)] int Quarantined,
    [property: Id(3)] int Lost);

/// <summary>Facts about the whole cluster; any silo answers.</summary>
[Alias("dfs.IClusterGrain")]
public interface IClusterGrain : IGrainWithIntegerKey
{
    /// <summary>The address book of storage nodes, and the cluster's id for the chunk protocol's HELLO.</summary>
    [Alias("Nodes"), ResponseTimeout("00:00:05")]
    Task<ClusterNodes> Nodes(CancellationToken cancellation = default);

    [Alias("Status"), ResponseTimeout("00:00:05")]
    Task<ClusterStatus> Status(CancellationToken cancellation = default);
}

[GenerateSerializer, Immutable, Alias("dfs.ClusterNodes")]
public sealed record ClusterNodes([property: Id(0)] Guid ClusterId, [property: Id(1)] NodeTable Table);

/// <param name="UnderReplicated">Sealed chunks with fewer live replicas than wanted now, from a catalog query.</param>
/// <param name="Unsealed">Chunks in state open or sealing.</param>
/// <param name="MissingBytes">Physical bytes that repair has left to copy, from the same query.</param>
/// <param name="Repairs">What repair has done since the cluster was made; <c>null</c> while the supervisor cannot be reached.</param>
[GenerateSerializer, Immutable, Alias("dfs.ClusterStatus")]
public sealed record ClusterStatus(
    [property: Id(0)] NodeTable Nodes,
    [property: Id(1)] long Chunks,
    [property: Id(2)] long Unsealed,
    [property: Id(3)] long UnderReplicated,
    [property: Id(4)] long Buckets,
    [property: Id(5)] long Files,
    [property: Id(6)] long Bytes,
    [property: Id(7)] int WantedReplicas,
    [property: Id(8)] int MinReplicas,
    [property: Id(9)] RepairTotals? Repairs,
    [property: Id(10)] long MissingBytes = 0);

/// <param name="Chunks">Replicas made anew.</param>
/// <param name="Bytes">Physical bytes copied for them.</param>
/// <param name="Running">Copies under way now.</param>
/// <param name="BytesPerSecond">Copied over the last minute; what is left at this rate is how long it takes.</param>
[GenerateSerializer, Immutable, Alias("dfs.RepairTotals")]
public sealed record RepairTotals([property: Id(0)] long Chunks, [property: Id(1)] long Bytes, [property: Id(2)] int Running,
    [property: Id(3)] long BytesPerSecond = 0);
