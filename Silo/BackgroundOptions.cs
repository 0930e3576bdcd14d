namespace OrleansDfs.Silo;

/// <summary>Section <c>OrleansDfs:Compaction</c>: when dead bytes are given back, and how fast (PROTOCOL P24–P26).</summary>
public sealed class CompactionOptions
{
    /// <summary>A sealed chunk is compacted when at least this share of it is dead, 1–100. Disks then hold at most 1 ÷ (1 − share) times the live
    /// bytes (1.43 at 30, and mostly below 1.2), and a byte given back costs at most (1 − share) ÷ share bytes copied (2.3).</summary>
    public int DeadPercent { get; set; } = 30;

    /// <summary>The same while a disk is fuller than <see cref="FullPercent"/>: room is then worth more than work.</summary>
    public int DeadPercentWhenFull { get; set; } = 15;

    /// <summary>A disk counts as full above this share, 1–100.</summary>
    public int FullPercent { get; set; } = 85;

    /// <summary>Most bytes that one node copies for compaction in a second; 0: no limit.</summary>
    public long BytesPerSecond { get; set; } = 64L * 1024 * 1024;

    /// <summary>How often garbage is looked for.</summary>
    public TimeSpan Period { get; set; } = TimeSpan.FromSeconds(30);

    internal IEnumerable<string> Problems()
    {
        if (DeadPercent is < 1 or > 100) yield return $"OrleansDfs:Compaction:DeadPercent is {DeadPercent}; it must be 1 to 100.";
        if (DeadPercentWhenFull is < 1 or > 100)
            yield return $"OrleansDfs:Compaction:DeadPercentWhenFull is {DeadPercentWhenFull}; it must be 1 to 100.";
        if (FullPercent is < 1 or > 100) yield return $"OrleansDfs:Compaction:FullPercent is {FullPercent}; it must be 1 to 100.";
        if (BytesPerSecond < 0) yield return $"OrleansDfs:Compaction:BytesPerSecond is {BytesPerSecond}; it must be 0 (no limit) or more.";
        if (Period <= TimeSpan.Zero) yield return $"OrleansDfs:Compaction:Period is {Period}; it must be positive.";
    }
}

/// <summary>Section <c>OrleansDfs:Scrub</c>: how often each page of sealed replicas is read again, and how fast.</summary>
public sealed class ScrubOptions
{
    /// <summary>Within this time every page of every sealed replica has been read and checked.</summary>
    public TimeSpan Period { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Most bytes that one node reads for it in a second; 0: no limit. 20 MiB/s is 12 TB in seven days, a tenth of what a disk can
    /// do.</summary>
    public long BytesPerSecond { get; set; } = 20L * 1024 * 1024;

    internal IEnumerable<string> Problems()
    {
        if (Period <= TimeSpan.Zero) yield return $"OrleansDfs:Scrub:Period is {Period}; it must be positive.";
        if (BytesPerSecond < 0) yield return $"OrleansDfs:Scrub:BytesPerSecond is {BytesPerSecond}; it must be 0 (no limit) or more.";
    }
}

/// <summary>Section <c>OrleansDfs:Repair</c>: how fast missing replicas are made anew. When it begins is <see
/// cref="SiloOptions.RepairAfter"/>.</summary>
public sealed class RepairOptions
{
    /// <summary>A coordinator waits half an hour for a copy.</summary>
    private const int MostSeconds = 1500;

    /// <summary>Most bytes that one node pulls for repair and moves in a second; 0: no limit.</summary>
    public long BytesPerSecond { get; set; } = 64L * 1024 * 1024;

    /// <summary>Copies that read from one node, and copies that write to one node, at once.</summary>
    public int PerNode { get; set; } = 2;

    /// <summary>Copies in the whole cluster at once.</summary>
    public int Total { get; set; } = 16;

    internal IEnumerable<string> Problems(long chunkSize)
    {
        if (PerNode < 1) yield return $"OrleansDfs:Repair:PerNode is {PerNode}; it must be 1 or more.";
        if (Total < 1) yield return $"OrleansDfs:Repair:Total is {Total}; it must be 1 or more.";
        if (BytesPerSecond != 0 && BytesPerSecond * MostSeconds < chunkSize * Math.Max(1, PerNode))
            yield return $"OrleansDfs:Repair:BytesPerSecond is {BytesPerSecond}: a copy of a chunk of {chunkSize} bytes would take "
                + "longer than its coordinator waits.";
    }
}
