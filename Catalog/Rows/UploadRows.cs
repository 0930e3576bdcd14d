using System.Data.Common;
using OrleansDfs.Catalog.Engines;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Rows;

internal static class UploadRows
{
    public const string Columns =
        "u.upload_id, u.bucket_id, u.key, u.initiator, u.initiated, u.properties, u.tags, u.checksum_algorithm, u.checksum_type";

    public static UploadInfo Read(DbDataReader r) => new(
        new UploadId(r.GetGuid(0)),
        r.GetInt64(1),
        ObjectKey.Parse(r.GetString(2)),
        r.GetString(3),
        r.Time(4),
        Documents.ReadProperties(r.GetString(5)),
        Documents.ReadTags(r.GetString(6)),
        (ChecksumAlgorithm?)r.Number(7),
        (ChecksumType?)r.Number(8));

    public static UploadPart ReadPart(DbDataReader r) =>
        new(r.GetInt32(0), new BlobId(r.GetGuid(1)), r.GetInt64(2), r.GetString(3), r.Time(4), r.Checksum(5));

    /// <summary>Removes uploads whose rows are locked, with their parts and the bytes of these.</summary>
    public static async Task RemoveAsync(Session session, IReadOnlyCollection<Guid> uploads)
    {
        var rows = RowSet.Over(uploads).With("upload", u => u);
        var blobs = await session.QueryEachAsync(
            "SELECT p.blob_id FROM {rows} JOIN parts p ON p.upload_id = r.upload WHERE p.blob_id IS NOT NULL", rows, r => r.GetGuid(0));
        session.AddEach("DELETE FROM parts WHERE upload_id IN (SELECT r.upload FROM {rows})", rows);
        session.AddEach("DELETE FROM uploads WHERE upload_id IN (SELECT r.upload FROM {rows})", rows);
        BlobRows.ChangeReferences(session, blobs.ToDictionary(b => b, _ => -1));
        await session.RunAsync();
    }
}
