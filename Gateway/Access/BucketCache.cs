using System.Collections.Concurrent;
using OrleansDfs.Abstractions;
using OrleansDfs.Client;
using OrleansDfs.Model;

namespace OrleansDfs.Gateway.Access;

/// <summary>
/// Buckets by name for a few seconds. A stale entry does no harm: every file call carries the revision that was authorised, and the silo answers
/// "bucket changed" if it is not the current one (DESIGN §9). That a bucket is missing is never remembered: clients create one and use it at once.
/// </summary>
sealed class BucketCache(ClusterGrains grains, GatewaySettings settings, TimeProvider time)
{
    const int MaxEntries = 10_000;

    readonly ConcurrentDictionary<BucketName, Entry> _entries = new();

    /// <summary>The bucket, or why there is none.</summary>
    public ValueTask<BucketResult> Find(BucketName name, CancellationToken cancellation) =>
        _entries.TryGetValue(name, out var entry) && time.GetElapsedTime(entry.Loaded) < settings.BucketCache
            ? ValueTask.FromResult(new BucketResult(DfsStatus.Ok, entry.Bucket))
            : new ValueTask<BucketResult>(Load(name, cancellation));

    /// <summary>The bucket as it is now, whatever is remembered.</summary>
    public async Task<BucketResult> Load(BucketName name, CancellationToken cancellation)
    {
        var loaded = time.GetTimestamp(); // before the question: its answer may be older than its arrival
        var result = await grains.ReadAsync(() => grains.Bucket(name).Find(cancellation), cancellation);
        if (result.Status != DfsStatus.Ok || result.Bucket is not { } bucket)
        {
            _entries.TryRemove(name, out _);
            return result;
        }
        if (_entries.Count >= MaxEntries) _entries.Clear();
        _entries[name] = new Entry(bucket, loaded);
        return result;
    }

    public void Forget(BucketName name) => _entries.TryRemove(name, out _);

    sealed record Entry(BucketInfo Bucket, long Loaded);
}
