using OrleansDfs.Replication;

namespace OrleansDfs.Node;

/// <summary>Settings of one <see cref="StorageNode"/>; each default with its reason.</summary>
public sealed record StorageNodeOptions
{
    public ChunkDeadlines Deadlines { get; init; } = ChunkDeadlines.Default;

    /// <summary>An unknown file is kept at least this long before a second, equal answer of the catalog allows its deletion (P28).</summary>
    public TimeSpan QuarantineGrace { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Large records in work per use (appends, replicates, reads). 16 MiB each keep a disk busy, and three uses stay below 64 MiB.</summary>
    public int LargeBuffers { get; init; } = 16;

    /// <summary>Records of one page in work per use: what a group commit of small writers takes.</summary>
    public int SmallBuffers { get; init; } = 128;

    /// <summary>Copies that this node pulls at once; more wait.</summary>
    public int Copies { get; init; } = 4;

    /// <summary>Most bytes that this node pulls for copies in a second; 0: no limit.</summary>
    public long CopyBytesPerSecond { get; init; }
}
