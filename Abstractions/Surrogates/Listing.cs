using OrleansDfs.Model;

namespace OrleansDfs.Abstractions.Surrogates;

[GenerateSerializer, Immutable, Alias("dfs.list-files")]
internal struct ListFilesRequestSurrogate
{
    [Id(0)] public BucketRef Bucket;
    [Id(1)] public string Prefix;
    [Id(2)] public string Delimiter;
    [Id(3)] public string After;
    [Id(4)] public int Limit;
}

[RegisterConverter]
internal sealed class ListFilesRequestConverter : IConverter<ListFilesRequest, ListFilesRequestSurrogate>
{
    public ListFilesRequest ConvertFromSurrogate(in ListFilesRequestSurrogate surrogate) => new(
        surrogate.Bucket,
        surrogate.Prefix,
        surrogate.Delimiter,
        surrogate.After,
        surrogate.Limit);

    public ListFilesRequestSurrogate ConvertToSurrogate(in ListFilesRequest value) => new()
    {
        Bucket = value.Bucket,
        Prefix = value.Prefix,
        Delimiter = value.Delimiter,
        After = value.After,
        Limit = value.Limit,
    };
}

[GenerateSerializer, Immutable, Alias("dfs.listed-file")]
internal struct ListedFileSurrogate
{
    [Id(0)] public ObjectKey Key;
    [Id(1)] public VersionId Version;
    [Id(2)] public bool IsNull;
    [Id(3)] public bool IsCurrent;
    [Id(4)] public bool IsDeleteMarker;
    [Id(5)] public long Size;
    [Id(6)] public string ETag;
    [Id(7)] public DateTimeOffset LastModified;
    [Id(8)] public string Owner;
    [Id(9)] public string? StorageClass;
    [Id(10)] public ChecksumAlgorithm? ChecksumAlgorithm;
    [Id(11)] public ChecksumType? ChecksumType;
}

[RegisterConverter]
internal sealed class ListedFileConverter : IConverter<ListedFile, ListedFileSurrogate>
{
    public ListedFile ConvertFromSurrogate(in ListedFileSurrogate surrogate) => new(
        surrogate.Key,
        surrogate.Version,
        surrogate.IsNull,
        surrogate.IsCurrent,
        surrogate.IsDeleteMarker,
        surrogate.Size,
        surrogate.ETag,
        surrogate.LastModified,
        surrogate.Owner,
        surrogate.StorageClass,
        surrogate.ChecksumAlgorithm,
        surrogate.ChecksumType);

    public ListedFileSurrogate ConvertToSurrogate(in ListedFile value) => new()
    {
        Key = value.Key,
        Version = value.Version,
        IsNull = value.IsNull,
        IsCurrent = value.IsCurrent,
        IsDeleteMarker = value.IsDeleteMarker,
        Size = value.Size,
        ETag = value.ETag,
        LastModified = value.LastModified,
        Owner = value.Owner,
        StorageClass = value.StorageClass,
        ChecksumAlgorithm = value.ChecksumAlgorithm,
        ChecksumType = value.ChecksumType,
    };
}

[GenerateSerializer, Immutable, Alias("dfs.file-page")]
internal struct FilePageSurrogate
{
    [Id(0)] public ListedFile[] Files;
    [Id(1)] public string[] CommonPrefixes;
    [Id(2)] public string? Next;
}

[RegisterConverter]
internal sealed class FilePageConverter : IConverter<FilePage, FilePageSurrogate>
{
    public FilePage ConvertFromSurrogate(in FilePageSurrogate surrogate) => new(
        surrogate.Files,
        surrogate.CommonPrefixes,
        surrogate.Next);

    public FilePageSurrogate ConvertToSurrogate(in FilePage value) => new()
    {
        Files = Copies.Array(value.Files),
        CommonPrefixes = Copies.Array(value.CommonPrefixes),
        Next = value.Next,
    };
}

[GenerateSerializer, Immutable, Alias("dfs.list-versions")]
internal struct ListVersionsRequestSurrogate
{
    [Id(0)] public BucketRef Bucket;
    [Id(1)] public string Prefix;
    [Id(2)] public string Delimiter;
    [Id(3)] public string AfterKey;
    [Id(4)] public VersionId? AfterVersion;
    [Id(5)] public int Limit;
}

[RegisterConverter]
internal sealed class ListVersionsRequestConverter : IConverter<ListVersionsRequest, ListVersionsRequestSurrogate>
{
    public ListVersionsRequest ConvertFromSurrogate(in ListVersionsRequestSurrogate surrogate) => new(
        surrogate.Bucket,
        surrogate.Prefix,
        surrogate.Delimiter,
        surrogate.AfterKey,
        surrogate.AfterVersion,
        surrogate.Limit);

    public ListVersionsRequestSurrogate ConvertToSurrogate(in ListVersionsRequest value) => new()
    {
        Bucket = value.Bucket,
        Prefix = value.Prefix,
        Delimiter = value.Delimiter,
        AfterKey = value.AfterKey,
        AfterVersion = value.AfterVersion,
        Limit = value.Limit,
    };
}

[GenerateSerializer, Immutable, Alias("dfs.version-page")]
internal struct VersionPageSurrogate
{
    [Id(0)] public ListedFile[] Versions;
    [Id(1)] public string[] CommonPrefixes;
    [Id(2)] public string? NextKey;
    [Id(3)] public VersionId? NextVersion;
}

[RegisterConverter]
internal sealed class VersionPageConverter : IConverter<VersionPage, VersionPageSurrogate>
{
    public VersionPage ConvertFromSurrogate(in VersionPageSurrogate surrogate) => new(
        surrogate.Versions,
        surrogate.CommonPrefixes,
        surrogate.NextKey,
        surrogate.NextVersion);

    public VersionPageSurrogate ConvertToSurrogate(in VersionPage value) => new()
    {
        Versions = Copies.Array(value.Versions),
        CommonPrefixes = Copies.Array(value.CommonPrefixes),
        NextKey = value.NextKey,
        NextVersion = value.NextVersion,
    };
}

[GenerateSerializer, Immutable, Alias("dfs.list-uploads")]
internal struct ListUploadsRequestSurrogate
{
    [Id(0)] public BucketRef Bucket;
    [Id(1)] public string Prefix;
    [Id(2)] public string Delimiter;
    [Id(3)] public string AfterKey;
    [Id(4)] public UploadId? AfterUpload;
    [Id(5)] public int Limit;
}

[RegisterConverter]
internal sealed class ListUploadsRequestConverter : IConverter<ListUploadsRequest, ListUploadsRequestSurrogate>
{
    public ListUploadsRequest ConvertFromSurrogate(in ListUploadsRequestSurrogate surrogate) => new(
        surrogate.Bucket,
        surrogate.Prefix,
        surrogate.Delimiter,
        surrogate.AfterKey,
        surrogate.AfterUpload,
        surrogate.Limit);

    public ListUploadsRequestSurrogate ConvertToSurrogate(in ListUploadsRequest value) => new()
    {
        Bucket = value.Bucket,
        Prefix = value.Prefix,
        Delimiter = value.Delimiter,
        AfterKey = value.AfterKey,
        AfterUpload = value.AfterUpload,
        Limit = value.Limit,
    };
}

[GenerateSerializer, Immutable, Alias("dfs.upload-page")]
internal struct UploadPageSurrogate
{
    [Id(0)] public UploadInfo[] Uploads;
    [Id(1)] public string[] CommonPrefixes;
    [Id(2)] public string? NextKey;
    [Id(3)] public UploadId? NextUpload;
}

[RegisterConverter]
internal sealed class UploadPageConverter : IConverter<UploadPage, UploadPageSurrogate>
{
    public UploadPage ConvertFromSurrogate(in UploadPageSurrogate surrogate) => new(
        surrogate.Uploads,
        surrogate.CommonPrefixes,
        surrogate.NextKey,
        surrogate.NextUpload);

    public UploadPageSurrogate ConvertToSurrogate(in UploadPage value) => new()
    {
        Uploads = Copies.Array(value.Uploads),
        CommonPrefixes = Copies.Array(value.CommonPrefixes),
        NextKey = value.NextKey,
        NextUpload = value.NextUpload,
    };
}
