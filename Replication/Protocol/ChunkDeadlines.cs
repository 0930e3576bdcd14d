namespace OrleansDfs.Replication;

/// <summary>How long callers wait (PROTOCOL §10). Counted by the caller on its <see cref="TimeProvider"/>: <c>new CancellationTokenSource(deadline,
/// time)</c>.</summary>
public sealed record ChunkDeadlines
{
    public static ChunkDeadlines Default { get; } = new();

    /// <summary>An append that is not durable everywhere by then breaks its chunk (P8).</summary>
    public TimeSpan Append { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a writer waits for the primary: longer than <see cref="Append"/>, so that the primary's own answer comes first.</summary>
    public TimeSpan AppendAnswer { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>Create of one replica file.</summary>
    public TimeSpan Create { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A replica that has not answered a close by then counts as no answer (P13).</summary>
    public TimeSpan Close { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>After this a reader asks a second replica as well.</summary>
    public TimeSpan ReadHedge { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>One read of at most a record, after which the replica counts as unreachable.</summary>
    public TimeSpan Read { get; init; } = TimeSpan.FromSeconds(5);
}
