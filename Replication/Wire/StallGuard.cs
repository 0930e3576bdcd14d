namespace OrleansDfs.Replication.Wire;

/// <summary>
/// Ends a connection on which one half of a frame takes too long: the other side hangs in mid-frame, and who waits needs the memory back.
/// One user at a time.
/// </summary>
public sealed class StallGuard : IDisposable
{
    private readonly ITimer _timer;
    private readonly TimeSpan _timeout;

    /// <param name="abort">Closes the socket; called on a timer's thread.</param>
    public StallGuard(TimeProvider time, TimeSpan timeout, Action abort)
    {
        _timeout = timeout;
        _timer = time.CreateTimer(static state => ((Action)state!)(), abort, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Watching Watch()
    {
        _timer.Change(_timeout, Timeout.InfiniteTimeSpan);
        return new Watching(_timer);
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>Dispose it when the half frame is through.</summary>
    public readonly struct Watching(ITimer timer) : IDisposable
    {
        public void Dispose() => timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
