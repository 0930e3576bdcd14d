using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;

namespace OrleansDfs.Catalog.Commits;

/// <summary>
/// A change of a version's tags: a small transaction of its own, in the lock order of PROTOCOL §5 (bucket shared, key, its versions). The revision
/// rises in the same statement, so no reader takes a version that it knows for unchanged (P20). Bytes, ETag and time stay.
/// </summary>
internal static class TagWrite
{
    public static async Task<CommitOutcome> RunAsync(Session session, TagRequest request)
    {
        long? revision = null;
        VersionRow? row = null;
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
        await session.RunAsync();

        if (BucketRows.Judge(request.Bucket, revision) is var status and not CatalogStatus.Ok) return new CommitOutcome(status, null);
        if (row is null) return new CommitOutcome(request.Version.IsCurrent ? CatalogStatus.NoSuchKey : CatalogStatus.NoSuchVersion, null);
        if (row.IsDeleteMarker) return new CommitOutcome(CatalogStatus.DeleteMarker, row.ToFileVersion());
        var tags = Documents.Write(request.Tags);
        var changed = await session.ExecuteAsync(
            "UPDATE versions SET tags = @tags, revision = @revision WHERE bucket_id = @bucket AND key = @key AND version_id = @version",
            ("tags", tags), ("revision", row.Revision + 1), ("bucket", row.Key.Bucket), ("key", row.Key.Key), ("version", row.Version));
        // P15: the lock found no row, and another made it before the read that came next: what was read is not locked.
        if (changed != 1) throw new TransactionRetryException("A version went between its read and its change.");
        return new CommitOutcome(CatalogStatus.Ok, (row with { Tags = tags, Revision = row.Revision + 1 }).ToFileVersion());
    }

    private static int Which(VersionSelection selection) => selection.IsCurrent ? 0 : selection.Null ? 1 : 2;
}
