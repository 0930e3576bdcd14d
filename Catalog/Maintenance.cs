using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;

namespace OrleansDfs.Catalog;

/// <summary>What the supervisor calls now and then. Each step is safe at any time and from several processes at once.</summary>
public sealed class Maintenance
{
    private readonly Engine _engine;

    internal Maintenance(Engine engine) => _engine = engine;

    /// <summary>Forgets uploads completed longer ago than <paramref name="keep"/> (24 h). Answers how many.</summary>
    public Task<int> SweepCompletedUploadsAsync(TimeSpan keep, int limit, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            session => session.ExecuteAsync(
                """
                DELETE FROM uploads WHERE upload_id IN (
                    SELECT u.upload_id FROM uploads u WHERE u.completed < {now} - @keep ORDER BY u.completed LIMIT @limit {for update skip locked})
                """,
                ("keep", MicrosecondClock.ToMicroseconds(keep)), ("limit", limit)),
            cancellation);

    /// <summary>Adds usage deltas to the buckets' rows. Answers how many deltas were folded.</summary>
    public Task<int> FoldUsageAsync(int limit, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                var deltas = await session.QueryAsync(
                    """
                    DELETE FROM usage_deltas WHERE id IN (SELECT d.id FROM usage_deltas d ORDER BY d.id LIMIT @limit {for update skip locked})
                    RETURNING bucket_id, files, versions, bytes
                    """,
                    r => (Bucket: r.GetInt64(0), Files: r.GetInt64(1), Versions: r.GetInt64(2), Bytes: r.GetInt64(3)),
                    ("limit", limit));
                var sums = deltas.GroupBy(d => d.Bucket).OrderBy(g => g.Key).ToArray();
                session.AddEach(
                    """
                    INSERT INTO bucket_usage (bucket_id, files, versions, bytes)
                    SELECT b.id, r.files, r.versions, r.bytes FROM {rows} JOIN buckets b ON b.id = r.bucket WHERE TRUE
                    ON CONFLICT (bucket_id) DO UPDATE SET files = bucket_usage.files + excluded.files,
                        versions = bucket_usage.versions + excluded.versions, bytes = bucket_usage.bytes + excluded.bytes
                    """,
                    RowSet.Over(sums)
                        .With("bucket", g => g.Key).With("files", g => g.Sum(d => d.Files))
                        .With("versions", g => g.Sum(d => d.Versions)).With("bytes", g => g.Sum(d => d.Bytes)));
                await session.RunAsync();
                return deltas.Count;
            },
            cancellation);

    /// <summary>Adds freed extents to the dead bytes of their chunks. Answers how many were folded.</summary>
    public Task<int> FoldFreedAsync(int limit, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                var freed = await session.QueryAsync(
                    """
                    DELETE FROM freed_extents WHERE id IN (SELECT f.id FROM freed_extents f ORDER BY f.id LIMIT @limit {for update skip locked})
                    RETURNING chunk_id, bytes
                    """,
                    r => (Chunk: r.GetInt64(0), Bytes: r.GetInt64(1)),
                    ("limit", limit));
                var sums = freed.GroupBy(f => f.Chunk).OrderBy(g => g.Key).ToArray();
                var rows = RowSet.Over(sums).With("chunk", g => g.Key).With("bytes", g => g.Sum(f => f.Bytes));
                session.QueryEach(
                    "SELECT c.chunk_id FROM {rows} JOIN chunks c ON c.chunk_id = r.chunk WHERE r.bytes > 0 ORDER BY c.chunk_id " +
                    "{for no key update of c}",
                    rows,
                    _ => { });
                session.AddEach(
                    """
                    UPDATE chunks SET freed_bytes = freed_bytes + r.bytes,
                        dead_bytes = CASE WHEN dead_bytes < 0 THEN dead_bytes ELSE dead_bytes + r.bytes END
                    FROM {rows} WHERE chunk_id = r.chunk
                    """,
                    rows);
                await session.RunAsync();
                return freed.Count;
            },
            cancellation);
}
