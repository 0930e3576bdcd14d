using OrleansDfs.Model;

namespace OrleansDfs.Abstractions.Surrogates;

[GenerateSerializer, Immutable, Alias("dfs.upload-info")]
internal struct UploadInfoSurrogate
{
    [Id(0)] public UploadId Upload;
    [Id(1)] public long BucketId;
    [Id(2)] public ObjectKey Key;
    [Id(3)] public string Initiator;
    [Id(4)] public DateTimeOffset Initiated;
    [Id(5)] public FileProperties Properties;
    [Id(6)] public Dictionary<string, string> Tags;
    [Id(7)] public ChecksumAlgorithm? ChecksumAlgorithm;
    [Id(8)] public ChecksumType? ChecksumType;
}

[RegisterConverter]
internal sealed class UploadInfoConverter : IConverter<UploadInfo, UploadInfoSurrogate>
{
    public UploadInfo ConvertFromSurrogate(in UploadInfoSurrogate surrogate) => new(
        surrogate.Upload,
        surrogate.BucketId,
        surrogate.Key,
        surrogate.Initiator,
        surrogate.Initiated,
        surrogate.Properties,
        surrogate.Tags,
        surrogate.ChecksumAlgorithm,
        surrogate.ChecksumType);

    public UploadInfoSurrogate ConvertToSurrogate(in UploadInfo value) => new()
    {
        Upload = value.Upload,
        BucketId = value.BucketId,
        Key = value.Key,
        Initiator = value.Initiator,
        Initiated = value.Initiated,
        Properties = value.Properties,
        Tags = Copies.Dictionary(value.Tags),
        ChecksumAlgorithm = value.ChecksumAlgorithm,
        ChecksumType = value.ChecksumType,
    };
}

[GenerateSerializer, Immutable, Alias("dfs.upload-part")]
internal struct UploadPartSurrogate
{
    [Id(0)] public int Number;
    [Id(1)] public BlobId Blob;
    [Id(2)] public long Size;
    [Id(3)] public string ETag;
    [Id(4)] public DateTimeOffset LastModified;
    [Id(5)] public Checksum? Checksum;
}

[RegisterConverter]
internal sealed class UploadPartConverter : IConverter<UploadPart, UploadPartSurrogate>
{
    public UploadPart ConvertFromSurrogate(in UploadPartSurrogate surrogate) => new(
        surrogate.Number,
        surrogate.Blob,
        surrogate.Size,
        surrogate.ETag,
        surrogate.LastModified,
        surrogate.Checksum);

    public UploadPartSurrogate ConvertToSurrogate(in UploadPart value) => new()
    {
        Number = value.Number,
        Blob = value.Blob,
        Size = value.Size,
        ETag = value.ETag,
        LastModified = value.LastModified,
        Checksum = value.Checksum,
    };
}

[GenerateSerializer, Immutable, Alias("dfs.completed-part")]
internal struct CompletedPartSurrogate
{
    [Id(0)] public int Number;
    [Id(1)] public string ETag;
    [Id(2)] public Checksum? Checksum;
}

[RegisterConverter]
internal sealed class CompletedPartConverter : IConverter<CompletedPart, CompletedPartSurrogate>
{
    public CompletedPart ConvertFromSurrogate(in CompletedPartSurrogate surrogate) => new(
        surrogate.Number,
        surrogate.ETag,
        surrogate.Checksum);

    public CompletedPartSurrogate ConvertToSurrogate(in CompletedPart value) => new()
    {
        Number = value.Number,
        ETag = value.ETag,
        Checksum = value.Checksum,
    };
}
