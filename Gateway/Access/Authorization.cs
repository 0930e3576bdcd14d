using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Access;

/// <summary>
/// The one place that says who may do what. Default deny. An explicit deny of the bucket's policy wins over everything; then the owner of the bucket and the
/// root user may do everything in it, others what the policy allows them.
/// </summary>
/// <remarks>
/// The bucket's owner and root can always read, put and delete the policy itself, or a mistaken deny would close the bucket for ever (AWS, PutBucketPolicy:
/// "the root user of the account that owns a bucket can always perform this operation").
/// </remarks>
static class Authorization
{
    /// <summary>The decision depends on the file as it is: it must be opened first.</summary>
    public static bool NeedsFile(AccessRequest asked, BucketInfo bucket) =>
        asked.Key is not null && BucketPolicy.Of(bucket) is { } policy && policy.Asks("s3:ExistingObjectTag/");

    /// <exception cref="S3Exception">AccessDenied.</exception>
    public static void Require(AccessRequest asked, BucketInfo bucket, FileVersion? file)
    {
        if (!Allows(asked, bucket, file)) throw Denied(asked.Operation);
    }

    /// <param name="file">The version asked for; <c>null</c> where there is none or <see cref="NeedsFile"/> said no.</param>
    public static bool Allows(AccessRequest asked, BucketInfo bucket, FileVersion? file)
    {
        var user = asked.Identity.User;
        var isOwner = user is not null && (user.IsRoot || user.Name == bucket.Owner);
        if (isOwner && asked.Operation.Subresource == "policy") return true;
        if (BucketPolicy.Of(bucket) is not { } policy) return isOwner;
        var isOpen = !(policy.IsPublic && PublicAccessBlock.Of(bucket).RestrictPublicBuckets);
        if (asked.NamesKeysLater)
            return isOwner || (isOpen && (policy.MayAllow(user?.Name, "s3:DeleteObject") || policy.MayAllow(user?.Name, "s3:DeleteObjectVersion")));
        var resource = asked.Key is { } key ? $"{bucket.Name}/{key.Value}" : bucket.Name.Value;
        foreach (var action in asked.Actions())
        {
            var decision = policy.Decide(new PolicyRequest(user?.Name, action, resource, name => asked.Facts.Values(name, file)));
            if (decision == PolicyDecision.Deny) return false;
            if (!isOwner && (decision != PolicyDecision.Allow || !isOpen)) return false;
        }
        return true;
    }

    /// <summary>For operations that no bucket's settings can open to others.</summary>
    /// <exception cref="S3Exception">AccessDenied for an anonymous request.</exception>
    public static UserInfo RequireUser(Identity identity, Operation operation) => identity.User ?? throw Denied(operation);

    public static S3Exception Denied(Operation operation) =>
        new(ErrorCode.AccessDenied, operation.IamAction.Length == 0 ? null : $"Access Denied: {operation.IamAction}");
}
