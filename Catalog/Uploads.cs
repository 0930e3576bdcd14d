using OrleansDfs.Model;

namespace OrleansDfs.Catalog;

/// <param name="Upload"><see cref="UploadInfo.Initiated"/> is set by the catalog.</param>
public sealed record PutPartRequest(
    BucketRef Bucket, ObjectKey Key, UploadId Upload, int Number, AttemptId Attempt, WrittenBlob Blob, string ETag, Checksum? Checksum);

/// <summary>Ok, NoSuchBucket, BucketChanged, NoSuchUpload, BytesLost, Unavailable, Unknown.</summary>
public sealed record PutPartOutcome(CatalogStatus Status, UploadPart? Part);

/// <summary>Makes one version of the parts named; the caller has judged sizes, ETags and checksums from <see cref="Uploads.ListPartsAsync"/>.</summary>
/// <param name="Parts">In rising order, as read; if one is no longer so, <see cref="CatalogStatus.PartsChanged"/>.</param>
/// <param name="Properties">Of the new version: the upload's, with the checksum.</param>
public sealed record CompleteRequest(
    BucketRef Bucket,
    ObjectKey Key,
    UploadId Upload,
    AttemptId Attempt,
    IReadOnlyList<UploadPart> Parts,
    string ETag,
    FileProperties Properties,
    WritePrecondition Precondition);

/// <summary>An upload as the catalog has it.</summary>
/// <param name="Completed">The version that Complete made, while the upload row is kept (24 h); <c>null</c> while it is open.</param>
public sealed record FoundUpload(UploadInfo Upload, FileVersion? Completed);

public sealed record PartPage(IReadOnlyList<UploadPart> Parts, bool More);

/// <summary>Multipart uploads. A part's blob is referred to by its part, then by the version that Complete makes of it (P23).</summary>
public sealed class Uploads
{
    /// <summary>Ok, NoSuchBucket, BucketChanged, Unavailable, Unknown.</summary>
    public Task<CatalogStatus> CreateAsync(BucketRef bucket, UploadInfo upload, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>Open or completed; <c>null</c>: never there, aborted, or completed long ago.</summary>
    public Task<FoundUpload?> FindAsync(UploadId upload, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>A part of the same number is replaced and its bytes freed.</summary>
    public Task<PutPartOutcome> PutPartAsync(PutPartRequest request) => throw new NotImplementedException();

    public Task<PartPage> ListPartsAsync(UploadId upload, int after, int limit, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>Atomic; a repetition after success answers the same version. Parts not named are freed.</summary>
    public Task<CommitOutcome> CompleteAsync(CompleteRequest request) => throw new NotImplementedException();

    /// <summary>Ok, NoSuchUpload (also when it is completed), Unavailable, Unknown.</summary>
    public Task<CatalogStatus> AbortAsync(UploadId upload, CancellationToken cancellation = default) => throw new NotImplementedException();
}
