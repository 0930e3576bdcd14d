using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Access;

/// <summary>
/// The one place that says who may do what. Default deny. An explicit deny, of the bucket's policy or of the user's own, wins over everything. Then
/// any of these allows: the user's own policies; the bucket's policy; ownership and ACLs (<see cref="AclAuthorization"/>), which know the root user
/// too.
/// </summary>
/// <remarks>
/// Invariant: who was made by a user may do nothing that this user's policies do not allow (<see cref="IdentityPolicies"/>), however it is granted.
/// The bucket's owner and root can always read, put and delete the bucket's policy itself, or a mistaken deny would close the bucket for ever (AWS,
/// PutBucketPolicy: "the root user of the account that owns a bucket can always perform this operation").
/// </remarks>
static class Authorization
{
    const string Arn = "arn:aws:s3:::";
    const string ExistingTag = "s3:ExistingObjectTag/";

    /// <summary>The decision depends on the file as it is: it must be opened first.</summary>
    public static bool NeedsFile(AccessRequest asked, BucketInfo bucket) =>
        asked.Key is not null && (asked.Identity.Policies.Asks(ExistingTag) || BucketPolicy.Of(bucket)?.Asks(ExistingTag) == true
            || AclAuthorization.NeedsFile(asked, bucket));

    /// <exception cref="S3Exception">AccessDenied.</exception>
    public static void Require(AccessRequest asked, BucketInfo bucket, FileVersion? file)
    {
        if (!Allows(asked, bucket, file)) throw Denied(asked.Operation);
    }

    /// <param name="file">The version asked for; <c>null</c> where there is none or <see cref="NeedsFile"/> said no.</param>
    public static bool Allows(AccessRequest asked, BucketInfo bucket, FileVersion? file)
    {
        var (user, own) = (asked.Identity.User, asked.Identity.Policies);
        var rules = user is not null && (user.IsRoot || (user.Name == bucket.Owner && own.AreEmpty));
        if (asked.NamesKeysLater)
            return rules || MayDelete(own.MayAllow) || AclAuthorization.Allows(asked, "s3:DeleteObject", bucket, null)
                || (BucketPolicy.Of(bucket) is { } policy && IsOpen(policy, bucket) && MayDelete(action => policy.MayAllow(user?.Name, action)));
        var keepsPolicy = rules && asked.Operation.Subresource == "policy";
        foreach (var action in asked.Actions())
        {
            var (identity, granted) = Decide(asked, action, bucket, file);
            if (identity == PolicyDecision.Deny || (granted == PolicyDecision.Deny && !keepsPolicy)) return false;
            if (identity == PolicyDecision.Allow) continue;
            if (granted == PolicyDecision.Allow && !AclAuthorization.IsBeyondPolicy(asked, action, bucket, file)) continue;
            if (!AclAuthorization.Allows(asked, action, bucket, file)) return false;
        }
        return true;
    }

    /// <summary>Whether nothing but a grant of the bucket's ACL lets this request in: then uploads of others are not its business.</summary>
    public static bool IsByGrantOnly(AccessRequest asked, BucketInfo bucket) => AclAuthorization.IsByGrantOnly(asked, bucket)
        && asked.Actions().Any(action => Decide(asked, action, bucket, null) is not (PolicyDecision.Allow, _) and not (_, PolicyDecision.Allow));

    /// <summary>What the user's own policies and the bucket's say. An Allow that the public access block closes is none.</summary>
    static (PolicyDecision Identity, PolicyDecision Bucket) Decide(AccessRequest asked, string action, BucketInfo bucket, FileVersion? file)
    {
        var policy = BucketPolicy.Of(bucket);
        if (policy is null && ReferenceEquals(asked.Identity.Policies, IdentityPolicies.None))
            return (PolicyDecision.Silent, PolicyDecision.Silent); // nobody to ask
        var resource = asked.Key is { } key ? $"{bucket.Name}/{key.Value}" : bucket.Name.Value;
        var request = new PolicyRequest(asked.Identity.User?.Name, action, resource, name => asked.Facts.Values(name, file));
        var identity = asked.Identity.Policies.Decide(request with { Resource = Arn + resource });
        if (policy is null) return (identity, PolicyDecision.Silent);
        var granted = policy.Decide(request);
        return (identity, granted == PolicyDecision.Allow && !IsOpen(policy, bucket) ? PolicyDecision.Silent : granted);
    }

    static bool IsOpen(PolicyDocument policy, BucketInfo bucket) => !(policy.IsPublic && PublicAccessBlock.Of(bucket).RestrictPublicBuckets);

    static bool MayDelete(Func<string, bool> may) => may("s3:DeleteObject") || may("s3:DeleteObjectVersion");

    /// <summary>For operations that no bucket's settings can open to others: a user without policies may create buckets and list its own.</summary>
    /// <param name="bucket">The bucket to be made; <c>null</c>: none.</param>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public static void RequireOnService(AccessRequest asked, BucketName? bucket)
    {
        var user = RequireUser(asked.Identity, asked.Operation);
        if (user.IsRoot) return;
        var decision = asked.Identity.Policies.Decide(
            new PolicyRequest(user.Name, asked.Operation.IamAction, Arn + (bucket?.Value ?? "*"), name => asked.Facts.Values(name, null)));
        if (decision != PolicyDecision.Allow && (decision == PolicyDecision.Deny || !asked.Identity.Policies.AreEmpty)) throw Denied(asked.Operation);
    }

    /// <summary>Nobody anonymous gets further.
    /// <exception cref="S3Exception">AccessDenied for an anonymous request.</exception>
    public static UserInfo RequireUser(Identity identity, Operation operation) => identity.User ?? throw Denied(operation);

    public static S3Exception Denied(Operation operation) =>
        new(ErrorCode.AccessDenied, operation.IamAction.Length == 0 ? null : $"Access Denied: {operation.IamAction}");
}
