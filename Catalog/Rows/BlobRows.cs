using OrleansDfs.Catalog.Engines;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Rows;

/// <summary>
/// Blobs, their extents and their reference counts (P23). A blob's row is locked after all others, in the order of the ids; at zero references the
/// blob and its
/// extents go in the same transaction, and what they took of each chunk is noted as freed.
/// </summary>
internal static class BlobRows
{
    /// <summary>Collects inserts of fresh blobs with one reference each. Their chunks have been locked and judged (P16).</summary>
    public static void AddFresh(Session session, IReadOnlyList<WrittenBlob> blobs)
    {
        var sorted = blobs.OrderBy(b => b.Blob.Value).ToArray();
        session.AddEach(
            "INSERT INTO blobs (blob_id, length, refs, created) SELECT r.blob, r.length, 1, {now} FROM {rows}",
            RowSet.Over(sorted).With("blob", b => b.Blob.Value).With("length", b => b.Length));
        session.AddEach(
            """
            INSERT INTO extents (blob_id, ordinal, chunk_id, start_at, end_at, length, payload_offset)
            SELECT r.blob, r.ordinal, r.chunk, r.start_at, r.end_at, r.length, r.payload FROM {rows}
            """,
            RowSet.Over(sorted.SelectMany(Placed).ToArray())
                .With("blob", e => e.Blob)
                .With("ordinal", e => e.Ordinal)
                .With("chunk", e => e.Extent.Chunk.Value)
                .With("start_at", e => e.Extent.Start)
                .With("end_at", e => e.Extent.End)
                .With("length", e => e.Extent.Length)
                .With("payload", e => e.PayloadOffset));
    }

    /// <summary>Collects changes of reference counts, and the end of blobs that reach zero.</summary>
    public static void ChangeReferences(Session session, IReadOnlyDictionary<Guid, int> deltas)
    {
        var changed = deltas.Where(d => d.Value != 0).OrderBy(d => d.Key).ToArray();
        if (changed.Length == 0) return;
        var blobs = RowSet.Over(changed).With("blob", d => d.Key);
        if (changed.Length > 1) // one alone is in order, and the UPDATE locks it
            session.QueryEach(
                "SELECT b.blob_id FROM {rows} JOIN blobs b ON b.blob_id = r.blob ORDER BY b.blob_id {for update of b}", blobs, _ => { });
        session.AddEach(
            "UPDATE blobs SET refs = refs + r.delta FROM {rows} WHERE blobs.blob_id = r.blob",
            RowSet.Over(changed).With("blob", d => d.Key).With("delta", d => d.Value));
        if (changed.All(d => d.Value > 0)) return;
        session.AddEach(
            """
            INSERT INTO freed_extents (chunk_id, bytes)
            SELECT e.chunk_id, CAST(SUM(e.end_at - e.start_at) AS BIGINT)
            FROM {rows} JOIN blobs b ON b.blob_id = r.blob AND b.refs <= 0 JOIN extents e ON e.blob_id = b.blob_id
            GROUP BY e.chunk_id
            """, blobs);
        session.AddEach("DELETE FROM extents WHERE blob_id IN (SELECT b.blob_id FROM {rows} JOIN blobs b ON b.blob_id = r.blob WHERE b.refs <= 0)",
            blobs);
        session.AddEach("DELETE FROM blobs WHERE refs <= 0 AND blob_id IN (SELECT r.blob FROM {rows})", blobs);
    }

    private static IEnumerable<(Guid Blob, int Ordinal, Extent Extent, long PayloadOffset)> Placed(WrittenBlob blob)
    {
        var offset = 0L;
        for (var i = 0; i < blob.Extents.Count; i++)
        {
            yield return (blob.Blob.Value, i, blob.Extents[i], offset);
            offset += blob.Extents[i].Length;
        }
    }
}
