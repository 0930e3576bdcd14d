namespace OrleansDfs.Storage;

/// <summary>What came of an operation on a replica file. Everything a disk or a peer may do is a value here, never an exception.</summary>
public enum StoreStatus
{
    /// <summary>Done; a change is durable.</summary>
    Done,

    /// <summary>There is no such replica file.</summary>
    Absent,

    /// <summary>Closed for appends: by a close, a failure, because it was found at start (P2), or because a close or delete came before its create
    /// (P10).</summary>
    Closed,

    /// <summary>An append neither at the end of the file nor equal to what is held there (P6), or no record of that chunk and offset. The chunk takes
    /// no further append.</summary>
    Refused,

    /// <summary>Not enough room. Reads and deletes go on.</summary>
    Full,

    /// <summary>The disk takes no changes: see <see cref="ChunkStore.State"/>.</summary>
    ReadOnly,

    /// <summary>The file is not what it should be: a page or header fails its check, it is too short, or the disk lost an fsync (P9).</summary>
    Damaged,

    /// <summary>The disk answered with an error.</summary>
    IoError,

    /// <summary>A range that is not inside the file's durable length, or a file that is open for appends and may not be changed so.</summary>
    Invalid,
}

/// <summary>Outcome of an append. <paramref name="End"/> is the file's accepted end after it; when refused, where the next record would have had to
/// stand.</summary>
public readonly record struct AppendOutcome(StoreStatus Status, long End);

/// <summary>Outcome of a close. <paramref name="Length"/> is the durable valid prefix in bytes (P10): with <see cref="StoreStatus.Done"/> only.
/// 0 means that not even the chunk's own header is valid; an empty chunk has <see cref="Model.RecordLayout.ChunkHeaderSize"/>.</summary>
public readonly record struct CloseOutcome(StoreStatus Status, long Length);

/// <summary>Outcome of a read. <paramref name="Count"/> is the whole length asked for when done, else 0.</summary>
public readonly record struct ReadOutcome(StoreStatus Status, int Count);

/// <summary>Outcome of verifying. <paramref name="ValidLength"/> is the end of the last record before the first bad byte.</summary>
public readonly record struct VerifyOutcome(StoreStatus Status, long ValidLength);

/// <summary>One replica file on this disk.</summary>
/// <param name="Length">Durable length while it takes appends; else the length on disk, or the valid prefix once a close has found it.</param>
/// <param name="Appendable">It was created since this start and is not closed (P2).</param>
public readonly record struct ReplicaEntry(Model.ReplicaFile File, long Length, bool Appendable);

/// <summary>What a store takes.</summary>
public enum StoreState
{
    /// <summary>Everything.</summary>
    Ready,

    /// <summary>No creates, appends and imports: less than the reserve is free. Ends by itself when space is freed.</summary>
    Full,

    /// <summary>P9, I3: a write or an fsync failed. No changes at all; every close answers <see cref="StoreStatus.Damaged"/> until <see
    /// cref="ChunkStore.LiftFsyncMarkAsync"/>.</summary>
    FsyncFailed,
}

/// <summary>The folder cannot be served: locked, of another cluster, of a newer format. The message is one sentence for an operator.</summary>
public sealed class DataFolderException(string message, Exception? inner = null) : Exception(message, inner);
