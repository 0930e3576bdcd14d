namespace OrleansDfs.Model;

/// <summary>One page of current, visible files: S3's ListObjects.</summary>
/// <param name="After">Exclusive start. A key, or a common prefix (then everything under it is skipped too).</param>
/// <param name="Limit">Keys and common prefixes together, 1–1000.</param>
public sealed record ListFilesRequest(BucketRef Bucket, string Prefix, string Delimiter, string After, int Limit);

/// <param name="Next">Value for <c>After</c> of the next page, or <c>null</c> at the end.</param>
public sealed record FilePage(IReadOnlyList<ListedFile> Files, IReadOnlyList<string> CommonPrefixes, string? Next);

public sealed record ListedFile(
    ObjectKey Key,
    VersionId Version,
    bool IsNull,
    bool IsCurrent,
    bool IsDeleteMarker,
    long Size,
    string ETag,
    DateTimeOffset LastModified,
    string Owner,
    string? StorageClass,
    ChecksumAlgorithm? ChecksumAlgorithm,
    ChecksumType? ChecksumType);

/// <summary>One page of all versions and delete markers, newest first within a key: S3's ListObjectVersions.</summary>
/// <param name="AfterKey">Key marker. Alone it is exclusive; with <paramref name="AfterVersion"/> the page goes on inside that key, after that
/// version.</param>
public sealed record ListVersionsRequest(BucketRef Bucket, string Prefix, string Delimiter, string AfterKey, VersionId? AfterVersion, int Limit);

public sealed record VersionPage(IReadOnlyList<ListedFile> Versions, IReadOnlyList<string> CommonPrefixes, string? NextKey, VersionId? NextVersion);

/// <summary>One page of uploads in progress, by key, then by start: S3's ListMultipartUploads.</summary>
public sealed record ListUploadsRequest(BucketRef Bucket, string Prefix, string Delimiter, string AfterKey, UploadId? AfterUpload, int Limit);

public sealed record UploadPage(IReadOnlyList<UploadInfo> Uploads, IReadOnlyList<string> CommonPrefixes, string? NextKey, UploadId? NextUpload);
