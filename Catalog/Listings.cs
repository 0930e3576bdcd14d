using System.Data.Common;
using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Reads;
using OrleansDfs.Catalog.Rows;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog;

/// <summary>Pages of what a bucket holds, in the order of the keys' bytes. A page costs O(page) whatever the bucket's size (DESIGN §5).</summary>
public sealed class Listings
{
    private const string FileColumns =
        "v.key, v.version_id, v.is_null, v.is_current, v.is_delete_marker, v.size, v.etag, v.last_modified, v.owner, v.storage_class, " +
            "v.checksum_algorithm, v.checksum_type";

    private static readonly ListingSource<ListedFile> Visible = new(
        "versions t WHERE t.bucket_id = @bucket AND t.is_current AND NOT t.is_delete_marker",
        $"""
        SELECT {FileColumns} FROM versions v
        WHERE v.bucket_id = @bucket AND v.is_current AND NOT v.is_delete_marker AND v.key >= @first AND v.key < @end ORDER BY v.key LIMIT @limit
        """,
        $$"""
        SELECT {{FileColumns}} FROM {rows} JOIN versions v ON v.bucket_id = @bucket AND v.key = r.key
        WHERE v.is_current AND NOT v.is_delete_marker
        """,
        ReadFile,
        f => f.Key.Value);

    private static readonly ListingSource<ListedFile> All = new(
        "keys t WHERE t.bucket_id = @bucket",
        $"""
        SELECT {FileColumns} FROM versions v
        WHERE v.bucket_id = @bucket AND v.key >= @first AND v.key < @end ORDER BY v.key, v.version_id DESC LIMIT @limit
        """,
        null,
        ReadFile,
        f => f.Key.Value);

    private static readonly ListingSource<UploadInfo> InProgress = new(
        "uploads t WHERE t.bucket_id = @bucket AND t.completed IS NULL",
        $"""
        SELECT {UploadRows.Columns} FROM uploads u
        WHERE u.bucket_id = @bucket AND u.completed IS NULL AND u.key >= @first AND u.key < @end ORDER BY u.key, u.upload_id LIMIT @limit
        """,
        null,
        UploadRows.Read,
        u => u.Key.Value);

    private const string OlderVersions =
        $"SELECT {FileColumns} FROM versions v WHERE v.bucket_id = @bucket AND v.key = @key AND v.version_id < @version " +
        "ORDER BY v.version_id DESC LIMIT @limit";

    private const string LaterUploads = $"""
        SELECT {UploadRows.Columns} FROM uploads u
        WHERE u.bucket_id = @bucket AND u.key = @key AND u.completed IS NULL AND u.upload_id > @upload ORDER BY u.upload_id LIMIT @limit
        """;

    private readonly Engine _engine;

    internal Listings(Engine engine) => _engine = engine;

    /// <summary>Ok, NoSuchBucket, BucketChanged.</summary>
    public Task<(CatalogStatus Status, FilePage? Page)> FilesAsync(ListFilesRequest request, CancellationToken cancellation = default) =>
        PageAsync(request.Bucket, request.Limit, async (session, limit) =>
        {
            var range = ListingRange.Of(request.Prefix, request.Delimiter, request.After);
            var items = await new ListingPages<ListedFile>(session, Visible, request.Bucket.Id, range, limit + 1).ReadAsync();
            var last = Cut(items, limit);
            return new FilePage(RowsOf(items), PrefixesOf(items), last is null ? null : last.Value.CommonPrefix ?? last.Value.Row!.Key.Value);
        }, cancellation);

    /// <summary>Ok, NoSuchBucket, BucketChanged.</summary>
    public Task<(CatalogStatus Status, VersionPage? Page)> VersionsAsync(ListVersionsRequest request, CancellationToken cancellation = default) =>
        PageAsync(request.Bucket, request.Limit, async (session, limit) =>
        {
            var range = ListingRange.Of(request.Prefix, request.Delimiter, request.AfterKey);
            var items = request.AfterVersion is { } version && IsWithin(range, request.AfterKey)
                ? await RestOfKeyAsync(session, OlderVersions, ReadFile, limit, ("bucket", request.Bucket.Id), ("key", request.AfterKey),
                    ("version", version.Value))
                : [];
            items.AddRange(await new ListingPages<ListedFile>(session, All, request.Bucket.Id, range, limit + 1 - items.Count).ReadAsync());
            var last = Cut(items, limit);
            return new VersionPage(RowsOf(items), PrefixesOf(items), last?.CommonPrefix ?? last?.Row?.Key.Value, last?.Row?.Version);
        }, cancellation);

    /// <summary>Ok, NoSuchBucket, BucketChanged.</summary>
    public Task<(CatalogStatus Status, UploadPage? Page)> UploadsAsync(ListUploadsRequest request, CancellationToken cancellation = default) =>
        PageAsync(request.Bucket, request.Limit, async (session, limit) =>
        {
            var range = ListingRange.Of(request.Prefix, request.Delimiter, request.AfterKey);
            var items = request.AfterUpload is { } upload && IsWithin(range, request.AfterKey)
                ? await RestOfKeyAsync(
                    session, LaterUploads, UploadRows.Read, limit, ("bucket", request.Bucket.Id), ("key", request.AfterKey), ("upload", upload.Value))
                : [];
            items.AddRange(await new ListingPages<UploadInfo>(session, InProgress, request.Bucket.Id, range, limit + 1 - items.Count).ReadAsync());
            var last = Cut(items, limit);
            return new UploadPage(RowsOf(items), PrefixesOf(items), last?.CommonPrefix ?? last?.Row?.Key.Value, last?.Row?.Upload);
        }, cancellation);

    private Task<(CatalogStatus Status, T? Page)> PageAsync<T>(BucketRef bucket, int limit, Func<Session, int, Task<T>> read,
        CancellationToken cancellation)
        where T : class =>
        _engine.ReadAsync<(CatalogStatus, T?)>(
            async session =>
            {
                var revision = (await session.QueryAsync("SELECT revision FROM buckets WHERE id = @bucket", r => (long?)r.GetInt64(0),
                    ("bucket", bucket.Id))).SingleOrDefault();
                var status = BucketRows.Judge(bucket, revision);
                return status == CatalogStatus.Ok ? (status, await read(session, Math.Max(0, limit))) : (status, null);
            },
            cancellation);

    /// <summary>A marker inside a key goes on there, unless that key is rolled up or lies outside the prefix.</summary>
    private static bool IsWithin(ListingRange range, string key) =>
        key.StartsWith(range.Prefix, StringComparison.Ordinal) && range.CommonPrefix(key) is null;

    private static async Task<List<ListingItem<T>>> RestOfKeyAsync<T>(
        Session session, string sql, Func<DbDataReader, T> read, int limit, params (string Name, object? Value)[] parameters) =>
        [.. (await session.QueryAsync(sql, read, [.. parameters, ("limit", limit + 1)])).Select(row => new ListingItem<T>(row, null))];

    /// <summary>Cuts what is over the limit; answers the last item left if there was more, which is where the next page begins.</summary>
    private static ListingItem<T>? Cut<T>(List<ListingItem<T>> items, int limit)
    {
        if (items.Count <= limit || limit == 0)
        {
            if (limit == 0) items.Clear();
            return null;
        }
        items.RemoveRange(limit, items.Count - limit);
        return items[^1];
    }

    private static List<T> RowsOf<T>(List<ListingItem<T>> items) => [.. items.Where(i => i.CommonPrefix is null).Select(i => i.Row!)];

    private static List<string> PrefixesOf<T>(List<ListingItem<T>> items) => [.. items.Select(i => i.CommonPrefix).OfType<string>()];

    private static ListedFile ReadFile(DbDataReader r) => new(
        ObjectKey.Parse(r.GetString(0)),
        new VersionId(r.GetInt64(1)),
        r.GetBoolean(2),
        r.GetBoolean(3),
        r.GetBoolean(4),
        r.GetInt64(5),
        r.GetString(6),
        r.Time(7),
        r.GetString(8),
        r.Text(9),
        (ChecksumAlgorithm?)r.Number(10),
        (ChecksumType?)r.Number(11));
}
