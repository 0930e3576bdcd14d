namespace OrleansDfs.Client;

/// <summary>How long a writer may go on without one acknowledged record; begins with the first failure after the last success.</summary>
internal sealed class RetryBudget(DfsClientOptions options, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private long? _firstFailure;
    private int _failures;

    public bool Exhausted => _firstFailure is { } since && time.GetElapsedTime(since) >= options.WriteBudget;

    public void Reset()
    {
        _firstFailure = null;
        _failures = 0;
    }

    /// <summary>Counts a failure and pauses before the next try. The first is followed at once: another chunk is open already (P8).</summary>
    public Task FailedAsync(CancellationToken cancellation)
    {
        _firstFailure ??= time.GetTimestamp();
        if (_failures++ == 0) return Task.CompletedTask;
        var pause = FirstPause * Math.Pow(2, Math.Min(_failures - 2, 10));
        return Task.Delay(pause < LongestPause ? pause : LongestPause, time, cancellation);
    }
}
