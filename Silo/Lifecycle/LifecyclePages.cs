using System.Diagnostics.Metrics;
using OrleansDfs.Catalog;
using OrleansDfs.Model;

namespace OrleansDfs.Silo.Lifecycle;

/// <summary>
/// One page of a bucket at a time: read, judge, delete. Invariant: nothing is deleted that is not, under its key's lock, still what was judged, in a
/// bucket that is still at the revision whose rules were read (P15, P17).
/// </summary>
public sealed class LifecyclePages(CatalogDatabase catalog, TimeProvider time)
{
    /// <summary>Rows read at once. At least two, see <see cref="LifecycleWalk"/>.</summary>
    private const int PageSize = 1000;

    /// <summary>Deletes in flight: enough to fill batches, few enough to leave room in them for clients.</summary>
    private const int DeletesAtOnce = 64;

    private static readonly Meter Meter = new("OrleansDfs.Lifecycle");
    private static readonly Counter<long> Done = Meter.CreateCounter<long>(
        "orleansdfs.lifecycle.actions", description: "What lifecycle rules have removed, by action");

    /// <returns>Ok with where to go on, or with <c>null</c> at the end; NoSuchBucket, BucketChanged, Unavailable: this page is to be done
    /// again.</returns>
    public Task<(CatalogStatus Status, LifecycleCursor? Next)> RunAsync(
        BucketInfo bucket, LifecycleEvaluation rules, LifecycleCursor cursor, CancellationToken cancellation)
    {
        if (!cursor.InUploads && cursor.Prefix < rules.VersionPrefixes.Count) return VersionsAsync(bucket, rules, cursor, cancellation);
        if (!cursor.InUploads) cursor = cursor.ToUploads();
        return cursor.Prefix < rules.UploadPrefixes.Count
            ? UploadsAsync(bucket, rules, cursor, cancellation)
            : Task.FromResult<(CatalogStatus, LifecycleCursor?)>((CatalogStatus.Ok, null));
    }

    private async Task<(CatalogStatus, LifecycleCursor?)> VersionsAsync(
        BucketInfo bucket, LifecycleEvaluation rules, LifecycleCursor cursor, CancellationToken cancellation)
    {
        var rows = await catalog.Lifecycles.VersionsAsync(
            bucket.Id, rules.VersionPrefixes[cursor.Prefix], cursor.Key, cursor.AfterVersion, PageSize, rules.ReadsTags, cancellation);
        var isLast = rows.Count < PageSize;
        var (due, next) = LifecycleWalk.Through(rows, isLast, cursor, rules, time.GetUtcNow());
        foreach (var group in due.Chunk(DeletesAtOnce))
        {
            var outcomes = await Task.WhenAll(group.Select(c => catalog.Files.DeleteAsync(c.Delete(bucket.Ref))));
            for (var i = 0; i < group.Length; i++)
            {
                var status = outcomes[i].Status;
                if (IsToBeDoneAgain(status)) return (status, null);
                next = next with { Totals = next.Totals + Count(group[i].Verdict.Action, status) };
            }
        }
        return (CatalogStatus.Ok, isLast ? next.NextRange() : next);
    }

    private async Task<(CatalogStatus, LifecycleCursor?)> UploadsAsync(
        BucketInfo bucket, LifecycleEvaluation rules, LifecycleCursor cursor, CancellationToken cancellation)
    {
        var (found, page) = await catalog.Listings.UploadsAsync(
            new ListUploadsRequest(bucket.Ref, rules.UploadPrefixes[cursor.Prefix], "", cursor.Key, cursor.AfterUpload, PageSize), cancellation);
        if (found != CatalogStatus.Ok) return (found, null);
        var now = time.GetUtcNow();
        foreach (var upload in page!.Uploads)
        {
            if (rules.Abort(upload.Key.Value, upload.Initiated) is { } abort && abort.At <= now)
            {
                var status = await catalog.Uploads.AbortAsync(upload.Upload, bucket.Ref, cancellation);
                if (IsToBeDoneAgain(status)) return (status, null);
                var isDone = status == CatalogStatus.Ok;
                if (isDone) Done.Add(1, KeyValuePair.Create<string, object?>("action", "AbortUpload"));
                cursor = cursor with { Totals = cursor.Totals + new LifecycleTotals(0, 0, 0, isDone ? 1 : 0, isDone ? 0 : 1) };
            }
            cursor = cursor.Past(upload);
        }
        return (CatalogStatus.Ok, page.NextKey is null ? cursor.NextRange() : cursor);
    }

    private static bool IsToBeDoneAgain(CatalogStatus status) =>
        status is CatalogStatus.BucketChanged or CatalogStatus.NoSuchBucket or CatalogStatus.Unavailable or CatalogStatus.Busy;

    /// <summary>Whatever else a delete says (P18's unknown outcome among it), the version is looked at again in the next pass.</summary>
    private static LifecycleTotals Count(LifecycleAction action, CatalogStatus status)
    {
        if (status != CatalogStatus.Ok) return new LifecycleTotals(0, 0, 0, 0, 1);
        Done.Add(1, KeyValuePair.Create<string, object?>("action", action.ToString()));
        return action switch
        {
            LifecycleAction.Expire => new(1, 0, 0, 0, 0),
            LifecycleAction.RemoveNoncurrent => new(0, 1, 0, 0, 0),
            _ => new LifecycleTotals(0, 0, 1, 0, 0),
        };
    }
}
