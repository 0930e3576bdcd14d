using System.Data.Common;
using Microsoft.Extensions.Logging;
using OrleansDfs.Catalog.Commits;
using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Reads;

/// <summary>
/// P20: reads that wait on this process go to the primary database in one query. A read joins only a query that has not been sent yet, so what it
/// sees is not older than its own arrival. Version, extents and, where there are few, the places of their chunks come from one statement, that is one
/// snapshot; places that are asked for after it may be newer.
/// </summary>
internal sealed partial class ReadCoalescer : IAsyncDisposable
{
    private const int Repeats = 5;

    // Few extents have the places of their chunks in the same answer; a row for each replica would be too many for others. Where no extents are
    // wanted the CASE makes a probe for NULL, which is none at all.
    private static readonly string Sql = $$"""
        SELECT r.i, b.revision, {{VersionRow.Columns.Replace("v.properties", "CASE WHEN COALESCE(e.ordinal, 0) = 0 THEN v.properties ELSE '' END")}},
            e.chunk_id, e.start_at, e.end_at, e.length, e.ordinal, c.chunk_id, p.node_id, p.epoch
        FROM {rows}
        LEFT JOIN buckets b ON b.id = r.bucket
        LEFT JOIN keys k ON k.bucket_id = r.bucket AND k.key = r.key
        LEFT JOIN versions v ON v.bucket_id = r.bucket AND v.key = r.key
            AND v.version_id = CASE r.which WHEN 0 THEN k.current_version WHEN 1 THEN k.null_version ELSE r.version END
        LEFT JOIN extents e ON e.ordinal <= r.last_extent AND e.blob_id =
            CASE WHEN r.last_extent >= 0 AND NOT (v.version_id = r.known_version AND v.revision = r.known_revision) THEN v.blob_id END
        LEFT JOIN chunks c ON c.chunk_id = CASE WHEN e.ordinal < {{ReadRequest.FewExtents}} THEN e.chunk_id END
        LEFT JOIN replicas p ON p.chunk_id = c.chunk_id AND {{Manifests.Serves}}
        ORDER BY r.i, e.ordinal, p.epoch
        """;

    private readonly Engine _engine;
    private readonly ILogger _log;
    private readonly Batcher<FileRead> _batcher;

    public ReadCoalescer(Engine engine, CatalogOptions options, TimeProvider time, ILogger log)
    {
        _engine = engine;
        _log = log;
        _batcher = new Batcher<FileRead>(
            options.Readers, options.Crowd, options.MaxBatch, options.MaxWaiting, _ => _ => true, RunAsync, time, options.Simulated);
    }

    public Task<ReadOutcome> ReadAsync(ReadRequest request)
    {
        var read = new FileRead(request);
        if (!_batcher.TryAdd(read)) read.EndUnread(CatalogStatus.Busy);
        return read.Outcome;
    }

    public ValueTask DisposeAsync() => _batcher.DisposeAsync();

    private async Task RunAsync(IReadOnlyList<FileRead> reads)
    {
        try
        {
            var manifests = await _engine.ReadByProbesAsync(session => QueryAsync(session, reads));
            for (var i = 0; i < reads.Count; i++) reads[i].End(manifests[i]);
        }
        catch (CatalogUnavailableException e)
        {
            LogUnavailable(reads.Count, e);
            foreach (var read in reads) read.EndUnread(CatalogStatus.Unavailable);
        }
        catch (Exception e)
        {
            foreach (var read in reads) read.Fail(e);
        }
    }

    private static async Task<ManifestPage?[]> QueryAsync(Session session, IReadOnlyList<FileRead> reads)
    {
        await FindAsync(session, reads);
        var manifests = new ManifestPage?[reads.Count];
        for (var i = 0; i < reads.Count; i++)
        {
            if (!reads[i].WantsManifest) continue;
            manifests[i] = reads[i].Row!.PartCount == 0 ? await PageAsync(session, reads[i]) : await MultipartAsync(session, reads[i]);
        }
        return manifests;
    }

    private static async Task FindAsync(Session session, IReadOnlyList<FileRead> reads)
    {
        session.QueryEach(
            Sql,
            RowSet.Over(reads.Select((r, i) => (r.Request, i)).ToArray())
                .With("i", r => r.i)
                .With("bucket", r => r.Request.Bucket.Id)
                .With("key", r => r.Request.Key.Value)
                .With("which", r => r.Request.Version.IsCurrent ? 0 : r.Request.Version.Null ? 1 : 2)
                .With("version", r => r.Request.Version.Version?.Value ?? 0)
                .With("known_version", r => r.Request.Known?.Version.Value ?? 0)
                .With("known_revision", r => r.Request.Known?.Revision ?? 0)
                .With("last_extent", r => LastExtent(r.Request.Manifest)),
            r => Note(reads[r.GetInt32(0)], r));
        await session.RunAsync();
    }

    /// <summary>One more than is answered, to see whether there are more.</summary>
    private static int LastExtent(ManifestWish wish) => wish switch
    {
        ManifestWish.Page => Manifests.PageSize,
        ManifestWish.IfShort => ReadRequest.FewExtents,
        _ => -1,
    };

    private static void Note(FileRead read, DbDataReader r)
    {
        const int version = 2, extent = version + VersionRow.ColumnCount, ordinal = extent + 4, located = ordinal + 1, replica = located + 1;
        if (read.Row is null)
        {
            read.BucketRevision ??= r.Number(1);
            if (r.IsDBNull(version)) return;
            read.Row = VersionRow.Read(r, version);
        }
        if (r.IsDBNull(extent)) return;
        var chunk = new ChunkId(r.GetInt64(extent));
        var isNext = r.GetInt32(ordinal) is var number && number != read.LastOrdinal;
        if (isNext)
        {
            read.LastOrdinal = number;
            read.Extents.Add(new Extent(chunk, r.GetInt64(extent + 1), r.GetInt64(extent + 2), r.GetInt64(extent + 3)));
        }
        if (r.IsDBNull(located)) return;
        if (isNext) read.Locate(chunk);
        if (!r.IsDBNull(replica)) read.Locate(chunk, new ReplicaAt(new NodeId(r.GetGuid(replica)), r.GetInt64(replica + 1)));
    }

    private static async Task<ManifestPage> PageAsync(Session session, FileRead read)
    {
        var isComplete = read.Extents.Count <= Manifests.PageSize;
        var extents = isComplete ? read.Extents : read.Extents.GetRange(0, Manifests.PageSize);
        var locations = read.LastOrdinal < ReadRequest.FewExtents ? read.Locations : await Manifests.LocateAsync(session, extents);
        return new ManifestPage(0, extents, isComplete, locations);
    }

    /// <summary>The parts come from a second statement; a version that went in between is looked for anew.</summary>
    private static async Task<ManifestPage?> MultipartAsync(Session session, FileRead read)
    {
        for (var i = 0; i < Repeats; i++)
        {
            var row = read.Row!;
            if (row.PartCount == 0) return await PageAsync(session, read);
            if (await Manifests.FromAsync(session, row.Key.Bucket, row.Key.Key, row.Version, 0) is { } page) return page;
            read.Reset();
            await FindAsync(session, [read]);
            if (!read.WantsManifest) return null;
        }
        throw new CatalogUnavailableException("A file changed faster than it could be read.");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} reads found the catalog unavailable")]
    private partial void LogUnavailable(int count, Exception error);
}
