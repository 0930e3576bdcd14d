using OrleansDfs.Gateway.Access;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>Which ACLs a bucket takes: object ownership and the public access block say so.</summary>
static class AclRules
{
    /// <summary>With ACLs off, only what holds anyway may be said.</summary>
    /// <exception cref="S3Exception">AccessControlListNotSupported.</exception>
    public static void CheckSupported(BucketInfo bucket, AclRequest? asked)
    {
        if (asked is not null && !BucketOwnership.AllowsAcls(bucket) && !SaysNothing(asked, bucket.Owner))
            throw new S3Exception(ErrorCode.AccessControlListNotSupported);
    }

    /// <exception cref="S3Exception">AccessDenied.</exception>
    public static void CheckPublic(BucketInfo bucket, AccessControlList list)
    {
        if (list.IsPublic && PublicAccessBlock.Of(bucket).BlockPublicAcls)
            throw new S3Exception(ErrorCode.AccessDenied,
                "Access Denied: public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.");
    }

    /// <summary>It asks for no more than the owner's full control.</summary>
    public static bool SaysNothing(AclRequest asked, string owner) => asked.Canned is { } canned
        ? canned is CannedAcl.Private or CannedAcl.BucketOwnerFullControl
        : new AccessControlList(asked.Grants).IsOwnersOnly(owner);
}

/// <summary>
/// Owner and ACL of what a request writes, as its headers ask and the bucket allows. Read before the body is taken, and applied to the bucket that
/// the commit names: its ownership may have changed meanwhile.
/// </summary>
sealed class WrittenAcl
{
    readonly AclRequest? _asked;
    readonly string _sender;

    WrittenAcl(AclRequest? asked, string sender) => (_asked, _sender) = (asked, sender);

    /// <exception cref="S3Exception">What <see cref="AclRequest"/>, <see cref="AclGrantees"/> and <see cref="AclRules"/> refuse.</exception>
    public static async Task<WrittenAcl> Read(S3Request request)
    {
        var asked = AclRequest.Read(request.Headers, ofObject: true);
        if (asked is not null) asked = await request.ResolveGrantees(asked);
        var acl = new WrittenAcl(asked, request.Sender);
        acl.On(request.Bucket);
        return acl;
    }

    public FileProperties Give(FileProperties properties, BucketInfo bucket)
    {
        var (owner, list) = On(bucket);
        return properties.Give(owner, list);
    }

    (string Owner, AccessControlList List) On(BucketInfo bucket)
    {
        AclRules.CheckSupported(bucket, _asked);
        if (!BucketOwnership.AllowsAcls(bucket)) return (bucket.Owner, AccessControlList.Private(bucket.Owner));
        // BucketOwnerPreferred: who hands the bucket's owner everything hands over the object.
        var owner = _asked?.Canned == CannedAcl.BucketOwnerFullControl && BucketOwnership.IsPreferred(bucket) ? bucket.Owner : _sender;
        var list = _asked switch
        {
            null => AccessControlList.Private(owner),
            { Canned: { } canned } => canned.OnObject(owner, bucket.Owner),
            _ => new AccessControlList(_asked.Grants),
        };
        AclRules.CheckPublic(bucket, list);
        return (owner, list);
    }
}
