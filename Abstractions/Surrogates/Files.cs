using OrleansDfs.Model;

namespace OrleansDfs.Abstractions.Surrogates;

[GenerateSerializer, Immutable, Alias("dfs.extent")]
internal struct ExtentSurrogate
{
    [Id(0)] public ChunkId Chunk;
    [Id(1)] public long Start;
    [Id(2)] public long End;
    [Id(3)] public long Length;
}

[RegisterConverter]
internal sealed class ExtentConverter : IConverter<Extent, ExtentSurrogate>
{
    public Extent ConvertFromSurrogate(in ExtentSurrogate surrogate) => new(
        surrogate.Chunk,
        surrogate.Start,
        surrogate.End,
        surrogate.Length);

    public ExtentSurrogate ConvertToSurrogate(in Extent value) => new()
    {
        Chunk = value.Chunk,
        Start = value.Start,
        End = value.End,
        Length = value.Length,
    };
}

[GenerateSerializer, Immutable, Alias("dfs.checksum")]
internal struct ChecksumSurrogate
{
    [Id(0)] public ChecksumAlgorithm Algorithm;
    [Id(1)] public ChecksumType Type;
    [Id(2)] public string Value;
}

[RegisterConverter]
internal sealed class ChecksumConverter : IConverter<Checksum, ChecksumSurrogate>
{
    public Checksum ConvertFromSurrogate(in ChecksumSurrogate surrogate) => new(
        surrogate.Algorithm,
        surrogate.Type,
        surrogate.Value);

    public ChecksumSurrogate ConvertToSurrogate(in Checksum value) => new()
    {
        Algorithm = value.Algorithm,
        Type = value.Type,
        Value = value.Value,
    };
}

[GenerateSerializer, Immutable, Alias("dfs.version-part")]
internal struct VersionPartSurrogate
{
    [Id(0)] public int Number;
    [Id(1)] public BlobId Blob;
    [Id(2)] public long Size;
    [Id(3)] public string ETag;
    [Id(4)] public Checksum? Checksum;
}

[RegisterConverter]
internal sealed class VersionPartConverter : IConverter<VersionPart, VersionPartSurrogate>
{
    public VersionPart ConvertFromSurrogate(in VersionPartSurrogate surrogate) => new(
        surrogate.Number,
        surrogate.Blob,
        surrogate.Size,
        surrogate.ETag,
        surrogate.Checksum);

    public VersionPartSurrogate ConvertToSurrogate(in VersionPart value) => new()
    {
        Number = value.Number,
        Blob = value.Blob,
        Size = value.Size,
        ETag = value.ETag,
        Checksum = value.Checksum,
    };
}

[GenerateSerializer, Immutable, Alias("dfs.file-version")]
internal struct FileVersionSurrogate
{
    [Id(0)] public long BucketId;
    [Id(1)] public ObjectKey Key;
    [Id(2)] public VersionId Version;
    [Id(3)] public long Revision;
    [Id(4)] public bool IsNull;
    [Id(5)] public bool IsCurrent;
    [Id(6)] public bool IsDeleteMarker;
    [Id(7)] public long Size;
    [Id(8)] public string ETag;
    [Id(9)] public DateTimeOffset LastModified;
    [Id(10)] public int PartCount;
    [Id(11)] public FileProperties Properties;
    [Id(12)] public Dictionary<string, string> Tags;
}

[RegisterConverter]
internal sealed class FileVersionConverter : IConverter<FileVersion, FileVersionSurrogate>
{
    public FileVersion ConvertFromSurrogate(in FileVersionSurrogate surrogate) => new(
        surrogate.BucketId,
        surrogate.Key,
        surrogate.Version,
        surrogate.Revision,
        surrogate.IsNull,
        surrogate.IsCurrent,
        surrogate.IsDeleteMarker,
        surrogate.Size,
        surrogate.ETag,
        surrogate.LastModified,
        surrogate.PartCount,
        surrogate.Properties,
        surrogate.Tags);

    public FileVersionSurrogate ConvertToSurrogate(in FileVersion value) => new()
    {
        BucketId = value.BucketId,
        Key = value.Key,
        Version = value.Version,
        Revision = value.Revision,
        IsNull = value.IsNull,
        IsCurrent = value.IsCurrent,
        IsDeleteMarker = value.IsDeleteMarker,
        Size = value.Size,
        ETag = value.ETag,
        LastModified = value.LastModified,
        PartCount = value.PartCount,
        Properties = value.Properties,
        Tags = Copies.Dictionary(value.Tags),
    };
}

[GenerateSerializer, Immutable, Alias("dfs.manifest-page")]
internal struct ManifestPageSurrogate
{
    [Id(0)] public long Offset;
    [Id(1)] public Extent[] Extents;
    [Id(2)] public bool Complete;
    [Id(3)] public ChunkLocation[] Locations;
    [Id(4)] public byte[]? Pages;
}

[RegisterConverter]
internal sealed class ManifestPageConverter : IConverter<ManifestPage, ManifestPageSurrogate>
{
    public ManifestPage ConvertFromSurrogate(in ManifestPageSurrogate surrogate) => new(
        surrogate.Offset,
        surrogate.Extents,
        surrogate.Complete,
        surrogate.Locations)
    { Pages = surrogate.Pages };

    public ManifestPageSurrogate ConvertToSurrogate(in ManifestPage value) => new()
    {
        Offset = value.Offset,
        Extents = Copies.Array(value.Extents),
        Complete = value.Complete,
        Locations = Copies.Array(value.Locations),
        Pages = value.Pages,
    };
}

[GenerateSerializer, Immutable, Alias("dfs.written-blob")]
internal struct WrittenBlobSurrogate
{
    [Id(0)] public BlobId Blob;
    [Id(1)] public long Length;
    [Id(2)] public Extent[] Extents;
}

[RegisterConverter]
internal sealed class WrittenBlobConverter : IConverter<WrittenBlob, WrittenBlobSurrogate>
{
    public WrittenBlob ConvertFromSurrogate(in WrittenBlobSurrogate surrogate) => new(
        surrogate.Blob,
        surrogate.Length,
        surrogate.Extents);

    public WrittenBlobSurrogate ConvertToSurrogate(in WrittenBlob value) => new()
    {
        Blob = value.Blob,
        Length = value.Length,
        Extents = Copies.Array(value.Extents),
    };
}

[GenerateSerializer, Immutable, Alias("dfs.write-precondition")]
internal struct WritePreconditionSurrogate
{
    [Id(0)] public string? IfMatch;
    [Id(1)] public string? IfNoneMatch;
}

[RegisterConverter]
internal sealed class WritePreconditionConverter : IConverter<WritePrecondition, WritePreconditionSurrogate>
{
    public WritePrecondition ConvertFromSurrogate(in WritePreconditionSurrogate surrogate) => new(
        surrogate.IfMatch,
        surrogate.IfNoneMatch);

    public WritePreconditionSurrogate ConvertToSurrogate(in WritePrecondition value) => new()
    {
        IfMatch = value.IfMatch,
        IfNoneMatch = value.IfNoneMatch,
    };
}

[GenerateSerializer, Immutable, Alias("dfs.file-properties")]
internal struct FilePropertiesSurrogate
{
    [Id(0)] public string? ContentType;
    [Id(1)] public string? CacheControl;
    [Id(2)] public string? ContentDisposition;
    [Id(3)] public string? ContentEncoding;
    [Id(4)] public string? ContentLanguage;
    [Id(5)] public string? Expires;
    [Id(6)] public string? WebsiteRedirect;
    [Id(7)] public string? StorageClass;
    [Id(8)] public string Owner;
    [Id(9)] public Dictionary<string, string> UserMetadata;
    [Id(10)] public Checksum? Checksum;
    [Id(11)] public Dictionary<string, string> Internal;
    [Id(12)] public Retention? Retention;
    [Id(13)] public bool? LegalHold;
    [Id(14)] public RetentionPeriod? DefaultRetention;
    [Id(15)] public Encryption? Encryption;
}

[GenerateSerializer, Immutable, Alias("dfs.encryption")]
internal struct EncryptionSurrogate
{
    [Id(0)] public EncryptionKind Kind;
    [Id(1)] public string MasterKey;
    [Id(2)] public byte[] Sealed;
    [Id(3)] public string? CustomerKeyMd5;
}

[RegisterConverter]
internal sealed class EncryptionConverter : IConverter<Encryption, EncryptionSurrogate>
{
    public Encryption ConvertFromSurrogate(in EncryptionSurrogate surrogate) =>
        new(surrogate.Kind, surrogate.MasterKey, surrogate.Sealed, surrogate.CustomerKeyMd5);

    public EncryptionSurrogate ConvertToSurrogate(in Encryption value) =>
        new() { Kind = value.Kind, MasterKey = value.MasterKey, Sealed = value.Sealed, CustomerKeyMd5 = value.CustomerKeyMd5 };
}

[GenerateSerializer, Immutable, Alias("dfs.retention")]
internal struct RetentionSurrogate
{
    [Id(0)] public RetentionMode Mode;
    [Id(1)] public DateTimeOffset Until;
}

[RegisterConverter]
internal sealed class RetentionConverter : IConverter<Retention, RetentionSurrogate>
{
    public Retention ConvertFromSurrogate(in RetentionSurrogate surrogate) => new(surrogate.Mode, surrogate.Until);

    public RetentionSurrogate ConvertToSurrogate(in Retention value) => new() { Mode = value.Mode, Until = value.Until };
}

[GenerateSerializer, Immutable, Alias("dfs.retention-period")]
internal struct RetentionPeriodSurrogate
{
    [Id(0)] public RetentionMode Mode;
    [Id(1)] public int Days;
}

[RegisterConverter]
internal sealed class RetentionPeriodConverter : IConverter<RetentionPeriod, RetentionPeriodSurrogate>
{
    public RetentionPeriod ConvertFromSurrogate(in RetentionPeriodSurrogate surrogate) => new(surrogate.Mode, surrogate.Days);

    public RetentionPeriodSurrogate ConvertToSurrogate(in RetentionPeriod value) => new() { Mode = value.Mode, Days = value.Days };
}

[RegisterConverter]
internal sealed class FilePropertiesConverter : IConverter<FileProperties, FilePropertiesSurrogate>
{
    public FileProperties ConvertFromSurrogate(in FilePropertiesSurrogate surrogate) => new()
    {
        ContentType = surrogate.ContentType,
        CacheControl = surrogate.CacheControl,
        ContentDisposition = surrogate.ContentDisposition,
        ContentEncoding = surrogate.ContentEncoding,
        ContentLanguage = surrogate.ContentLanguage,
        Expires = surrogate.Expires,
        WebsiteRedirect = surrogate.WebsiteRedirect,
        StorageClass = surrogate.StorageClass,
        Owner = surrogate.Owner,
        UserMetadata = surrogate.UserMetadata,
        Checksum = surrogate.Checksum,
        Internal = surrogate.Internal,
        Retention = surrogate.Retention,
        LegalHold = surrogate.LegalHold,
        DefaultRetention = surrogate.DefaultRetention,
        Encryption = surrogate.Encryption,
    };

    public FilePropertiesSurrogate ConvertToSurrogate(in FileProperties value) => new()
    {
        ContentType = value.ContentType,
        CacheControl = value.CacheControl,
        ContentDisposition = value.ContentDisposition,
        ContentEncoding = value.ContentEncoding,
        ContentLanguage = value.ContentLanguage,
        Expires = value.Expires,
        WebsiteRedirect = value.WebsiteRedirect,
        StorageClass = value.StorageClass,
        Owner = value.Owner,
        UserMetadata = Copies.Dictionary(value.UserMetadata),
        Checksum = value.Checksum,
        Internal = Copies.Dictionary(value.Internal),
        Retention = value.Retention,
        LegalHold = value.LegalHold,
        DefaultRetention = value.DefaultRetention,
        Encryption = value.Encryption,
    };
}
