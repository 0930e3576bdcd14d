using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;

namespace OrleansDfs.Catalog.Commits;

/// <summary>
/// A change of a version's tags, ACL, retention or legal hold: a small transaction of its own, in the lock order of PROTOCOL §5 (bucket shared, key,
/// its
/// versions). Retention is judged here, on the row as locked and by the database's clock: a delete under way holds the same lock. The revision rises
/// in the same statement, so
/// no reader takes a version that it knows for unchanged (P20). Bytes, ETag and time stay.
/// </summary>
internal static class AttributeWrite
{
    public static async Task<CommitOutcome> RunAsync(Session session, AttributesRequest request)
    {
        long? revision = null;
        VersionRow? row = null;
        var now = 0L;
        BucketRows.LockShared(session, request.Bucket.Id, r => revision = r); // P17
        session.Query(
            "SELECT k.key FROM keys k WHERE k.bucket_id = @bucket AND k.key = @key {for update of k}",
            _ => { },
            ("bucket", request.Bucket.Id), ("key", request.Key.Value));
        session.Query(
            $$"""
            SELECT {{VersionRow.Columns}} FROM keys k JOIN versions v ON v.bucket_id = k.bucket_id AND v.key = k.key AND v.version_id =
                CASE @which WHEN 0 THEN k.current_version WHEN 1 THEN k.null_version ELSE @version END
            WHERE k.bucket_id = @bucket AND k.key = @key
            """,
            r => row = VersionRow.Read(r),
            ("bucket", request.Bucket.Id), ("key", request.Key.Value),
            ("which", Which(request.Version)), ("version", request.Version.Version?.Value ?? 0L));
        session.Query("SELECT {now}", r => now = r.GetInt64(0));
        await session.RunAsync();

        if (BucketRows.Judge(request.Bucket, revision) is var status and not CatalogStatus.Ok) return new CommitOutcome(status, null);
        if (row is null) return new CommitOutcome(request.Version.IsCurrent ? CatalogStatus.NoSuchKey : CatalogStatus.NoSuchVersion, null);
        if (row.IsDeleteMarker) return new CommitOutcome(CatalogStatus.DeleteMarker, row.ToFileVersion());
        if (request.Revision is { } judged && judged != row.Revision) return new CommitOutcome(CatalogStatus.Changed, null);
        var tags = request.Tags is null ? row.Tags : Documents.Write(request.Tags);
        var properties = Documents.ReadProperties(row.Properties);
        if (request.Retention is { } wish)
        {
            var mayChange = properties.Retention?.MayBecome(wish.Retention, MicrosecondClock.FromMicroseconds(now), wish.BypassGovernance) ?? true;
            if (!mayChange) return new CommitOutcome(CatalogStatus.Locked, row.ToFileVersion());
            properties = properties with { Retention = wish.Retention };
        }
        if (request.LegalHold is { } hold) properties = properties with { LegalHold = hold };
        if (request.Acl is { } acl) properties = properties.WithAcl(acl);
        var document = Documents.Write(properties);
        var changed = await session.ExecuteAsync(
            """
            UPDATE versions SET tags = @tags, properties = @properties, revision = @revision
            WHERE bucket_id = @bucket AND key = @key AND version_id = @version
            """,
            ("tags", tags), ("properties", document), ("revision", row.Revision + 1), ("bucket", row.Key.Bucket), ("key", row.Key.Key),
                ("version", row.Version));
        // P15: the lock found no row, and another made it before the read that came next: what was read is not locked.
        if (changed != 1) throw new TransactionRetryException("A version went between its read and its change.");
        return new CommitOutcome(CatalogStatus.Ok, (row with { Tags = tags, Properties = document, Revision = row.Revision + 1 }).ToFileVersion());
    }

    private static int Which(VersionSelection selection) => selection.IsCurrent ? 0 : selection.Null ? 1 : 2;
}
