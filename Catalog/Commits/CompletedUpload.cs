using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Commits;

/// <summary>The answer of CompleteMultipartUpload as the upload's row keeps it, also after the version itself is gone.</summary>
internal static class CompletedUpload
{
    public static UploadResult ResultOf(VersionRow row) =>
        new(row.Version, row.IsNull, row.Size, row.ETag, row.LastModified, row.PartCount, row.Properties);

    public static FileVersion Version(KeyId key, string result, string tags)
    {
        var kept = Documents.ReadResult(result);
        return new FileVersion(
            key.Bucket,
            ObjectKey.Parse(key.Key),
            new VersionId(kept.Version),
            1,
            kept.IsNull,
            true,
            false,
            kept.Size,
            kept.ETag,
            MicrosecondClock.FromMicroseconds(kept.LastModified),
            kept.PartCount,
            Documents.ReadProperties(kept.Properties),
            Documents.ReadTags(tags));
    }
}
