namespace OrleansDfs.Replication;

/// <summary>
/// Paces background work in bytes: each caller waits until its bytes have their time. A pause earns at most one second's worth of bytes, so that work
/// after a pause does not come as a flood. Callers share the rate in the order in which they ask.
/// </summary>
/// <param name="bytesPerSecond">0: no limit.</param>
public sealed class ByteRate(long bytesPerSecond, TimeProvider time)
{
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly long _started = time.GetTimestamp();
    private TimeSpan _until = -Burst; // since the start: when all bytes given out so far have had their time

    public long BytesPerSecond => bytesPerSecond;

    public ValueTask WaitAsync(long bytes, CancellationToken cancellation = default)
    {
        if (bytesPerSecond <= 0) return default;
        TimeSpan wait;
        lock (_gate)
        {
            var now = time.GetElapsedTime(_started);
            var from = _until > now - Burst ? _until : now - Burst;
            _until = from + TimeSpan.FromSeconds((double)bytes / bytesPerSecond);
            wait = _until - now;
        }
        return wait > TimeSpan.Zero ? new ValueTask(Task.Delay(wait, time, cancellation)) : default;
    }
}
