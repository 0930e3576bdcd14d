using OrleansDfs.Model;

namespace OrleansDfs.Catalog;

/// <param name="Nodes">The replica set, the primary among them; each gets an epoch of its own (P3).</param>
/// <param name="Opener">Name of the writing process.</param>
/// <param name="Lease">How long the opener may be silent before the chunk is sealed (P5).</param>
public sealed record OpenChunkSpec(
    ChunkKind Kind, int Wanted, NodeId Primary, long PrimaryIncarnation, IReadOnlyList<NodeId> Nodes, string Opener, TimeSpan Lease);

public enum SealStatus
{
    /// <summary>This call sealed it.</summary>
    Sealed,

    /// <summary>It was sealed before; use that row's length (P12).</summary>
    AlreadySealed,

    /// <summary>P12: a version uses bytes behind the proposed length; judge the answers anew with <see cref="SealOutcome.Floor"/>.</summary>
    FloorAbove,

    /// <summary>It is not in <c>sealing</c> at the epoch given: read the row again.</summary>
    Conflict,
    NoSuchChunk,
}

public sealed record SealOutcome(SealStatus Status, ChunkRow? Row, long Floor);

/// <summary>One replica of one node, for the comparison with its inventory (P28).</summary>
public sealed record NodeReplica(ChunkId Chunk, long Epoch, ReplicaState State, ChunkState ChunkState, long? SealedLength);

/// <param name="Unsealed">In state open or sealing.</param>
public sealed record ChunkCounts(long Chunks, long Unsealed, long UnderReplicated);

/// <summary>
/// Chunks and their replicas (PROTOCOL §2–§4, §9). Every change is a compare-and-set on the row as locked and raises its epoch. Methods throw
/// <see cref="CatalogUnavailableException"/> (nothing happened) or <see cref="CatalogOutcomeUnknownException"/> (read again).
/// </summary>
public sealed class Chunks
{
    /// <summary>P4: the rows, before any file is made.</summary>
    public Task<ChunkRow> OpenAsync(OpenChunkSpec spec, CancellationToken cancellation = default) => throw new NotImplementedException();

    public Task<ChunkRow?> GetAsync(ChunkId chunk, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>P10: open → sealing; a row that is already sealing, sealed or retired is answered as it is. <c>null</c>: no such chunk.</summary>
    public Task<ChunkRow?> BeginSealAsync(ChunkId chunk, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Greatest end of an extent in this chunk that a blob uses; 0 when there is none (P11).</summary>
    public Task<long> FloorAsync(ChunkId chunk, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>P12, P13: fixes the length. Replica rows are named by their epochs: live ones answered, unverified ones did not, bad ones lose their row.</summary>
    public Task<SealOutcome> SealAsync(
        ChunkId chunk,
        long length,
        IReadOnlyCollection<long> live,
        IReadOnlyCollection<long> unverified,
        IReadOnlyCollection<long> bad,
        CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Renews the leases of open chunks of this opener; answers those among <paramref name="chunks"/> that are no longer open.</summary>
    public Task<IReadOnlyList<ChunkId>> RenewLeasesAsync(
        string opener, IReadOnlyCollection<ChunkId> chunks, TimeSpan lease, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>P5: open ones whose lease is over, or whose primary has another incarnation or no heartbeat within <paramref name="aliveWithin"/>; and all in sealing.</summary>
    public Task<IReadOnlyList<ChunkRow>> FindToSealAsync(TimeSpan aliveWithin, int limit, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>Sealed, not empty chunks with fewer live replicas on nodes that count than are wanted now (P30), fewest first. A node counts while it is not
    /// decommissioned and has given a heartbeat within <paramref name="lostAfter"/>.</summary>
    /// <param name="replicaCount">R.</param>
    public Task<IReadOnlyList<ChunkRow>> UnderReplicatedAsync(
        int replicaCount, TimeSpan lostAfter, int limit, CancellationToken cancellation = default) => throw new NotImplementedException();

    public Task<ChunkCounts> CountAsync(int replicaCount, TimeSpan lostAfter, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>P27: a copying row with a new epoch; <c>null</c> when the chunk is not sealed at this epoch, or has a replica row on that node.</summary>
    public Task<Replica?> InsertCopyingAsync(ChunkId chunk, long chunkEpoch, NodeId node, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>P13, P27: exactly this row, if it still is in <paramref name="from"/> and the chunk is sealed, becomes live.</summary>
    public Task<bool> MakeLiveAsync(ChunkId chunk, long replicaEpoch, ReplicaState from, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>P27, P29: removes exactly this row if it is in <paramref name="expected"/>. A live one goes only where <paramref name="keep"/> other live ones
    /// remain on nodes that are not decommissioned; an unverified one only then too.</summary>
    public Task<bool> RemoveReplicaAsync(ChunkId chunk, long replicaEpoch, ReplicaState expected, int keep, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>All replica rows of one node by chunk, for P28.</summary>
    public Task<IReadOnlyList<NodeReplica>> ReplicasOnAsync(NodeId node, ChunkId after, int limit, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>P24: sealed chunks, sealed longer ago than the grace period, that no blob uses become retired. Answers how many.</summary>
    public Task<int> RetireUnusedAsync(TimeSpan grace, int limit, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>P26: retired longer ago than the grace period; their files may go, then <see cref="DeleteRetiredAsync"/>.</summary>
    public Task<IReadOnlyList<ChunkRow>> RetiredToDeleteAsync(TimeSpan grace, int limit, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>Removes one replica row of a retired chunk whose file is gone; with the last one the chunk's row goes.</summary>
    public Task DeleteRetiredAsync(ChunkId chunk, long replicaEpoch, CancellationToken cancellation = default) => throw new NotImplementedException();
}
