using System.Data.Common;
using OrleansDfs.Catalog.Engines;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Rows;

/// <summary>Reading and locking of bucket rows (P17).</summary>
internal static class BucketRows
{
    private const string Columns = "b.id, b.name, b.revision, b.owner, b.region, b.created, b.versioning, b.object_lock";

    /// <summary>Collects the shared lock that everything takes which happens inside a bucket; the revision comes back, <c>null</c> where there is
    /// no bucket.</summary>
    public static void LockShared(Session session, long id, Action<long> revision) =>
        session.Query("SELECT b.revision FROM buckets b WHERE b.id = @bucket {for share of b}", r => revision(r.GetInt64(0)), ("bucket", id));

    /// <summary>Collects the lock that a change of the bucket takes: it waits for every commit under way there, and they for it.</summary>
    public static void LockForChange(Session session, long id, Action<long> revision) =>
        session.Query("SELECT b.revision FROM buckets b WHERE b.id = @bucket {for update of b}", r => revision(r.GetInt64(0)), ("bucket", id));

    public static CatalogStatus Judge(BucketRef bucket, long? revision)
    {
        if (revision is null) return CatalogStatus.NoSuchBucket;
        return revision == bucket.Revision ? CatalogStatus.Ok : CatalogStatus.BucketChanged;
    }

    public static async Task<BucketInfo?> FindAsync(Session session, long id) =>
        (await ReadAsync(session, "b.id = @id", ("id", id))).SingleOrDefault();

    public static async Task<BucketInfo?> FindAsync(Session session, string name) =>
        (await ReadAsync(session, "b.name = @name", ("name", name))).SingleOrDefault();

    /// <summary>
    /// The revision is read before the documents: if they are newer than it, whoever authorised with them is told "bucket changed" by the commit
    /// and loads again. The
    /// other way round an old policy would pass for the new revision.
    /// </summary>
    public static async Task<List<BucketInfo>> ReadAsync(Session session, string condition, params (string Name, object? Value)[] parameters)
    {
        var buckets = await session.QueryAsync($"SELECT {Columns} FROM buckets b WHERE {condition}", Read, parameters);
        var documents = buckets.ToDictionary(b => b.Id, _ => new Dictionary<string, string>());
        session.QueryEach(
            "SELECT s.bucket_id, s.name, s.document FROM {rows} JOIN bucket_settings s ON s.bucket_id = r.bucket",
            RowSet.Over(documents.Keys).With("bucket", id => id),
            r => documents[r.GetInt64(0)][r.GetString(1)] = r.GetString(2));
        await session.RunAsync();
        return [.. buckets.Select(b => b with { Settings = documents[b.Id] })];
    }

    private static BucketInfo Read(DbDataReader r) => new(
        r.GetInt64(0),
        BucketName.Parse(r.GetString(1)),
        r.GetInt64(2),
        r.GetString(3),
        r.GetString(4),
        r.Time(5),
        (Versioning)r.GetInt32(6),
        r.GetBoolean(7),
        new Dictionary<string, string>());
}
