using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Commits;

/// <summary>A key's row as locked, with the versions that the batch may need.</summary>
internal sealed class KeyState
{
    public long Last { get; set; }
    public long Current { get; set; }
    public long Null { get; set; }

    /// <summary>Newest version before the current one; 0 where there is none. Read only for deletes of one version.</summary>
    public long BeforeCurrent { get; set; }
    public Dictionary<long, VersionRow> Versions { get; } = [];
    public VersionRow? CurrentRow => Versions.GetValueOrDefault(Current);

    /// <summary>What conditions are judged on: a delete marker counts as nothing.</summary>
    public string? VisibleETag => CurrentRow is { IsDeleteMarker: false } row ? row.ETag : null;
}

/// <summary>An upload's row as locked, with its parts.</summary>
/// <param name="Initiated">Microseconds by the database's clock.</param>
internal sealed record UploadState(KeyId Key, long Initiated, bool Completed, string? Result, string Tags)
{
    public Dictionary<int, PartState> Parts { get; } = [];
}

/// <param name="Stored">Length of its blob; a part's size is that of its plaintext.</param>
internal sealed record PartState(Guid PartId, Guid? Blob, long Stored);

/// <summary>
/// All that a batch is judged on, read in one round trip in the lock order of PROTOCOL §5: buckets shared, keys in order (copy sources too),
/// uploads, then chunks by
/// id. Versions have no locks of their own: they change only under the lock of their key. Each read comes in a statement after its lock.
/// </summary>
internal sealed class BatchState
{
    /// <summary>More newer versions than any rule asks for (NewerNoncurrentVersions is 100 at most, and the current one).</summary>
    private const int MaxNewer = 101;

    private BatchState(ChunkLocks chunks) => Chunks = chunks;

    public Dictionary<long, (long Revision, Versioning Versioning)> Buckets { get; } = [];
    public Dictionary<KeyId, KeyState> Keys { get; } = [];
    public Dictionary<Guid, UploadState> Uploads { get; } = [];
    public ChunkLocks Chunks { get; }

    /// <summary>Versions above which a delete wants newer ones, and has as many (<see cref="SeenVersion.Newer"/>).</summary>
    public HashSet<(KeyId Key, long Version)> WithNewer { get; } = [];

    /// <summary>The database's clock after the locks, in microseconds.</summary>
    public long Now { get; private set; }

    /// <summary>Numbers for new versions, drawn under the locks (P15).</summary>
    public List<long> Drawn { get; } = [];

    public static async Task<BatchState> LoadAsync(Session session, IReadOnlyList<FileWrite> writes)
    {
        LockBuckets(session, writes, out var buckets);
        var keys = LockKeys(session, writes);
        var uploads = LockUploads(session, writes);
        ReadVersions(session, writes, keys);
        var state = new BatchState(ChunkLocks.Take(session, writes.Select(w => w.Fresh).OfType<WrittenBlob>()));
        state.CountNewer(session, writes);
        session.Draw("version_ids", writes.Count, state.Drawn, now => state.Now = now);
        await session.RunAsync();

        foreach (var (id, row) in buckets) state.Buckets[id] = row;
        foreach (var (id, row) in keys) state.Keys[id] = row;
        foreach (var (id, row) in uploads) state.Uploads[id] = row;
        foreach (var write in writes)
            if (!state.Keys.ContainsKey(write.Key)) throw new TransactionRetryException("A key's row went between its insert and its lock (P15).");
        return state;
    }

    /// <summary>P17.</summary>
    private static void LockBuckets(Session session, IReadOnlyList<FileWrite> writes, out Dictionary<long, (long, Versioning)> found)
    {
        var rows = new Dictionary<long, (long, Versioning)>();
        var sources = writes.Select(w => w.SourceBucket).OfType<BucketRef>();
        var ids = writes.Select(w => w.Bucket).Concat(sources).Select(b => b.Id).Distinct().Order().ToArray();
        session.QueryEach(
            "SELECT b.id, b.revision, b.versioning FROM {rows} JOIN buckets b ON b.id = r.bucket ORDER BY b.id {for share of b}",
            RowSet.Over(ids).With("bucket", id => id),
            r => rows[r.GetInt64(0)] = (r.GetInt64(1), (Versioning)r.GetInt32(2)));
        found = rows;
    }

    /// <summary>P15: every key has a row, made if need be, then locked.</summary>
    private static Dictionary<KeyId, KeyState> LockKeys(Session session, IReadOnlyList<FileWrite> writes)
    {
        var keys = new Dictionary<KeyId, KeyState>();
        var own = writes.Select(w => w.Key).Order().ToArray();
        var all = own.Concat(writes.Select(w => w.Source).OfType<KeyId>()).Distinct().Order().ToArray();
        session.AddEach(
            """
            INSERT INTO keys (bucket_id, key, last_version, current_version, null_version)
            SELECT r.bucket, r.key, 0, 0, 0 FROM {rows} WHERE TRUE ON CONFLICT DO NOTHING
            """,
            RowSet.Over(own).With("bucket", k => k.Bucket).With("key", k => k.Key));
        session.QueryEach(
            """
            SELECT k.bucket_id, k.key, k.last_version, k.current_version, k.null_version
            FROM {rows} JOIN keys k ON k.bucket_id = r.bucket AND k.key = r.key
            ORDER BY k.bucket_id, k.key {for update of k}
            """,
            RowSet.Over(all).With("bucket", k => k.Bucket).With("key", k => k.Key),
            r => keys[new KeyId(r.GetInt64(0), r.GetString(1))] =
                new KeyState { Last = r.GetInt64(2), Current = r.GetInt64(3), Null = r.GetInt64(4) });
        return keys;
    }

    private static Dictionary<Guid, UploadState> LockUploads(Session session, IReadOnlyList<FileWrite> writes)
    {
        var uploads = new Dictionary<Guid, UploadState>();
        var ids = writes.OfType<CompleteWrite>().Select(w => w.Request.Upload.Value).Distinct().Order().ToArray();
        var rows = RowSet.Over(ids).With("upload", u => u);
        session.QueryEach(
            """
            SELECT u.upload_id, u.bucket_id, u.key, u.completed, u.result, u.tags, u.initiated
            FROM {rows} JOIN uploads u ON u.upload_id = r.upload ORDER BY u.upload_id {for update of u}
            """,
            rows,
            r => uploads[r.GetGuid(0)] =
                new UploadState(new KeyId(r.GetInt64(1), r.GetString(2)), r.GetInt64(6), !r.IsDBNull(3), r.Text(4), r.GetString(5)));
        session.QueryEach(
            """
            SELECT p.upload_id, p.part_number, p.part_id, p.blob_id, COALESCE(b.length, 0)
            FROM {rows} JOIN parts p ON p.upload_id = r.upload LEFT JOIN blobs b ON b.blob_id = p.blob_id
            """,
            rows,
            r => uploads[r.GetGuid(0)].Parts[r.GetInt32(1)] = new PartState(r.GetGuid(2), r.Id(3), r.GetInt64(4)));
        return uploads;
    }

    private void CountNewer(Session session, IReadOnlyList<FileWrite> writes)
    {
        var wanted = writes.OfType<DeleteWrite>().Where(d => d.Request.Seen is { Newer: > 0 }).ToArray();
        session.QueryEach(
            $$"""
            SELECT r.bucket, r.key, r.version FROM {rows} WHERE r.newer <= (
                SELECT COUNT(*) FROM (
                    SELECT 1 FROM versions v WHERE v.bucket_id = r.bucket AND v.key = r.key AND v.version_id > r.version LIMIT {{MaxNewer}}) AS n)
            """,
            RowSet.Over(wanted)
                .With("bucket", d => d.Key.Bucket).With("key", d => d.Key.Key)
                .With("version", d => d.Request.Seen!.Version.Value).With("newer", d => Math.Min(d.Request.Seen!.Newer, MaxNewer)),
            r => WithNewer.Add((new KeyId(r.GetInt64(0), r.GetString(1)), r.GetInt64(2))));
    }

    /// <summary>The current and the null version of every key, and the versions that deletes and copies name.</summary>
    private static void ReadVersions(Session session, IReadOnlyList<FileWrite> writes, Dictionary<KeyId, KeyState> keys)
    {
        var wanted = writes.Select(w => (w.Key, Version: w is DeleteWrite d ? d.Request.Version.Version?.Value ?? 0 : 0))
            .Concat(writes.OfType<CopyWrite>().Select(w => (Key: w.Source!.Value, Version: w.Request.SourceVersion.Value)))
            .Distinct()
            .ToArray();
        session.QueryEach(
            $$"""
            SELECT {{VersionRow.Columns}}
            FROM {rows}
            JOIN keys k ON k.bucket_id = r.bucket AND k.key = r.key
            JOIN versions v ON v.bucket_id = k.bucket_id AND v.key = k.key AND v.version_id {any k.current_version, k.null_version, r.version}
            """,
            RowSet.Over(wanted).With("bucket", w => w.Key.Bucket).With("key", w => w.Key.Key).With("version", w => w.Version),
            r => Note(VersionRow.Read(r)));
        var deletes = writes.OfType<DeleteWrite>().Select(w => w.Key).ToArray();
        session.QueryEach(
            $$"""
            SELECT {{VersionRow.Columns}}
            FROM {rows}
            JOIN keys k ON k.bucket_id = r.bucket AND k.key = r.key
            JOIN versions v ON v.bucket_id = k.bucket_id AND v.key = k.key AND v.version_id = (
                SELECT MAX(p.version_id) FROM versions p WHERE p.bucket_id = k.bucket_id AND p.key = k.key AND p.version_id < k.current_version)
            """,
            RowSet.Over(deletes).With("bucket", k => k.Bucket).With("key", k => k.Key),
            r =>
            {
                var row = VersionRow.Read(r);
                if (Note(row)) keys[row.Key].BeforeCurrent = row.Version;
            });

        // P15: a row that the lock did not find may be there again by now, made by another. It is not locked, so it does not count.
        bool Note(VersionRow row)
        {
            if (!keys.TryGetValue(row.Key, out var key)) return false;
            key.Versions[row.Version] = row;
            return true;
        }
    }
}
