using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog;

/// <param name="Bucket">With <see cref="CatalogStatus.BucketExists"/> the one that is there; with <see cref="CatalogStatus.BucketChanged"/> the
/// present state.</param>
public sealed record BucketOutcome(CatalogStatus Status, BucketInfo? Bucket);

public sealed record BucketPage(IReadOnlyList<BucketInfo> Buckets, bool More);

/// <summary>Buckets and their settings. Whoever changes one locks its row against the commits that read it (P17).</summary>
public sealed class Buckets
{
    private readonly Engine _engine;

    internal Buckets(Engine engine) => _engine = engine;

    /// <summary>Ok, BucketExists, Unavailable, Unknown.</summary>
    public Task<BucketOutcome> CreateAsync(
        BucketName name, string owner, string region, bool objectLock, IReadOnlyDictionary<string, string> settings,
            CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                var ids = new List<long>();
                session.Draw("bucket_ids", 1, ids);
                await session.RunAsync();
                var created = await session.ExecuteAsync(
                    """
                    INSERT INTO buckets (id, name, revision, owner, region, created, versioning, object_lock)
                    VALUES (@id, @name, 1, @owner, @region, {now}, @versioning, @lock) ON CONFLICT DO NOTHING
                    """,
                    ("id", ids[0]), ("name", name.Value), ("owner", owner), ("region", region), ("lock", objectLock),
                    ("versioning", (int)(objectLock ? Versioning.Enabled : Versioning.Unversioned)));
                if (created == 0) return new BucketOutcome(CatalogStatus.BucketExists, await BucketRows.FindAsync(session, name.Value));
                SetDocuments(session, ids[0], settings);
                await session.RunAsync();
                return new BucketOutcome(CatalogStatus.Ok, await BucketRows.FindAsync(session, ids[0]));
            },
            status => new BucketOutcome(status, null),
            cancellation);

    public Task<BucketInfo?> FindAsync(BucketName name, CancellationToken cancellation = default) =>
        _engine.ReadAsync(session => BucketRows.FindAsync(session, name.Value), cancellation);

    public Task<BucketInfo?> FindAsync(long id, CancellationToken cancellation = default) =>
        _engine.ReadAsync(session => BucketRows.FindAsync(session, id), cancellation);

    /// <summary>Ok, NoSuchBucket, BucketChanged, BucketNotEmpty (versions or delete markers), Unavailable, Unknown. Uploads in progress are
    /// aborted.</summary>
    public Task<CatalogStatus> DeleteAsync(BucketRef bucket, CancellationToken cancellation = default) =>
        _engine.WriteAsync(session => DeleteAsync(session, bucket), status => status, cancellation);

    /// <summary>A page by name.</summary>
    /// <param name="owner">Only this user's; <c>null</c>: all.</param>
    /// <param name="prefix">"" for all.</param>
    /// <param name="after">Exclusive; "" for the beginning.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<BucketPage> ListAsync(string? owner, string prefix, string after, int limit, CancellationToken cancellation = default) =>
        _engine.ReadAsync(
            async session =>
            {
                var range = ListingRange.Of(prefix, "", after);
                var found = await BucketRows.ReadAsync(
                    session,
                    "b.name >= @start AND b.name < @end AND (CAST(@owner AS TEXT) IS NULL OR b.owner = @owner) ORDER BY b.name LIMIT @limit",
                    ("start", range.Start), ("end", range.End), ("owner", owner), ("limit", limit + 1));
                return new BucketPage([.. found.Take(limit)], found.Count > limit);
            },
            cancellation);

    /// <summary>Compare-and-set on the revision, which rises. Ok, NoSuchBucket, BucketChanged, Unavailable, Unknown.</summary>
    /// <param name="bucket">At the revision that the caller has seen.</param>
    /// <param name="versioning"><c>null</c>: as it is.</param>
    /// <param name="settings">Documents by name; a <c>null</c> value removes one.</param>
    /// <param name="enableLock">Object Lock is on from now on; nothing turns it off.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<BucketOutcome> ChangeAsync(
        BucketRef bucket, Versioning? versioning, IReadOnlyDictionary<string, string?> settings, bool enableLock = false,
        CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                long? revision = null;
                BucketRows.LockForChange(session, bucket.Id, r => revision = r);
                await session.RunAsync();
                if (BucketRows.Judge(bucket, revision) is var status and not CatalogStatus.Ok)
                    return new BucketOutcome(status, await BucketRows.FindAsync(session, bucket.Id));
                session.Add(
                    """
                    UPDATE buckets SET revision = revision + 1, versioning = COALESCE(CAST(@versioning AS INTEGER), versioning),
                        object_lock = object_lock OR @lock
                    WHERE id = @bucket
                    """,
                    ("bucket", bucket.Id), ("versioning", (int?)versioning), ("lock", enableLock));
                session.AddEach(
                    "DELETE FROM bucket_settings WHERE bucket_id = @bucket AND name IN (SELECT r.name FROM {rows})",
                    RowSet.Over(settings.Keys.ToArray()).With("name", n => n),
                    ("bucket", bucket.Id));
                SetDocuments(session, bucket.Id, settings.Where(s => s.Value is not null).ToDictionary(s => s.Key, s => s.Value!));
                await session.RunAsync();
                return new BucketOutcome(CatalogStatus.Ok, await BucketRows.FindAsync(session, bucket.Id));
            },
            status => new BucketOutcome(status, null),
            cancellation);

    private static async Task<CatalogStatus> DeleteAsync(Session session, BucketRef bucket)
    {
        long? revision = null;
        var occupied = false;
        BucketRows.LockForChange(session, bucket.Id, r => revision = r);
        session.Query("SELECT 1 FROM versions WHERE bucket_id = @bucket LIMIT 1", _ => occupied = true, ("bucket", bucket.Id)); // P17: after the lock
        await session.RunAsync();
        if (BucketRows.Judge(bucket, revision) is var status and not CatalogStatus.Ok) return status;
        if (occupied) return CatalogStatus.BucketNotEmpty;

        var uploads = await session.QueryAsync(
            "SELECT upload_id FROM uploads WHERE bucket_id = @bucket AND completed IS NULL ORDER BY upload_id {for update}", r => r.GetGuid(0),
                ("bucket", bucket.Id));
        await UploadRows.RemoveAsync(session, uploads);
        foreach (var table in new[] { "keys", "bucket_settings", "bucket_usage", "usage_deltas", "lifecycle_passes" })
            session.Add($"DELETE FROM {table} WHERE bucket_id = @bucket", ("bucket", bucket.Id));
        session.Add("DELETE FROM buckets WHERE id = @bucket", ("bucket", bucket.Id));
        await session.RunAsync();
        return CatalogStatus.Ok;
    }

    private static void SetDocuments(Session session, long bucket, IReadOnlyDictionary<string, string> documents) =>
        session.AddEach(
            "INSERT INTO bucket_settings (bucket_id, name, document) SELECT @bucket, r.name, r.document FROM {rows}",
            RowSet.Over(documents.OrderBy(d => d.Key, StringComparer.Ordinal).ToArray()).With("name", d => d.Key).With("document", d => d.Value),
            ("bucket", bucket));
}
