namespace OrleansDfs.Model;

/// <summary>States of a chunk's catalog row (PROTOCOL §2). Values are stored.</summary>
public enum ChunkState
{
    Open = 0,
    Sealing = 1,
    Sealed = 2,
    Retired = 3,
}

/// <summary>States of a replica's catalog row (PROTOCOL §2). Values are stored.</summary>
public enum ReplicaState
{
    /// <summary>Served to readers.</summary>
    Live = 0,

    /// <summary>A repair is writing it; not served.</summary>
    Copying = 1,

    /// <summary>Kept, not served, never deleted: it did not answer the seal (P13).</summary>
    Unverified = 2,
}

/// <summary>What an open chunk is used for: many small records of many writers, or one large stream at a time.</summary>
public enum ChunkKind
{
    Shared = 0,
    Stream = 1,

    /// <summary>Compaction's copies; may use the room that disks keep for it when they take nothing else any more (I19).</summary>
    Compaction = 2,
}

/// <summary>One replica as the catalog has it. <paramref name="Shard"/> 0 is a whole copy; others are room for erasure coding.</summary>
public sealed record Replica(NodeId Node, long Epoch, int Shard, ReplicaState State);

/// <summary>A chunk's catalog row with its replicas.</summary>
/// <param name="Epoch">Fences changes of this row (P3); raised by each of them.</param>
/// <param name="SealedLength">Physical length; only when sealed or retired.</param>
/// <param name="Wanted">Replicas wanted when it was opened.</param>
/// <param name="Primary">The node that orders appends while the chunk is open; its incarnation then is <paramref name="PrimaryIncarnation"/>.</param>
public sealed record ChunkRow(
    ChunkId Chunk,
    ChunkState State,
    ChunkKind Kind,
    long Epoch,
    long? SealedLength,
    int Wanted,
    NodeId Primary,
    long PrimaryIncarnation,
    IReadOnlyList<Replica> Replicas);

/// <summary>Where the bytes of a chunk can be read: its live replicas.</summary>
public sealed record ChunkLocation(ChunkId Chunk, IReadOnlyList<ReplicaAt> Replicas);

public readonly record struct ReplicaAt(NodeId Node, long Epoch);

/// <summary>An open chunk that a writer may append to: everything that the append frames name.</summary>
/// <param name="Capacity">Physical length past which the primary takes no further record.</param>
public sealed record OpenChunk(
    ChunkId Chunk,
    ChunkKind Kind,
    NodeId Primary,
    long PrimaryIncarnation,
    long PrimaryEpoch,
    long Capacity,
    IReadOnlyList<ReplicaAt> Replicas);

/// <summary>A sealed chunk with bytes that nobody uses.</summary>
/// <param name="Length">Sealed length.</param>
/// <param name="Dead">Estimated; exact when it was measured.</param>
/// <param name="Live">Nodes with a live replica.</param>
public sealed record DeadShare(ChunkId Chunk, long Length, long Dead, IReadOnlyList<NodeId> Live);
