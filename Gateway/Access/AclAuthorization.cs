using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Access;

/// <summary>
/// What ownership and ACLs allow, after policies have had their say (AWS, "Mapping of ACL permissions and access policy permissions"). With ACLs off,
/// the bucket's owner may do everything and nobody else anything. With ACLs on, permissions that an ACL can give are only what it gives, to owners
/// too; all others are the bucket's owner's.
/// </summary>
/// <remarks>
/// The root user may do everything in buckets of others; in its own it is an owner like any other. A user who has policies owns nothing by this: they
/// say what it may do with what is its own, as in IAM; what others' ACLs grant it, it has. An object belongs to who wrote it: of one that is not its
/// own, the bucket's owner reads what the object's ACL grants, may always delete it, and no policy of the bucket opens it to others.
/// </remarks>
static class AclAuthorization
{
    public static bool Allows(AccessRequest asked, string action, BucketInfo bucket, FileVersion? file)
    {
        if (IsAboveAcls(asked, bucket)) return true;
        var isOwner = asked.Identity.User is { } user && user.Name == bucket.Owner && !IsBoundByPolicies(asked);
        if (!BucketOwnership.AllowsAcls(bucket)) return isOwner;
        if (IsAboutObject(asked, action)) return OfObject(asked, action, bucket, file);
        return action switch
        {
            "s3:ListBucket" or "s3:ListBucketVersions" or "s3:ListBucketMultipartUploads" => OfBucket(AclPermission.Read),
            "s3:GetBucketAcl" => OfBucket(AclPermission.ReadAcp),
            "s3:PutBucketAcl" => OfBucket(AclPermission.WriteAcp),
            "s3:PutObject" or "s3:DeleteObject" => OfBucket(AclPermission.Write),
            // Others delete what is current; versions for ever only the owner (AWS).
            "s3:DeleteObjectVersion" => isOwner && OfBucket(AclPermission.Write),
            // Whoever begins an upload may end it; that it is the one who began it is asked where the upload is known (UploadAccess).
            "s3:AbortMultipartUpload" or "s3:ListMultipartUploadParts" => isOwner || OfBucket(AclPermission.Write),
            // What one writes is one's own: its ACL and tags come with it. Whether it may be written at all is asked as s3:PutObject.
            "s3:PutObjectAcl" or "s3:PutObjectTagging" when asked.MakesVersion => action == "s3:PutObjectAcl" || OfBucket(AclPermission.Write),
            _ => isOwner,
        };

        bool OfBucket(AclPermission wanted) => Grants(BucketAcl.Of(bucket), bucket.Owner, wanted, asked, bucket);
    }

    /// <summary>The decision is the object's ACL's: it must be opened first.</summary>
    public static bool NeedsFile(AccessRequest asked, BucketInfo bucket) =>
        BucketOwnership.AllowsAcls(bucket) && !IsAboveAcls(asked, bucket) && asked.Actions().Any(action => IsAboutObject(asked, action));

    /// <summary>A policy of the bucket cannot open what another owns (AWS, "bucket owner … objects owned by other accounts").</summary>
    public static bool IsBeyondPolicy(AccessRequest asked, string action, BucketInfo bucket, FileVersion? file) =>
        file is { IsDeleteMarker: false } && BucketOwnership.AllowsAcls(bucket) && file.Properties.Owner != bucket.Owner
            && IsAboutObject(asked, action);

    /// <summary>Only what the bucket's ACL grants lets this request in: of uploads, it may touch its own.</summary>
    public static bool IsByGrantOnly(AccessRequest asked, BucketInfo bucket) =>
        BucketOwnership.AllowsAcls(bucket) && !IsAboveAcls(asked, bucket) && asked.Identity.User?.Name != bucket.Owner;

    static bool IsAboveAcls(AccessRequest asked, BucketInfo bucket) => asked.Identity.User is { IsRoot: true } root && root.Name != bucket.Owner;

    static bool IsAboutObject(AccessRequest asked, string action) => action is "s3:GetObject" or "s3:GetObjectVersion" or "s3:GetObjectAcl"
        or "s3:GetObjectVersionAcl" || (action is "s3:PutObjectAcl" or "s3:PutObjectVersionAcl" && !asked.MakesVersion);

    static bool OfObject(AccessRequest asked, string action, BucketInfo bucket, FileVersion? file)
    {
        // Where there is nothing, nothing is protected but the fact itself, which who may list is told.
        if (file is not { IsDeleteMarker: false }) return Grants(BucketAcl.Of(bucket), bucket.Owner, AclPermission.Read, asked, bucket);
        var wanted = action switch
        {
            "s3:GetObject" or "s3:GetObjectVersion" => AclPermission.Read,
            "s3:GetObjectAcl" or "s3:GetObjectVersionAcl" => AclPermission.ReadAcp,
            _ => AclPermission.WriteAcp,
        };
        return Grants(ObjectAcl.Of(file), file.Properties.Owner, wanted, asked, bucket);
    }

    /// <summary>A user with policies of its own has what they give, and owning something is no more than being named in them.</summary>
    static bool IsBoundByPolicies(AccessRequest asked) => asked.Identity.User is { IsRoot: false } && !asked.Identity.Policies.AreEmpty;

    static bool Grants(AccessControlList list, string owner, AclPermission wanted, AccessRequest asked, BucketInfo bucket)
    {
        var user = asked.Identity.User?.Name;
        var ignorePublic = PublicAccessBlock.Of(bucket).IgnorePublicAcls;
        if (user != owner || !IsBoundByPolicies(asked)) return list.Allows(wanted, user, owner, ignorePublic);
        var toOthers = new AccessControlList([.. list.Grants.Where(grant => grant.Grantee != Grantee.User(owner))]);
        return toOthers.Allows(wanted, user, "", ignorePublic);
    }
}
