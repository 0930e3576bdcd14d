namespace OrleansDfs.Model;

/// <summary>A multipart upload in progress.</summary>
/// <param name="Properties">What CreateMultipartUpload said; the version gets it.</param>
/// <param name="Tags">Tags given at creation.</param>
/// <param name="ChecksumAlgorithm">Chosen at creation, or <c>null</c>.</param>
public sealed record UploadInfo(
    UploadId Upload,
    long BucketId,
    ObjectKey Key,
    string Initiator,
    DateTimeOffset Initiated,
    FileProperties Properties,
    IReadOnlyDictionary<string, string> Tags,
    ChecksumAlgorithm? ChecksumAlgorithm,
    ChecksumType? ChecksumType);

public sealed record UploadPart(int Number, BlobId Blob, long Size, string ETag, DateTimeOffset LastModified, Checksum? Checksum);

/// <summary>A part as CompleteMultipartUpload names it.</summary>
public sealed record CompletedPart(int Number, string ETag, Checksum? Checksum);
