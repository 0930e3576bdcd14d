using OrleansDfs.Model;

namespace OrleansDfs.Catalog;

/// <param name="Bucket">With <see cref="CatalogStatus.BucketExists"/> the one that is there; with <see cref="CatalogStatus.BucketChanged"/> the present state.</param>
public sealed record BucketOutcome(CatalogStatus Status, BucketInfo? Bucket);

public sealed record BucketPage(IReadOnlyList<BucketInfo> Buckets, bool More);

/// <summary>Buckets and their settings. Whoever changes one locks its row against the commits that read it (P17).</summary>
public sealed class Buckets
{
    /// <summary>Ok, BucketExists, Unavailable, Unknown.</summary>
    public Task<BucketOutcome> CreateAsync(
        BucketName name, string owner, string region, bool objectLock, IReadOnlyDictionary<string, string> settings, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    public Task<BucketInfo?> FindAsync(BucketName name, CancellationToken cancellation = default) => throw new NotImplementedException();

    public Task<BucketInfo?> FindAsync(long id, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Ok, NoSuchBucket, BucketChanged, BucketNotEmpty (versions or delete markers), Unavailable, Unknown. Uploads in progress are aborted.</summary>
    public Task<CatalogStatus> DeleteAsync(BucketRef bucket, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>A page by name.</summary>
    /// <param name="owner">Only this user's; <c>null</c>: all.</param>
    /// <param name="prefix">"" for all.</param>
    /// <param name="after">Exclusive; "" for the beginning.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<BucketPage> ListAsync(string? owner, string prefix, string after, int limit, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>Compare-and-set on the revision, which rises. Ok, NoSuchBucket, BucketChanged, Unavailable, Unknown.</summary>
    /// <param name="bucket">At the revision that the caller has seen.</param>
    /// <param name="versioning"><c>null</c>: as it is.</param>
    /// <param name="settings">Documents by name; a <c>null</c> value removes one.</param>
    /// <param name="cancellation">Cancels.</param>
    public Task<BucketOutcome> ChangeAsync(
        BucketRef bucket, Versioning? versioning, IReadOnlyDictionary<string, string?> settings, CancellationToken cancellation = default) =>
        throw new NotImplementedException();
}
