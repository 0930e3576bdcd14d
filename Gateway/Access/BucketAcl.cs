using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Access;

/// <summary>The ACL of a bucket, kept in its settings as the document that GetBucketAcl shows. Read once for each loaded bucket.</summary>
static class BucketAcl
{
    public const string Setting = "acl";

    static readonly ConditionalWeakTable<BucketInfo, AccessControlList> _parsed = [];

    /// <summary>With ACLs off, what holds anyway: the owner's full control.</summary>
    public static AccessControlList Of(BucketInfo bucket) =>
        BucketOwnership.AllowsAcls(bucket) ? Kept(bucket) : AccessControlList.Private(bucket.Owner);

    /// <summary>What is kept, whether ACLs are on or off.</summary>
    public static AccessControlList Kept(BucketInfo bucket) => bucket.Settings.TryGetValue(Setting, out var document)
        ? _parsed.GetValue(bucket, _ => new AccessControlList(AccessControlDocument.Parse(Encoding.UTF8.GetBytes(document)).Grants))
        : AccessControlList.Private(bucket.Owner);

    /// <returns>What to keep: <c>null</c> for what a bucket has without.</returns>
    public static string? Document(string owner, AccessControlList list)
    {
        if (list.IsOwnersOnly(owner)) return null;
        var document = new ArrayBufferWriter<byte>();
        AccessControlDocument.Write(document, owner, list);
        return Encoding.UTF8.GetString(document.WrittenSpan);
    }
}
