using OrleansDfs.Model;

namespace OrleansDfs.Gateway;

/// <summary>The object ownership of a bucket, kept in its settings under the subresource's name.</summary>
static class BucketOwnership
{
    public const string Setting = "ownershipControls";
    public const string Enforced = "BucketOwnerEnforced";
    public const string Preferred = "BucketOwnerPreferred";
    public const string Writer = "ObjectWriter";

    public static string Of(BucketInfo bucket) => bucket.Settings.GetValueOrDefault(Setting, Enforced);

    public static bool AllowsAcls(BucketInfo bucket) => Of(bucket) != Enforced;
}
