namespace OrleansDfs.Gateway;

/// <summary>Requests worked on at once, bounded: above the limit there is an answer at once, never a queue (S3.md §3).</summary>
sealed class RequestSlots(GatewaySettings settings)
{
    int _taken;

    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= settings.MaxConcurrentRequests) return true;
        Interlocked.Decrement(ref _taken);
        return false;
    }

    public void Return() => Interlocked.Decrement(ref _taken);
}
