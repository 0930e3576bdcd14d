using System.Text;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Access;

/// <summary>
/// The ACL of a version, kept with its properties as the document that GetObjectAcl shows; a version without one has its owner's full control. It is
/// the one property that changes later, and raises the version's revision when it does (P20).
/// </summary>
static class ObjectAcl
{
    public static AccessControlList Of(FileVersion version) => version.Properties.Internal.TryGetValue(FileProperties.AclName, out var document)
        ? new AccessControlList(AccessControlDocument.Parse(Encoding.UTF8.GetBytes(document)).Grants)
        : AccessControlList.Private(version.Properties.Owner);

    /// <summary>The properties with this owner and ACL, whatever they had.</summary>
    public static FileProperties Give(this FileProperties properties, string owner, AccessControlList list) =>
        properties.WithAcl(BucketAcl.Document(owner, list)) with { Owner = owner };
}
