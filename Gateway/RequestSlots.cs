using System.Diagnostics.Metrics;

namespace OrleansDfs.Gateway;

/// <summary>
/// Requests worked on at once, bounded: above the limit there is an answer at once, never a queue (S3.md §3). An admitted request costs one
/// interlocked operation each way, a refused one neither signature, nor grain call, nor line in the log.
/// </summary>
sealed class RequestSlots
{
    readonly int _limit;
    readonly Counter<long> _refused;
    int _taken;
    long _unreported;
    long _reportedAt = long.MinValue;

    public RequestSlots(GatewaySettings settings, IMeterFactory meters)
    {
        _limit = settings.MaxConcurrentRequests;
        var meter = meters.Create("OrleansDfs.Gateway");
        _refused = meter.CreateCounter<long>(
            "odfs.gateway.requests.refused", "{request}", "Requests answered 503 SlowDown because of MaxConcurrentRequests.");
        meter.CreateObservableGauge("odfs.gateway.requests.active", () => Volatile.Read(ref _taken), "{request}", "Requests in work.");
    }

    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= _limit) return true;
        Interlocked.Decrement(ref _taken);
        Interlocked.Increment(ref _unreported);
        _refused.Add(1);
        return false;
    }

    /// <summary>Refusals that nobody has been told of; 0 to all callers but one in a second.</summary>
    public long Unreported(TimeProvider time)
    {
        var (now, last) = (time.GetTimestamp(), Volatile.Read(ref _reportedAt));
        if (last != long.MinValue && now - last < time.TimestampFrequency) return 0;
        return Interlocked.CompareExchange(ref _reportedAt, now, last) == last ? Interlocked.Exchange(ref _unreported, 0) : 0;
    }

    public void Return() => Interlocked.Decrement(ref _taken);
}
