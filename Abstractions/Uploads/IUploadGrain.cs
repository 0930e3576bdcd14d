using Orleans.Concurrency;
using Orleans.Metadata;
using OrleansDfs.Model;

namespace OrleansDfs.Abstractions;

/// <summary>One multipart upload, from CreateMultipartUpload to Complete or Abort.</summary>
[Alias("dfs.IUploadGrain"), DefaultGrainType("upload")]
public interface IUploadGrain : IGrainWithStringKey
{
    [Alias("Create"), ResponseTimeout("00:00:05")]
    Task<DfsStatus> Create(CreateUpload request);

    /// <summary><see cref="DfsStatus.NoSuchUpload"/> also once it is completed or aborted, or for another key.</summary>
    [Alias("Find"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<FindUploadResult> Find(BucketRef bucket, ObjectKey key, CancellationToken cancellation = default);

    /// <summary>Registers a part whose bytes are durable; a part of the same number is replaced.</summary>
    [Alias("PutPart"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<PutPartResult> PutPart(PutPart request);

    [Alias("ListParts"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<ListPartsResult> ListParts(BucketRef bucket, ObjectKey key, int after, int limit, CancellationToken cancellation = default);

    /// <summary>One atomic version out of the named parts. A repetition after success answers the same (RELIABILITY I11).</summary>
    [Alias("Complete"), ResponseTimeout("00:00:30")]
    Task<CommitResult> Complete(CompleteUpload request);

    [Alias("Abort"), ResponseTimeout("00:00:05")]
    Task<DfsStatus> Abort(BucketRef bucket, ObjectKey key);
}

/// <param name="Upload">Its id is the grain's; <see cref="UploadInfo.Initiated"/> is set by the catalog.</param>
[GenerateSerializer, Immutable, Alias("dfs.CreateUpload")]
public sealed record CreateUpload(
    [property: Id(0)] BucketRef Bucket,
    [property: Id(1)] UploadInfo Upload);

[GenerateSerializer, Immutable, Alias("dfs.FindUploadResult")]
public sealed record FindUploadResult(
    [property: Id(0)] DfsStatus Status,
    [property: Id(1)] UploadInfo? Upload);

[GenerateSerializer, Immutable, Alias("dfs.PutPart")]
public sealed record PutPart(
    [property: Id(0)] BucketRef Bucket,
    [property: Id(1)] ObjectKey Key,
    [property: Id(2)] int Number,
    [property: Id(3)] WrittenBlob Blob,
    [property: Id(4)] string ETag,
    [property: Id(5)] Checksum? Checksum,
    [property: Id(6)] AttemptId Attempt,
    [property: Id(7)] long? PlainLength = null);

[GenerateSerializer, Immutable, Alias("dfs.PutPartResult")]
public sealed record PutPartResult(
    [property: Id(0)] DfsStatus Status,
    [property: Id(1)] UploadPart? Part);

[GenerateSerializer, Immutable, Alias("dfs.ListPartsResult")]
public sealed record ListPartsResult(
    [property: Id(0)] DfsStatus Status,
    [property: Id(1)] UploadInfo? Upload,
    [property: Id(2)] UploadPart[] Parts,
    [property: Id(3)] bool More);

/// <param name="Parts">In rising order of part numbers, as the client sent them.</param>
/// <param name="Checksum">Full-object or composite checksum that the client expects, or <c>null</c>.</param>
/// <param name="ExpectedSize"><c>x-amz-mp-object-size</c>, or <c>null</c>.</param>
/// <param name="ChecksumType">The type that the client says the upload has, or <c>null</c>.</param>
[GenerateSerializer, Immutable, Alias("dfs.CompleteUpload")]
public sealed record CompleteUpload(
    [property: Id(0)] BucketRef Bucket,
    [property: Id(1)] ObjectKey Key,
    [property: Id(2)] CompletedPart[] Parts,
    [property: Id(3)] Checksum? Checksum,
    [property: Id(4)] long? ExpectedSize,
    [property: Id(5)] WritePrecondition Precondition,
    [property: Id(6)] ChecksumType? ChecksumType = null);

/// <summary>The part that Complete stumbled over.</summary>
/// <param name="ETag">As the client named it.</param>
/// <param name="Size">In bytes; <c>null</c>: there is no such part.</param>
[GenerateSerializer, Immutable, Alias("dfs.FaultyPart")]
public sealed record FaultyPart(
    [property: Id(0)] int Number,
    [property: Id(1)] string ETag,
    [property: Id(2)] long? Size);
