using OrleansDfs.Model;

namespace OrleansDfs.Gateway;

/// <summary>The object ownership of a bucket, kept in its settings under the subresource's name.</summary>
static class BucketOwnership
{
    public const string Setting = "ownershipControls";
    public const string Enforced = "BucketOwnerEnforced";
    public const string Preferred = "BucketOwnerPreferred";
    public const string Writer = "ObjectWriter";

    /// <summary>Settings are kept as the documents that the Put operations take.</summary>
    public static string Document(string ownership) =>
        $"<OwnershipControls><Rule><ObjectOwnership>{ownership}</ObjectOwnership></Rule></OwnershipControls>";

    // Asked several times with each request, so the documents are made once.
    static readonly string _preferred = Document(Preferred);
    static readonly string _writer = Document(Writer);

    /// <summary>
    /// Kept where the ownership was deleted. AWS then falls back to what held before there was such a setting, ObjectWriter, and not to what it
    /// gives new buckets ("Controlling ownership of objects").
    /// </summary>
    public const string Deleted = "";

    /// <returns><c>null</c>: the bucket has none.</returns>
    public static string? Find(BucketInfo bucket) =>
        bucket.Settings.TryGetValue(Setting, out var document) && document != Deleted ? document : null;

    /// <summary>A bucket that says nothing, such as one made by the client library, is as S3 makes them today.</summary>
    public static bool AllowsAcls(BucketInfo bucket) => bucket.Settings.TryGetValue(Setting, out var document)
        && (document == _preferred || document == _writer || document == Deleted);

    /// <summary>Who writes with <c>bucket-owner-full-control</c> hands the object over.</summary>
    public static bool IsPreferred(BucketInfo bucket) => bucket.Settings.TryGetValue(Setting, out var document) && document == _preferred;
}
