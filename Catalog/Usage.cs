namespace OrleansDfs.Catalog;

/// <param name="Files">Keys with a visible current version.</param>
/// <param name="Versions">Versions that are no delete markers.</param>
/// <param name="Bytes">Of all versions; bytes shared by a copy count for each.</param>
public sealed record UsageCounts(long Files, long Versions, long Bytes);

/// <summary>Use of space per bucket: delta rows in the transaction of the change, folded later, so that no row is hot (DESIGN §5).</summary>
public sealed class Usage
{
    /// <summary>Exact: folded rows and deltas in one snapshot.</summary>
    public Task<UsageCounts> OfBucketAsync(long bucketId, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Of all buckets, and how many there are.</summary>
    public Task<(long Buckets, UsageCounts Counts)> TotalAsync(CancellationToken cancellation = default) => throw new NotImplementedException();
}
