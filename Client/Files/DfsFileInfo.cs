using OrleansDfs.Model;

namespace OrleansDfs.Client;

/// <summary>One version of a file as callers see it.</summary>
/// <param name="Version">Its number; keep it to read exactly this version later.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ETag">MD5 in hex, or <c>…-N</c> for an upload in N parts.</param>
/// <param name="LastModified">The catalog's clock at the commit.</param>
public sealed record DfsFileInfo(
    string Bucket,
    string Key,
    VersionId Version,
    long Size,
    string ETag,
    DateTimeOffset LastModified,
    string? ContentType,
    IReadOnlyDictionary<string, string> Metadata)
{
    internal static DfsFileInfo Of(BucketName bucket, FileVersion version) => new(
        bucket.Value,
        version.Key.Value,
        version.Version,
        version.Size,
        version.ETag,
        version.LastModified,
        version.Properties.ContentType,
        version.Properties.UserMetadata);
}

/// <summary>A bucket as callers see it.</summary>
public sealed record DfsBucketInfo(string Name, string Owner, DateTimeOffset Created, Versioning Versioning);

/// <summary>One line of a listing: a file, or with a delimiter a common prefix (then <paramref name="IsPrefix"/> is set and the rest is
/// empty).</summary>
public sealed record DfsListEntry(string Key, bool IsPrefix, long Size, string ETag, DateTimeOffset LastModified);
