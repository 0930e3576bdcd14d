using System.Data.Common;
using OrleansDfs.Catalog.Engines;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Rows;

/// <summary>Names one file's row.</summary>
internal readonly record struct KeyId(long Bucket, string Key) : IComparable<KeyId>
{
    /// <summary>The order in which key rows are locked (PROTOCOL §5): by bucket, then by the bytes of the key.</summary>
    public int CompareTo(KeyId other) => Bucket != other.Bucket ? Bucket.CompareTo(other.Bucket) : Utf8Order.Compare(Key, other.Key);
}

/// <summary>A row of <c>versions</c>. JSON stays text until someone asks.</summary>
internal sealed record VersionRow(
    KeyId Key,
    long Version,
    long Revision,
    bool IsNull,
    bool IsCurrent,
    bool IsDeleteMarker,
    long Size,
    string ETag,
    long LastModified,
    int PartCount,
    Guid? Blob,
    string Properties,
    string Tags)
{
    public const string Columns =
        "v.bucket_id, v.key, v.version_id, v.revision, v.is_null, v.is_current, v.is_delete_marker, v.size, v.etag, v.last_modified, v.part_count, " +
            "v.blob_id, " +
        "v.properties, v.tags";

    public const int ColumnCount = 14;

    public static VersionRow Read(DbDataReader r) => Read(r, 0);

    public static VersionRow Read(DbDataReader r, int at) => new(
        new KeyId(r.GetInt64(at), r.GetString(at + 1)),
        r.GetInt64(at + 2),
        r.GetInt64(at + 3),
        r.GetBoolean(at + 4),
        r.GetBoolean(at + 5),
        r.GetBoolean(at + 6),
        r.GetInt64(at + 7),
        r.GetString(at + 8),
        r.GetInt64(at + 9),
        r.GetInt32(at + 10),
        r.Id(at + 11),
        r.GetString(at + 12),
        r.GetString(at + 13));

    /// <param name="properties">What <see cref="Properties"/> was written from, where that is at hand.</param>
    public FileVersion ToFileVersion(FileProperties? properties = null) => new(
        Key.Bucket,
        ObjectKey.Parse(Key.Key),
        new VersionId(Version),
        Revision,
        IsNull,
        IsCurrent,
        IsDeleteMarker,
        Size,
        ETag,
        MicrosecondClock.FromMicroseconds(LastModified),
        PartCount,
        properties ?? Documents.ReadProperties(Properties),
        Documents.ReadTags(Tags));
}
