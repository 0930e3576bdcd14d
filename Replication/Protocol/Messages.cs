using OrleansDfs.Model;

namespace OrleansDfs.Replication;

/// <summary>What a replica does while its chunk is open. Values travel on the wire.</summary>
public enum ReplicaRole : byte
{
    Secondary = 0,

    /// <summary>Gives the offsets and forwards to all secondaries (P6).</summary>
    Primary = 1,
}

/// <summary>A replica on another node: where it is, and the epoch its file was made with.</summary>
public sealed record PeerReplica(NodeAddress Address, long Epoch)
{
    public ReplicaFile FileOf(ChunkId chunk) => new(chunk, Epoch);
}

/// <summary>Make an empty, durable replica file (P4).</summary>
/// <param name="Incarnation">The incarnation of the receiving node that is meant (P2).</param>
/// <param name="Capacity">Physical length past which the primary takes no further record.</param>
/// <param name="Secondaries">All of them when <paramref name="Role"/> is primary; empty for a secondary.</param>
public sealed record CreateRequest(
    ReplicaFile File,
    ChunkKind Kind,
    long Incarnation,
    ReplicaRole Role,
    long Capacity,
    IReadOnlyList<PeerReplica> Secondaries);

/// <summary>Add one record to an open chunk; goes to the primary with the record as its writer built it, not yet placed.</summary>
/// <param name="File">The primary's replica.</param>
/// <param name="Incarnation">The primary's incarnation as the open chunk has it (P2).</param>
public readonly record struct AppendRequest(ReplicaFile File, long Incarnation);

/// <summary>Physical bytes <c>[Start, End)</c> of the chunk hold the record, durable on every replica (P7), when <paramref name="Status"/> is Ok;
/// else 0.</summary>
public readonly record struct AppendResult(ChunkStatus Status, long Start, long End)
{
    public static AppendResult Failed(ChunkStatus status) => new(status, 0, 0);
}

/// <summary>Primary to secondary: append this placed record at exactly this offset (P6).</summary>
/// <param name="File">The secondary's replica.</param>
/// <param name="Incarnation">The secondary's incarnation.</param>
public readonly record struct ReplicateRequest(ReplicaFile File, long Incarnation, long Offset);

/// <summary>Answer to a close (P10). <paramref name="Length"/> is the durable, valid physical length when Ok; else 0.
/// Other statuses: <see cref="ChunkStatus.Absent"/>, <see cref="ChunkStatus.Damaged"/>, or no answer (Unreachable, Deadline, ShuttingDown).</summary>
public readonly record struct CloseResult(ChunkStatus Status, long Length);

/// <summary>Pull a sealed chunk into a new replica file of the receiving node (P27).</summary>
/// <param name="File">The file to make: the chunk and the epoch of the <em>copying</em> row.</param>
/// <param name="Incarnation">The receiving node's incarnation.</param>
/// <param name="SealedLength">Physical length of the chunk.</param>
/// <param name="Sources">Live replicas, best first; the next is used where one is unreachable or bad.</param>
public sealed record CopyRequest(ReplicaFile File, ChunkKind Kind, long Incarnation, long SealedLength, IReadOnlyList<PeerReplica> Sources);

/// <summary>Answer to a copy. <paramref name="BadSources"/>: nodes whose replica failed its checksums on the way, to be verified and
/// repaired.</summary>
public sealed record CopyResult(ChunkStatus Status, long BytesRead, IReadOnlyList<NodeId> BadSources);

/// <summary>Answer to a verification: Ok, or Corrupt, Absent, IoError with the physical offset of the first bad record or page.</summary>
public readonly record struct VerifyResult(ChunkStatus Status, long BadOffset);

/// <summary>One replica file of a node.</summary>
/// <param name="Length">Physical length of its valid prefix, in bytes.</param>
/// <param name="Open">It may take appends: created in this incarnation, not closed.</param>
public readonly record struct InventoryItem(ReplicaFile File, long Length, bool Open);

/// <summary>Up to <see cref="MaxItems"/> files in order of (chunk, epoch), behind the file asked for.</summary>
public sealed record InventoryPage(ChunkStatus Status, IReadOnlyList<InventoryItem> Items, bool More)
{
    /// <summary>Fits a frame with room to spare.</summary>
    public const int MaxItems = 10_000;
}

/// <summary>A node's own word on its health.</summary>
/// <param name="FsyncFailed">P9: an fsync has failed; every close answers Damaged.</param>
/// <param name="PendingBytes">Record bytes received and not yet answered: the load for placement.</param>
public sealed record NodeStatus(
    ChunkStatus Status,
    long Incarnation,
    long TotalBytes,
    long FreeBytes,
    bool ReadOnly,
    bool FsyncFailed,
    long ReplicaCount,
    long PendingBytes);
