using Orleans.Concurrency;
using OrleansDfs.Model;

namespace OrleansDfs.Abstractions;

/// <summary>One chunk: coordinates its seal and its repair (PROTOCOL §4, §9). Runs on the silo of its primary replica while that lives.</summary>
[Alias("dfs.IChunkGrain")]
public interface IChunkGrain : IGrainWithIntegerKey
{
    [Alias("Find"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<ChunkRow?> Find(CancellationToken cancellation = default);

    /// <summary>Fixes the chunk's length for ever. Idempotent; a chunk that cannot be sealed now stays sealing and says why.</summary>
    [Alias("Seal"), ResponseTimeout("00:00:30")]
    Task<SealResult> Seal(string reason);

    /// <summary>Makes one more live replica of a sealed chunk on the node that the supervisor chose (PROTOCOL P27).</summary>
    [Alias("Repair"), ResponseTimeout("00:30:00")]
    Task<RepairResult> Repair(NodeId target);
}

[GenerateSerializer, Immutable, Alias("dfs.SealResult")]
public sealed record SealResult(
    [property: Id(0)] DfsStatus Status,
    [property: Id(1)] long? Length,
    [property: Id(2)] string Explanation);

/// <param name="Bytes">Physical bytes copied.</param>
[GenerateSerializer, Immutable, Alias("dfs.RepairResult")]
public sealed record RepairResult(
    [property: Id(0)] DfsStatus Status,
    [property: Id(1)] long Bytes,
    [property: Id(2)] string Explanation);

/// <summary>Hands out open chunks to the processes that write (DESIGN §9). Any silo's instance will do: the catalog holds all its state.</summary>
[Alias("dfs.IChunkAllocatorGrain")]
public interface IChunkAllocatorGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Opens a chunk on as many nodes as are wanted (PROTOCOL P4, P30). <see cref="DfsStatus.Unavailable"/>: fewer nodes than MinReplicas.
    /// </summary>
    [Alias("Open"), ResponseTimeout("00:00:05")]
    Task<OpenChunkResult> Open(OpenChunkRequest request);

    /// <summary>Keeps the opener's leases alive (30 s); answers the chunks among them that are no longer open.</summary>
    [Alias("Renew"), ResponseTimeout("00:00:05")]
    Task<ChunkId[]> Renew(string opener, ChunkId[] chunks);

    /// <summary>P24: an upload that lasts longer than a minute has bytes in these chunks that no version refers to yet: compaction leaves them alone
    /// for some minutes.</summary>
    [Alias("Hold"), ResponseTimeout("00:00:05")]
    Task Hold(BlobId blob, ChunkId[] chunks);

    /// <summary>The opener will not write to these any more; they are sealed, in the background.</summary>
    [Alias("Release"), ResponseTimeout("00:00:05")]
    Task Release(string opener, ChunkId[] chunks, string reason);
}

/// <param name="Opener">Name of the writing process, unique per start.</param>
/// <param name="Avoid">Nodes that the opener could not reach just now.</param>
/// <param name="NearSilo">Name of a silo whose node should come first, or <c>null</c>.</param>
[GenerateSerializer, Immutable, Alias("dfs.OpenChunkRequest")]
public sealed record OpenChunkRequest(
    [property: Id(0)] string Opener,
    [property: Id(1)] ChunkKind Kind,
    [property: Id(2)] NodeId[] Avoid,
    [property: Id(3)] string? NearSilo);

[GenerateSerializer, Immutable, Alias("dfs.OpenChunkResult")]
public sealed record OpenChunkResult(
    [property: Id(0)] DfsStatus Status,
    [property: Id(1)] OpenChunk? Chunk,
    [property: Id(2)] string Explanation);

/// <summary>
/// The one that looks for what nobody else finishes: abandoned chunks, missing replicas, garbage (PROTOCOL P5). A singleton; two at once do no harm.
/// </summary>
[Alias("dfs.ISupervisorGrain")]
public interface ISupervisorGrain : IGrainWithIntegerKey
{
    /// <summary>Called by every silo now and then, so that it is active somewhere.</summary>
    [Alias("Wake"), AlwaysInterleave]
    Task Wake();

    /// <summary>What repair has done so far; kept over restarts.</summary>
    [Alias("Repairs"), AlwaysInterleave, ResponseTimeout("00:00:03")]
    Task<RepairTotals> Repairs();
}
