using OrleansDfs.Catalog.Engines;

namespace OrleansDfs.Catalog;

/// <param name="Files">Keys with a visible current version.</param>
/// <param name="Versions">Versions that are no delete markers.</param>
/// <param name="Bytes">Of all versions; bytes shared by a copy count for each.</param>
public sealed record UsageCounts(long Files, long Versions, long Bytes);

/// <summary>Use of space per bucket: delta rows in the transaction of the change, folded later, so that no row is hot (DESIGN §5).</summary>
public sealed class Usage
{
    private const string Sums =
        "CAST(COALESCE(SUM(x.files), 0) AS BIGINT), CAST(COALESCE(SUM(x.versions), 0) AS BIGINT), CAST(COALESCE(SUM(x.bytes), 0) AS BIGINT)";

    private readonly Engine _engine;

    internal Usage(Engine engine) => _engine = engine;

    /// <summary>Exact: folded rows and deltas in one snapshot.</summary>
    public Task<UsageCounts> OfBucketAsync(long bucketId, CancellationToken cancellation = default) =>
        _engine.ReadAsync(
            async session => (await session.QueryAsync(
                $"""
                SELECT {Sums} FROM (
                    SELECT files, versions, bytes FROM bucket_usage WHERE bucket_id = @bucket
                    UNION ALL SELECT files, versions, bytes FROM usage_deltas WHERE bucket_id = @bucket) AS x
                """,
                r => new UsageCounts(r.GetInt64(0), r.GetInt64(1), r.GetInt64(2)),
                ("bucket", bucketId))).Single(),
            cancellation);

    /// <summary>Of all buckets, and how many there are.</summary>
    public Task<(long Buckets, UsageCounts Counts)> TotalAsync(CancellationToken cancellation = default) =>
        _engine.ReadAsync(
            async session => (await session.QueryAsync(
                $"""
                SELECT (SELECT COUNT(*) FROM buckets), {Sums} FROM (
                    SELECT files, versions, bytes FROM bucket_usage UNION ALL SELECT files, versions, bytes FROM usage_deltas) AS x
                """,
                r => (r.GetInt64(0), new UsageCounts(r.GetInt64(1), r.GetInt64(2), r.GetInt64(3))))).Single(),
            cancellation);
}
