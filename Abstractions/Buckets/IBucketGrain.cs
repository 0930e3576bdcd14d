using Orleans.Concurrency;
using Orleans.Metadata;
using OrleansDfs.Model;

namespace OrleansDfs.Abstractions;

/// <summary>One bucket by name: its existence and settings.</summary>
[Alias("dfs.IBucketGrain"), DefaultGrainType("bucket")]
public interface IBucketGrain : IGrainWithStringKey
{
    [Alias("Find"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<BucketResult> Find(CancellationToken cancellation = default);

    /// <summary><see cref="DfsStatus.BucketAlreadyExists"/> comes with the bucket that is there.</summary>
    [Alias("Create"), ResponseTimeout("00:00:05")]
    Task<BucketResult> Create(CreateBucket request);

    /// <summary>Only an empty bucket goes (PROTOCOL P17); uploads in progress are aborted with it.</summary>
    [Alias("Delete"), ResponseTimeout("00:00:05")]
    Task<DfsStatus> Delete(BucketRef bucket);

    /// <summary>Changes settings by compare-and-set on the revision, and raises it.</summary>
    [Alias("Change"), ResponseTimeout("00:00:05")]
    Task<BucketResult> Change(ChangeBucket request);
}

[GenerateSerializer, Immutable, Alias("dfs.BucketResult")]
public sealed record BucketResult(
    [property: Id(0)] DfsStatus Status,
    [property: Id(1)] BucketInfo? Bucket);

[GenerateSerializer, Immutable, Alias("dfs.CreateBucket")]
public sealed record CreateBucket(
    [property: Id(0)] string Owner,
    [property: Id(1)] string Region,
    [property: Id(2)] bool ObjectLock,
    [property: Id(3)] Dictionary<string, string> Settings);

/// <param name="Versioning"><c>null</c>: as it is.</param>
/// <param name="Settings">Documents to set by subresource name; a <c>null</c> value removes it.</param>
/// <param name="EnableObjectLock">Turn Object Lock on, which is for ever.</param>
[GenerateSerializer, Immutable, Alias("dfs.ChangeBucket")]
public sealed record ChangeBucket(
    [property: Id(0)] BucketRef Bucket,
    [property: Id(1)] Versioning? Versioning,
    [property: Id(2)] Dictionary<string, string?> Settings,
    [property: Id(3)] bool EnableObjectLock = false);

/// <summary>Listings, served on the silo that is asked, from the primary database.</summary>
[Alias("dfs.IListingGrain")]
public interface IListingGrain : IGrainWithIntegerKey
{
    /// <param name="owner">Only this user's buckets; <c>null</c>: all.</param>
    /// <param name="prefix">Only names that begin so; "" for all.</param>
    /// <param name="after">Exclusive start; "" for the beginning.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Cancels.</param>
    [Alias("Buckets"), ResponseTimeout("00:00:05")]
    Task<BucketsResult> Buckets(string? owner, string prefix, string after, int limit, CancellationToken cancellation = default);

    [Alias("Files"), ResponseTimeout("00:00:05")]
    Task<FilesResult> Files(ListFilesRequest request, CancellationToken cancellation = default);

    [Alias("Versions"), ResponseTimeout("00:00:05")]
    Task<VersionsResult> Versions(ListVersionsRequest request, CancellationToken cancellation = default);

    [Alias("Uploads"), ResponseTimeout("00:00:05")]
    Task<UploadsResult> Uploads(ListUploadsRequest request, CancellationToken cancellation = default);
}

[GenerateSerializer, Immutable, Alias("dfs.BucketsResult")]
public sealed record BucketsResult([property: Id(0)] DfsStatus Status, [property: Id(1)] BucketInfo[] Buckets, [property: Id(2)] bool More);

[GenerateSerializer, Immutable, Alias("dfs.FilesResult")]
public sealed record FilesResult([property: Id(0)] DfsStatus Status, [property: Id(1)] FilePage? Page);

[GenerateSerializer, Immutable, Alias("dfs.VersionsResult")]
public sealed record VersionsResult([property: Id(0)] DfsStatus Status, [property: Id(1)] VersionPage? Page);

[GenerateSerializer, Immutable, Alias("dfs.UploadsResult")]
public sealed record UploadsResult([property: Id(0)] DfsStatus Status, [property: Id(1)] UploadPage? Page);
