using System.Data.Common;
using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog;

/// <summary>How far the rules of a bucket have been carried out. A hint that spares work: what is deleted is decided under the key's lock.</summary>
/// <param name="Day">Number of the day whose pass this is.</param>
/// <param name="Rules">Fingerprint of the rules that it began with.</param>
/// <param name="Cursor">Where it goes on, in the words of who runs it; <c>null</c>: it is finished.</param>
public sealed record LifecyclePass(long Day, string Rules, string? Cursor);

/// <param name="Pass"><c>null</c>: none has begun yet.</param>
public sealed record LifecycleBucket(BucketInfo Bucket, LifecyclePass? Pass);

/// <summary>A version as the rules see it. Tags are empty where they were not asked for.</summary>
public sealed record LifecycleRow(
    ObjectKey Key,
    VersionId Version,
    long Revision,
    bool IsCurrent,
    bool IsDeleteMarker,
    long Size,
    DateTimeOffset LastModified,
    IReadOnlyDictionary<string, string> Tags);

/// <summary>What the execution of lifecycle rules reads of a bucket, in bounded pages, and where it remembers how far it came.</summary>
public sealed class Lifecycles
{
    private static readonly IReadOnlyDictionary<string, string> NoTags = new Dictionary<string, string>();

    private const string Columns = "v.key, v.version_id, v.revision, v.is_current, v.is_delete_marker, v.size, v.last_modified";

    private readonly Engine _engine;

    internal Lifecycles(Engine engine) => _engine = engine;

    /// <summary>Buckets that have a lifecycle, by id.</summary>
    /// <param name="after">Exclusive; 0 for the beginning.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<IReadOnlyList<LifecycleBucket>> BucketsAsync(long after, int limit, CancellationToken cancellation = default) =>
        _engine.ReadAsync<IReadOnlyList<LifecycleBucket>>(
            async session =>
            {
                var buckets = await BucketRows.ReadAsync(
                    session,
                    """
                    b.id IN (SELECT s.bucket_id FROM bucket_settings s WHERE s.name = @name AND s.bucket_id > @after
                        ORDER BY s.bucket_id LIMIT @limit)
                    """,
                    ("name", LifecycleConfiguration.Setting), ("after", after), ("limit", limit));
                var passes = new Dictionary<long, LifecyclePass>();
                session.QueryEach(
                    "SELECT p.bucket_id, p.day, p.rules, p.position FROM {rows} JOIN lifecycle_passes p ON p.bucket_id = r.bucket",
                    RowSet.Over(buckets).With("bucket", b => b.Id),
                    r => passes[r.GetInt64(0)] = new LifecyclePass(r.GetInt64(1), r.GetString(2), r.Text(3)));
                await session.RunAsync();
                return [.. buckets.OrderBy(b => b.Id).Select(b => new LifecycleBucket(b, passes.GetValueOrDefault(b.Id)))];
            },
            cancellation);

    /// <summary>Remembers how far a pass came; nothing where the bucket is gone. Ok, Unavailable, Unknown.</summary>
    public Task<CatalogStatus> SaveAsync(long bucketId, LifecyclePass pass, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                var found = false;
                BucketRows.LockShared(session, bucketId, _ => found = true);
                await session.RunAsync();
                if (!found) return CatalogStatus.Ok;
                await session.ExecuteAsync(
                    """
                    INSERT INTO lifecycle_passes (bucket_id, day, rules, position) VALUES (@bucket, @day, @rules, CAST(@position AS TEXT))
                    ON CONFLICT (bucket_id) DO UPDATE SET day = excluded.day, rules = excluded.rules, position = excluded.position
                    """,
                    ("bucket", bucketId), ("day", pass.Day), ("rules", pass.Rules), ("position", pass.Cursor));
                return CatalogStatus.Ok;
            },
            status => status,
            cancellation);

    /// <summary>Versions under a prefix by key, newest first within a key. O(page).</summary>
    /// <param name="bucketId">The bucket.</param>
    /// <param name="prefix">"" for all keys.</param>
    /// <param name="afterKey">Exclusive; "" for the beginning. With <paramref name="afterVersion"/> the page goes on inside that key.</param>
    /// <param name="afterVersion">The last version seen of that key.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="tags">Read tags too.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<IReadOnlyList<LifecycleRow>> VersionsAsync(
        long bucketId, string prefix, string afterKey, VersionId? afterVersion, int limit, bool tags, CancellationToken cancellation = default) =>
        _engine.ReadAsync<IReadOnlyList<LifecycleRow>>(
            async session =>
            {
                var columns = tags ? Columns + ", v.tags" : Columns;
                var range = ListingRange.Of(prefix, "", afterKey);
                var rows = new List<LifecycleRow>();
                if (afterVersion is { } version)
                    session.Query(
                        $"SELECT {columns} FROM versions v WHERE v.bucket_id = @bucket AND v.key = @key AND v.version_id < @version " +
                            "ORDER BY v.version_id DESC LIMIT @limit",
                        r => rows.Add(Read(r, tags)),
                        ("bucket", bucketId), ("key", afterKey), ("version", version.Value), ("limit", limit));
                session.Query(
                    $"SELECT {columns} FROM versions v WHERE v.bucket_id = @bucket AND v.key >= @start AND v.key < @end " +
                        "ORDER BY v.key, v.version_id DESC LIMIT @limit",
                    r => rows.Add(Read(r, tags)),
                    ("bucket", bucketId), ("start", range.Start), ("end", range.End), ("limit", limit));
                await session.RunAsync();
                if (rows.Count > limit) rows.RemoveRange(limit, rows.Count - limit);
                return rows;
            },
            cancellation);

    private static LifecycleRow Read(DbDataReader r, bool tags) => new(
        ObjectKey.Parse(r.GetString(0)),
        new VersionId(r.GetInt64(1)),
        r.GetInt64(2),
        r.GetBoolean(3),
        r.GetBoolean(4),
        r.GetInt64(5),
        r.Time(6),
        tags ? Documents.ReadTags(r.GetString(7)) : NoTags);
}
