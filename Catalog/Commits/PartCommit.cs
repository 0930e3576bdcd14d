using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Commits;

/// <summary>The transaction of one uploaded part: bucket shared, upload row, chunks shared (P16), then the part and its blob (PROTOCOL §5).</summary>
internal static class PartCommit
{
    public static async Task<PutPartOutcome> RunAsync(Session session, PutPartRequest request)
    {
        long? revision = null;
        var found = false;
        (Guid? Blob, bool Exists) older = default;
        var now = 0L;
        BucketRows.LockShared(session, request.Bucket.Id, r => revision = r);
        session.Query(
            "SELECT 1 FROM uploads WHERE upload_id = @upload AND bucket_id = @bucket AND key = @key AND completed IS NULL {for update}",
            _ => found = true,
            ("upload", request.Upload.Value), ("bucket", request.Bucket.Id), ("key", request.Key.Value));
        session.Query(
            "SELECT blob_id FROM parts WHERE upload_id = @upload AND part_number = @number",
            r => older = (r.Id(0), true),
            ("upload", request.Upload.Value), ("number", request.Number));
        var chunks = ChunkLocks.Take(session, [request.Blob]);
        session.Query("SELECT {now}", r => now = r.GetInt64(0));
        await session.RunAsync();
        if (BucketRows.Judge(request.Bucket, revision) is var status and not CatalogStatus.Ok) return new PutPartOutcome(status, null);
        if (!found) return new PutPartOutcome(CatalogStatus.NoSuchUpload, null);
        if (!chunks.Hold(request.Blob)) return new PutPartOutcome(CatalogStatus.BytesLost, null);

        var hasBytes = request.Blob.Extents.Count > 0;
        if (hasBytes) BlobRows.AddFresh(session, [request.Blob]);
        session.Add(
            """
            INSERT INTO parts (upload_id, part_number, blob_id, part_id, size, etag, last_modified, checksum_algorithm, checksum_type,
                checksum_value, attempt_id)
            VALUES (@upload, @number, @blob, @part, @size, @etag, @now, CAST(@algorithm AS INTEGER), CAST(@type AS INTEGER),
                CAST(@checksum AS TEXT), @attempt)
            ON CONFLICT (upload_id, part_number) DO UPDATE SET blob_id = excluded.blob_id, part_id = excluded.part_id, size = excluded.size,
                etag = excluded.etag,
                last_modified = excluded.last_modified, checksum_algorithm = excluded.checksum_algorithm, checksum_type = excluded.checksum_type,
                checksum_value = excluded.checksum_value, attempt_id = excluded.attempt_id
            """,
            ("upload", request.Upload.Value), ("number", request.Number), ("blob", hasBytes ? request.Blob.Blob.Value : null),
                ("part", request.Blob.Blob.Value),
            ("size", request.PlainLength ?? request.Blob.Length), ("etag", request.ETag), ("now", now),
                ("algorithm", (int?)request.Checksum?.Algorithm),
            ("type", (int?)request.Checksum?.Type), ("checksum", request.Checksum?.Value), ("attempt", request.Attempt.Value));
        if (older.Blob is { } freed) BlobRows.ChangeReferences(session, new Dictionary<Guid, int> { [freed] = -1 });
        await session.RunAsync();
        var part = new UploadPart(
            request.Number, request.Blob.Blob, request.PlainLength ?? request.Blob.Length, request.ETag,
            MicrosecondClock.FromMicroseconds(now), request.Checksum);
        return new PutPartOutcome(CatalogStatus.Ok, part);
    }
}
