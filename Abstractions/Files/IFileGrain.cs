using Orleans.Concurrency;
using Orleans.Metadata;
using OrleansDfs.Model;

namespace OrleansDfs.Abstractions;

/// <summary>
/// One file: a key of a bucket, with all its versions. Coordinates; the catalog decides (DESIGN §2). No bytes of files pass here.
/// </summary>
[Alias("dfs.IFileGrain"), DefaultGrainType("file")]
public interface IFileGrain : IGrainWithStringKey
{
    /// <summary>The version's metadata and the first slice of its manifest, confirmed by the catalog after this call arrived (PROTOCOL
    /// P20).</summary>
    [Alias("Open"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<OpenFileResult> Open(OpenFile request, CancellationToken cancellation = default);

    /// <summary>A later slice of a long manifest: at most 1,000 extents from payload offset <see cref="ReadManifest.Offset"/> on, with fresh
    /// locations.</summary>
    [Alias("Manifest"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<ManifestResult> Manifest(ReadManifest request, CancellationToken cancellation = default);

    /// <summary>The parts of a multipart version, in order of their numbers.</summary>
    [Alias("Parts"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<PartsResult> Parts(VersionId version, CancellationToken cancellation = default);

    /// <summary>Makes written bytes visible as a new version (PROTOCOL §5). Never to be sent twice with one attempt id.</summary>
    [Alias("Commit"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<CommitResult> Commit(CommitFile request);

    /// <summary>What became of an attempt to write whose answer was lost (PROTOCOL P18): Ok with its version, or NotFound, after which it may still
    /// happen.</summary>
    [Alias("FindAttempt"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<CommitResult> FindAttempt(AttemptId attempt, CancellationToken cancellation = default);

    /// <summary>A new version of this file that shares another's bytes (PROTOCOL P23).</summary>
    [Alias("CopyFrom"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<CommitResult> CopyFrom(CopyFile request);

    /// <summary>S3's DeleteObject: a version for ever, or the current one (a delete marker where the bucket is versioned).</summary>
    [Alias("Delete"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<DeleteResult> Delete(DeleteFile request);

    /// <summary>
    /// Changes what may change of one version: tags, ACL, retention, legal hold. Its revision rises; bytes, ETag and time stay.
    /// <see cref="DfsStatus.Locked"/>: its retention does not allow that.
    /// </summary>
    [Alias("Change"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<CommitResult> Change(ChangeFile request);
}

/// <summary>Which version: the current one (both unset), a numbered one, or the one that S3 calls <c>null</c>.</summary>
[GenerateSerializer, Immutable, Alias("dfs.VersionSelector")]
public readonly record struct VersionSelector([property: Id(0)] VersionId? Version, [property: Id(1)] bool Null)
{
    public static VersionSelector Current => default;

    public bool IsCurrent => Version is null && !Null;
}

/// <param name="WithoutManifest">Nobody is going to read its bytes: <see cref="OpenFileResult.Manifest"/> is <c>null</c>.</param>
/// <param name="PagesUpTo">
/// Somebody is going to read it at once: where it is one extent of at most so many bytes, at most a page, and the silo that is asked has a replica,
/// they
/// come along (<see cref="ManifestPage.Pages"/>). Only from <see cref="IFilesGrain"/>.
/// </param>
/// <param name="Alone">A silo may be dying: nothing but the silo that is asked is to be needed. For <see cref="IFilesGrain"/>.</param>
[GenerateSerializer, Immutable, Alias("dfs.OpenFile")]
public sealed record OpenFile(
    [property: Id(0)] BucketRef Bucket,
    [property: Id(1)] VersionSelector Version,
    [property: Id(2)] bool WithoutManifest = false,
    [property: Id(3)] int PagesUpTo = 0,
    [property: Id(4)] bool Alone = false);

/// <param name="Version">Also with <see cref="DfsStatus.DeleteMarker"/>: the marker.</param>
/// <param name="Manifest">From the first byte on. Slices that follow come from <see cref="IFileGrain.Manifest"/>.</param>
[GenerateSerializer, Immutable, Alias("dfs.OpenFileResult")]
public sealed record OpenFileResult(
    [property: Id(0)] DfsStatus Status,
    [property: Id(1)] FileVersion? Version,
    [property: Id(2)] ManifestPage? Manifest);

[GenerateSerializer, Immutable, Alias("dfs.ReadManifest")]
public sealed record ReadManifest(
    [property: Id(0)] VersionId Version,
    [property: Id(1)] long Offset);

[GenerateSerializer, Immutable, Alias("dfs.ManifestResult")]
public sealed record ManifestResult(
    [property: Id(0)] DfsStatus Status,
    [property: Id(1)] ManifestPage? Manifest);

[GenerateSerializer, Immutable, Alias("dfs.PartsResult")]
public sealed record PartsResult(
    [property: Id(0)] DfsStatus Status,
    [property: Id(1)] VersionPart[] Parts);

/// <param name="PlainLength">Length that clients see, where the stored bytes are encrypted and longer; else <c>null</c>.</param>
[GenerateSerializer, Immutable, Alias("dfs.CommitFile")]
public sealed record CommitFile(
    [property: Id(0)] BucketRef Bucket,
    [property: Id(1)] AttemptId Attempt,
    [property: Id(2)] WrittenBlob Blob,
    [property: Id(3)] string ETag,
    [property: Id(4)] FileProperties Properties,
    [property: Id(5)] Dictionary<string, string> Tags,
    [property: Id(6)] WritePrecondition Precondition,
    [property: Id(7)] long? PlainLength = null);

/// <param name="Part">
/// Which part it is, with <see cref="DfsStatus.InvalidPart"/>, <see cref="DfsStatus.PartTooSmall"/>, <see cref="DfsStatus.PartChecksumMissing"/> and
/// a
/// part's <see cref="DfsStatus.BadDigest"/>.
/// </param>
[GenerateSerializer, Immutable, Alias("dfs.CommitResult")]
public sealed record CommitResult(
    [property: Id(0)] DfsStatus Status,
    [property: Id(1)] FileVersion? Version,
    [property: Id(2)] FaultyPart? Part = null);

/// <param name="SourceVersion">The version that the caller opened and judged; if it is gone, <see cref="DfsStatus.NoSuchKey"/>.</param>
/// <param name="Properties"><c>null</c>: the source's.</param>
/// <param name="Tags"><c>null</c>: the source's.</param>
[GenerateSerializer, Immutable, Alias("dfs.CopyFile")]
public sealed record CopyFile(
    [property: Id(0)] BucketRef Bucket,
    [property: Id(1)] AttemptId Attempt,
    [property: Id(2)] BucketRef SourceBucket,
    [property: Id(3)] ObjectKey SourceKey,
    [property: Id(4)] VersionId SourceVersion,
    [property: Id(5)] FileProperties? Properties,
    [property: Id(6)] Dictionary<string, string>? Tags,
    [property: Id(7)] WritePrecondition Precondition);

/// <param name="IfMatch">ETag without quotes, <c>*</c>, or <c>null</c>.</param>
/// <param name="BypassGovernance">A retention in governance mode does not hold; compliance and legal holds do.</param>
[GenerateSerializer, Immutable, Alias("dfs.DeleteFile")]
public sealed record DeleteFile(
    [property: Id(0)] BucketRef Bucket,
    [property: Id(1)] AttemptId Attempt,
    [property: Id(2)] VersionSelector Version,
    [property: Id(3)] string? IfMatch,
    [property: Id(4)] bool BypassGovernance = false);

/// <param name="Version">The version that went, or the delete marker that was made; <c>null</c> where there was nothing to delete.</param>
/// <param name="IsNull">S3 shows that version as <c>null</c>.</param>
/// <param name="IsDeleteMarker">A marker was made, or the version that went was one.</param>
[GenerateSerializer, Immutable, Alias("dfs.DeleteResult")]
public sealed record DeleteResult(
    [property: Id(0)] DfsStatus Status,
    [property: Id(1)] VersionId? Version,
    [property: Id(2)] bool IsNull,
    [property: Id(3)] bool IsDeleteMarker);

/// <summary>What is <c>null</c> stays as it is.</summary>
/// <param name="Tags">All the tags that the version then has; empty removes them.</param>
/// <param name="Acl">The ACL's document.</param>
/// <param name="Revision">What the caller judged; <see cref="DfsStatus.Conflict"/> if the version is at another by now. <c>null</c>: any.</param>
[GenerateSerializer, Immutable, Alias("dfs.ChangeFile")]
public sealed record ChangeFile(
    [property: Id(0)] BucketRef Bucket,
    [property: Id(1)] VersionSelector Version,
    [property: Id(2)] Dictionary<string, string>? Tags = null,
    [property: Id(3)] string? Acl = null,
    [property: Id(4)] RetentionChange? Retention = null,
    [property: Id(5)] bool? LegalHold = null,
    [property: Id(6)] long? Revision = null);

/// <param name="Retention"><c>null</c>: none from now on.</param>
/// <param name="BypassGovernance">The caller may shorten or remove a retention in governance mode.</param>
[GenerateSerializer, Immutable, Alias("dfs.RetentionChange")]
public sealed record RetentionChange([property: Id(0)] Retention? Retention, [property: Id(1)] bool BypassGovernance);
