using System.Collections.Concurrent;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Client;

/// <summary>
/// Buckets by name as this process last saw them. May be stale without harm: every file call carries the bucket's revision, and a silo that knows a
/// newer one
/// answers <see cref="DfsStatus.BucketChanged"/> (DESIGN §9); then the bucket is loaded again and the call repeated, once.
/// </summary>
internal sealed class BucketDirectory(DfsConnections connections)
{
    private readonly ConcurrentDictionary<BucketName, BucketInfo> _known = new();

    public static BucketName Name(string text) =>
        BucketName.TryParse(text, out var name) ? name : throw new ArgumentException($"'{text}' is not a bucket name.", nameof(text));

    public static ObjectKey Key(string text) =>
        ObjectKey.TryParse(text, out var key, out var error) ? key : throw new ArgumentException($"'{text}' is not a key: {error}.", nameof(text));

    public void Forget(BucketName name) => _known.TryRemove(name, out _);

    public async ValueTask<BucketInfo> FindAsync(BucketName name, CancellationToken cancellation) =>
        _known.TryGetValue(name, out var known) ? known : await LoadAsync(name, cancellation);

    public async Task<BucketInfo> LoadAsync(BucketName name, CancellationToken cancellation)
    {
        Forget(name);
        var result = await connections.Grains.ReadAsync(() => connections.Grains.Bucket(name).Find(cancellation), cancellation);
        if (result is not { Status: DfsStatus.Ok, Bucket: { } bucket }) throw Outcome.Failure(result.Status, $"Bucket '{name}'");
        return _known[name] = bucket;
    }

    /// <summary>Makes a call with the bucket as known, and once more with the bucket loaded anew if it has changed or gone.</summary>
    public async Task<T> CallAsync<T>(BucketName name, Func<BucketInfo, Task<T>> call, Func<T, DfsStatus> status, CancellationToken cancellation)
    {
        var result = await call(await FindAsync(name, cancellation));
        return status(result) is DfsStatus.BucketChanged or DfsStatus.NoSuchBucket ? await call(await LoadAsync(name, cancellation)) : result;
    }
}
