using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using OrleansDfs.Catalog;
using OrleansDfs.Model;

namespace OrleansDfs.Silo.Lifecycle;

/// <summary>
/// One look at all buckets with a lifecycle. What is due changes at midnight UTC only, and with the rules; so a bucket is gone through once for each
/// day and set of rules, page by page, buckets in turn. After each page the catalog remembers how far it came: the death of a silo repeats one page
/// at most, and a bucket of any size costs the memory of a page.
/// </summary>
public sealed class LifecycleRound(CatalogDatabase catalog, SiloOptions options, TimeProvider time, ILogger<LifecycleRound> log)
{
    private const int BucketsAtOnce = 100;

    /// <summary>Pages of one bucket before the next one has its turn.</summary>
    private const int PagesInTurn = 10;

    private readonly LifecycleCalendar _calendar = new(options.LifecycleDay);
    private readonly LifecyclePages _pages = new(catalog, time);

    /// <exception cref="CatalogException">The catalog is away; the next round goes on where this one stopped.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        bool more;
        do
        {
            more = false;
            var after = 0L;
            while (true)
            {
                var buckets = await catalog.Lifecycles.BucketsAsync(after, BucketsAtOnce, cancellation);
                foreach (var bucket in buckets) more |= await TurnAsync(bucket, cancellation);
                if (buckets.Count < BucketsAtOnce) break;
                after = buckets[^1].Bucket.Id;
            }
        }
        while (more);
    }

    /// <returns>Whether there is more to do for this bucket, and now.</returns>
    private async Task<bool> TurnAsync(LifecycleBucket found, CancellationToken cancellation)
    {
        var json = found.Bucket.Settings[LifecycleConfiguration.Setting];
        var rules = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
        var today = _calendar.Number(time.GetUtcNow());
        var pass = found.Pass;
        if (pass is null || pass.Rules != rules || (pass.Cursor is null && pass.Day < today))
            pass = new LifecyclePass(today, rules, LifecycleCursor.Start.ToText());
        if (pass.Cursor is null || Read(found.Bucket, json) is not { } evaluation) return false;

        var cursor = LifecycleCursor.Parse(pass.Cursor);
        for (var page = 0; page < PagesInTurn; page++)
        {
            var (status, next) = await _pages.RunAsync(found.Bucket, evaluation, cursor, cancellation);
            switch (status)
            {
                case CatalogStatus.BucketChanged: return true; // it is read anew, with its rules
                case CatalogStatus.NoSuchBucket: return false;
                case not CatalogStatus.Ok: throw new CatalogUnavailableException($"Bucket {found.Bucket.Name}: {status}.");
            }
            await catalog.Lifecycles.SaveAsync(found.Bucket.Id, pass with { Cursor = next?.ToText() }, cancellation);
            if (next is null)
            {
                LogEnd(found.Bucket, cursor.Totals);
                return false;
            }
            cursor = next;
        }
        return true;
    }

    private LifecycleEvaluation? Read(BucketInfo bucket, string json)
    {
        try
        {
            return new LifecycleEvaluation(LifecycleConfiguration.FromJson(json), _calendar);
        }
        catch (JsonException e)
        {
            log.LogError("The lifecycle of bucket {Bucket} cannot be read and is not carried out: {Reason}", bucket.Name, e.Message);
            return null;
        }
    }

    private void LogEnd(BucketInfo bucket, LifecycleTotals totals) => log.Log(
        totals.IsNone ? LogLevel.Debug : LogLevel.Information,
        "Lifecycle of bucket {Bucket}: {Expired} files expired, {Noncurrent} noncurrent versions, {Markers} delete markers and {Uploads} uploads " +
            "removed, {Left} left",
        bucket.Name, totals.Expired, totals.Noncurrent, totals.Markers, totals.Uploads, totals.Left);
}
