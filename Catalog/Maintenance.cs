namespace OrleansDfs.Catalog;

/// <summary>What the supervisor calls now and then. Each step is safe at any time and from several processes at once.</summary>
public sealed class Maintenance
{
    /// <summary>P15: removes up to <paramref name="limit"/> key rows that have no version left, each under its lock. Answers how many went.</summary>
    public Task<int> SweepEmptyKeysAsync(int limit, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Forgets uploads completed longer ago than <paramref name="keep"/> (24 h).</summary>
    public Task<int> SweepCompletedUploadsAsync(TimeSpan keep, int limit, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Adds usage deltas to the buckets' rows. Answers how many deltas were folded.</summary>
    public Task<int> FoldUsageAsync(int limit, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Adds freed extents to the dead bytes of their chunks. Answers how many were folded.</summary>
    public Task<int> FoldFreedAsync(int limit, CancellationToken cancellation = default) => throw new NotImplementedException();
}
