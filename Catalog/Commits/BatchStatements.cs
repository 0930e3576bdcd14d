using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;

namespace OrleansDfs.Catalog.Commits;

/// <summary>
/// Collects what writes a plan: few statements, in an order that keeps the unique indexes content (what was visible goes before what becomes
/// visible), blobs last (PROTOCOL §5). They go with COMMIT, in one round trip.
/// </summary>
internal static class BatchStatements
{
    public static async Task CollectAsync(Session session, BatchState state, BatchPlan plan)
    {
        await ReadPartsOfMultipartAsync(session, plan);
        Versions(session, plan);
        Parts(session, plan);
        Keys(session, state, plan);
        Uploads(session, plan);
        Usage(session, plan);
        BlobRows.AddFresh(session, plan.Fresh);
        BlobRows.ChangeReferences(session, plan.References);
    }

    /// <summary>The parts of versions that go or are copied refer to blobs too; few batches have such versions.</summary>
    private static async Task ReadPartsOfMultipartAsync(Session session, BatchPlan plan)
    {
        var going = plan.Removed.Where(r => r.PartCount > 0).Select(r => (Row: r, Delta: -1));
        var shared = plan.CopiedParts.Select(c => (Row: c.Source, Delta: 1));
        foreach (var side in going.Concat(shared).GroupBy(v => v.Delta))
            session.QueryEach(
                """
                SELECT p.blob_id FROM {rows} JOIN version_parts p ON p.bucket_id = r.bucket AND p.key = r.key AND p.version_id = r.version
                WHERE p.blob_id IS NOT NULL
                """,
                Named([.. side.Select(v => v.Row)]),
                r => plan.Refer(r.GetGuid(0), side.Key));
        await session.RunAsync();
    }

    private static void Versions(Session session, BatchPlan plan)
    {
        session.AddEach(
            "UPDATE versions SET is_current = FALSE FROM {rows} WHERE versions.bucket_id = r.bucket AND versions.key = r.key AND " +
                "versions.version_id = r.version",
            Named(plan.Demoted));
        session.AddEach(
            "DELETE FROM versions WHERE (bucket_id, key, version_id) IN (SELECT r.bucket, r.key, r.version FROM {rows})",
            Named(plan.Removed));
        var added = RowSet.Over(plan.Added)
            .With("bucket", v => v.Row.Key.Bucket)
            .With("key", v => v.Row.Key.Key)
            .With("version", v => v.Row.Version)
            .With("is_null", v => v.Row.IsNull)
            .With("marker", v => v.Row.IsDeleteMarker)
            .With("size", v => v.Row.Size)
            .With("etag", v => v.Row.ETag)
            .With("modified", v => v.Row.LastModified)
            .With("parts", v => v.Row.PartCount)
            .With("blob", v => v.Row.Blob)
            .With("attempt", v => v.Attempt.Value)
            .With("owner", v => v.Properties.Owner)
            .With("class", v => v.Properties.StorageClass)
            .With("algorithm", v => (int?)v.Properties.Checksum?.Algorithm)
            .With("type", v => (int?)v.Properties.Checksum?.Type)
            .With("properties", v => v.Row.Properties)
            .With("tags", v => v.Row.Tags);
        session.AddEach(
            """
            INSERT INTO versions (bucket_id, key, version_id, revision, is_current, is_null, is_delete_marker, size, etag, last_modified,
                part_count, blob_id,
                attempt_id, owner, storage_class, checksum_algorithm, checksum_type, properties, tags)
            SELECT r.bucket, r.key, r.version, 1, TRUE, r.is_null, r.marker, r.size, r.etag, r.modified, r.parts, r.blob,
                r.attempt, r.owner, r.class, r.algorithm, r.type, r.properties, r.tags FROM {rows}
            """,
            added);
        session.AddEach(
            "UPDATE versions SET is_current = TRUE FROM {rows} WHERE versions.bucket_id = r.bucket AND versions.key = r.key AND " +
                "versions.version_id = r.version",
            Named(plan.Promoted));
    }

    private static void Parts(Session session, BatchPlan plan)
    {
        // Copies first: the source may be the version that goes (a file copied onto itself).
        session.AddEach(
            """
            INSERT INTO version_parts (bucket_id, key, version_id, part_number, blob_id, size, etag, checksum_algorithm, checksum_type,
                checksum_value, payload_offset)
            SELECT r.to_bucket, r.to_key, r.to_version, p.part_number, p.blob_id, p.size, p.etag, p.checksum_algorithm, p.checksum_type,
                p.checksum_value, p.payload_offset
            FROM {rows} JOIN version_parts p ON p.bucket_id = r.bucket AND p.key = r.key AND p.version_id = r.version
            """,
            RowSet.Over(plan.CopiedParts)
                .With("bucket", c => c.Source.Key.Bucket).With("key", c => c.Source.Key.Key).With("version", c => c.Source.Version)
                .With("to_bucket", c => c.Copy.Key.Bucket).With("to_key", c => c.Copy.Key.Key).With("to_version", c => c.Copy.Version));
        session.AddEach(
            "DELETE FROM version_parts WHERE (bucket_id, key, version_id) IN (SELECT r.bucket, r.key, r.version FROM {rows})",
            Named([.. plan.Removed.Where(r => r.PartCount > 0)]));
        session.AddEach(
            """
            INSERT INTO version_parts (bucket_id, key, version_id, part_number, blob_id, size, etag, checksum_algorithm, checksum_type,
                checksum_value, payload_offset)
            SELECT r.bucket, r.key, r.version, r.number, r.blob, r.size, r.etag, r.algorithm, r.type, r.checksum, r.payload FROM {rows}
            """,
            RowSet.Over(plan.AddedParts)
                .With("bucket", p => p.Key.Bucket).With("key", p => p.Key.Key).With("version", p => p.Version).With("number", p => p.Number)
                .With("blob", p => p.Blob).With("size", p => p.Size).With("etag", p => p.ETag)
                .With("algorithm", p => (int?)p.Checksum?.Algorithm).With("type", p => (int?)p.Checksum?.Type)
                    .With("checksum", p => p.Checksum?.Value)
                .With("payload", p => p.PayloadOffset));
    }

    private static void Keys(Session session, BatchState state, BatchPlan plan)
    {
        var kept = state.Keys.Where(k => k.Value.Current != 0 && plan.ChangedKeys.Contains(k.Key)).OrderBy(k => k.Key).ToArray();
        session.AddEach(
            """
            UPDATE keys SET last_version = r.newest, current_version = r.visible, null_version = r.unnamed
            FROM {rows} WHERE keys.bucket_id = r.bucket AND keys.key = r.key
            """,
            RowSet.Over(kept)
                .With("bucket", k => k.Key.Bucket).With("key", k => k.Key.Key)
                .With("newest", k => k.Value.Last).With("visible", k => k.Value.Current).With("unnamed", k => k.Value.Null));
        // P15: with nothing left the row goes, under its lock; whoever waits for it finds none and inserts again. New numbers come from the
        // sequence, so they rise on.
        var empty = state.Keys.Where(k => k.Value.Current == 0).Select(k => k.Key).Order().ToArray();
        session.AddEach(
            "DELETE FROM keys WHERE (bucket_id, key) IN (SELECT r.bucket, r.key FROM {rows})",
            RowSet.Over(empty).With("bucket", k => k.Bucket).With("key", k => k.Key));
    }

    private static void Uploads(Session session, BatchPlan plan)
    {
        var completed = RowSet.Over(plan.CompletedUploads).With("upload", u => u.Upload);
        session.AddEach("DELETE FROM parts WHERE upload_id IN (SELECT r.upload FROM {rows})", completed);
        session.AddEach(
            "UPDATE uploads SET completed = {now}, result = r.result FROM {rows} WHERE uploads.upload_id = r.upload",
            RowSet.Over(plan.CompletedUploads).With("upload", u => u.Upload).With("result", u => Documents.Write(u.Result)));
    }

    private static void Usage(Session session, BatchPlan plan) =>
        session.AddEach(
            "INSERT INTO usage_deltas (bucket_id, files, versions, bytes) SELECT r.bucket, r.files, r.versions, r.bytes FROM {rows}",
            RowSet.Over(plan.Usage.Where(u => u.Value != default).ToArray())
                .With("bucket", u => u.Key).With("files", u => u.Value.Files).With("versions", u => u.Value.Versions)
                    .With("bytes", u => u.Value.Bytes));

    private static RowSet<VersionRow> Named(IReadOnlyCollection<VersionRow> versions) =>
        RowSet.Over(versions).With("bucket", v => v.Key.Bucket).With("key", v => v.Key.Key).With("version", v => v.Version);
}
