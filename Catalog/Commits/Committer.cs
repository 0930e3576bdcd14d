using Microsoft.Extensions.Logging;
using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Commits;

/// <summary>
/// The process's one batching writer of files (PROTOCOL §5). A batch is one transaction with one outcome per write. An error that one write's data
/// or lock may have caused
/// makes the batch run again write by write, so that it meets only the one that caused it. After a connection lost at COMMIT every write is looked
/// up by its
/// attempt id and never committed again (P18).
/// </summary>
internal sealed partial class Committer : IAsyncDisposable
{
    private static readonly TimeSpan LookupPause = TimeSpan.FromMilliseconds(200);
    private const int Lookups = 10;

    private readonly Engine _engine;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Batcher<FileWrite> _batcher;

    public Committer(Engine engine, CatalogOptions options, TimeProvider time, ILogger log)
    {
        _engine = engine;
        _time = time;
        _log = log;
        var workers = engine is PostgresEngine ? options.Committers : 1;
        _batcher = new Batcher<FileWrite>(workers, options.Crowd, options.MaxBatch, options.MaxWaiting, Admit, RunAsync, time, options.Simulated);
    }

    public void Add(FileWrite write)
    {
        if (!_batcher.TryAdd(write)) write.End(CatalogStatus.Busy, null);
    }

    public ValueTask DisposeAsync() => _batcher.DisposeAsync();

    /// <summary>A write joins a batch unless it writes a key that another there reads or writes, or reads one that another writes: it waits for the
    /// next batch.</summary>
    private static Predicate<FileWrite> Admit(IReadOnlyList<FileWrite> chosen)
    {
        var written = new HashSet<KeyId>();
        var read = new HashSet<KeyId>();
        var uploads = new HashSet<UploadId>();
        var noted = 0;
        return write =>
        {
            for (; noted < chosen.Count; noted++) Note(chosen[noted]);
            return !written.Contains(write.Key) && !read.Contains(write.Key) && !(write.Source is { } source && written.Contains(source))
                && !(write is CompleteWrite complete && uploads.Contains(complete.Request.Upload));
        };

        void Note(FileWrite write)
        {
            written.Add(write.Key);
            if (write.Source is { } source) read.Add(source);
            if (write is CompleteWrite complete) uploads.Add(complete.Request.Upload);
        }
    }

    private async Task RunAsync(IReadOnlyList<FileWrite> writes)
    {
        try
        {
            var ends = await _engine.WriteByProbesAsync(session => TransactAsync(session, writes));
            for (var i = 0; i < writes.Count; i++) writes[i].End(ends[i].Status, ends[i].Result);
        }
        catch (CatalogOutcomeUnknownException e)
        {
            LogUnknown(writes.Count, e);
            await LookUpAsync(writes);
        }
        catch (CatalogUnavailableException e) when (writes.Count == 1 || !MayBeOneWritesFault(e))
        {
            LogUnavailable(writes.Count, e);
            foreach (var write in writes) write.End(CatalogStatus.Unavailable, null);
        }
        catch (Exception) when (writes.Count > 1)
        {
            foreach (var write in writes) await RunAsync([write]);
        }
        catch (Exception e)
        {
            writes[0].Fail(e);
        }
    }

    private bool MayBeOneWritesFault(CatalogUnavailableException e) =>
        e.InnerException is System.Data.Common.DbException d && _engine is PostgresEngine && _engine.Classify(d) == FaultKind.LockTimeout;

    private static async Task<(CatalogStatus Status, WriteResult? Result)[]> TransactAsync(Session session, IReadOnlyList<FileWrite> writes)
    {
        var state = await BatchState.LoadAsync(session, writes);
        var plan = new BatchPlan(state);
        var judge = new BatchJudge(state, plan);
        var ends = writes.Select(judge.Judge).ToArray();
        await BatchStatements.CollectAsync(session, state, plan);
        return ends;
    }

    /// <summary>P18. Found: it was committed. Not found: it may still be on its way, or was overwritten since: unknown, and the bytes are
    /// kept.</summary>
    private async Task LookUpAsync(IReadOnlyList<FileWrite> writes)
    {
        for (var attempt = 1; attempt <= Lookups; attempt++)
        {
            try
            {
                var found = await _engine.ReadAsync(session => FindAttemptsAsync(session, writes));
                foreach (var write in writes)
                    if (found.TryGetValue(write.Attempt.Value, out var row)) write.End(CatalogStatus.Ok, new WriteResult(row.ToFileVersion(), null));
                    else write.End(CatalogStatus.Unknown, null);
                return;
            }
            catch (CatalogUnavailableException) when (attempt < Lookups)
            {
                await Task.Delay(LookupPause, _time);
            }
            catch (Exception e)
            {
                LogUnavailable(writes.Count, e);
                break;
            }
        }
        foreach (var write in writes) write.End(CatalogStatus.Unknown, null);
    }

    private static async Task<Dictionary<Guid, VersionRow>> FindAttemptsAsync(Session session, IReadOnlyList<FileWrite> writes)
    {
        var found = new Dictionary<Guid, VersionRow>();
        session.QueryEach(
            $$"""
            SELECT r.attempt, {{VersionRow.Columns}} FROM {rows}
            JOIN versions v ON v.bucket_id = r.bucket AND v.key = r.key AND v.attempt_id = r.attempt
            """,
            RowSet.Over(writes.ToArray()).With("bucket", w => w.Key.Bucket).With("key", w => w.Key.Key).With("attempt", w => w.Attempt.Value),
            r => found[r.GetGuid(0)] = VersionRow.Read(r, 1));
        await session.RunAsync();
        return found;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The outcome of a transaction of {Count} writes is unknown; looking for their attempts")]
    private partial void LogUnknown(int count, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} writes found the catalog unavailable")]
    private partial void LogUnavailable(int count, Exception error);
}
