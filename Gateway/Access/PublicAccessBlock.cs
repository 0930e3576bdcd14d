using System.Text;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Access;

/// <summary>The public access block of a bucket, kept in its settings as the document that was put.</summary>
static class PublicAccessBlock
{
    public const string Setting = "publicAccessBlock";

    public static PublicAccessSwitches Of(BucketInfo bucket) => Find(bucket) ?? default;

    /// <returns><c>null</c>: the bucket has none.</returns>
    public static PublicAccessSwitches? Find(BucketInfo bucket) => bucket.Settings.TryGetValue(Setting, out var document)
        ? AccessDocuments.ParsePublicAccessBlock(Encoding.UTF8.GetBytes(document))
        : null;
}
