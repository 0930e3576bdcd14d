namespace OrleansDfs.Storage;

/// <summary>Settings of one <see cref="ChunkStore"/>.</summary>
public sealed record ChunkStoreOptions
{
    /// <summary>Free bytes below which nothing is created, appended or imported, so that deletes, markers and the file system itself keep
    /// room.</summary>
    public long ReserveBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Free bytes on top of that which only compaction's chunks may use: it must be able to copy in order to free (I19).</summary>
    public long CompactionReserveBytes { get; init; }

    /// <summary>Most file handles kept open for reading, least recently used closed first. Files that take appends are not counted.</summary>
    public int MaxOpenFiles { get; init; } = 512;

    /// <summary>Files scanned at once by closes and verifications; each takes 2 MiB of memory.</summary>
    public int MaxScans { get; init; } = 4;

    /// <summary>Most bytes written before one fdatasync: bounds how long a record waits behind a group.</summary>
    public int MaxGroupBytes { get; init; } = 16 * 1024 * 1024;
}
