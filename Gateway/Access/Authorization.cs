using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Access;

/// <summary>
/// The one place that says who may do what. Default deny: the owner of a bucket and the root user may do everything in it, nobody else anything.
/// Bucket policies, ACLs and the public access block are judged here when they come.
/// </summary>
static class Authorization
{
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public static void Require(Identity identity, Operation operation, BucketInfo bucket)
    {
        if (identity.User is not { } user) throw Denied(operation);
        if (!user.IsRoot && user.Name != bucket.Owner) throw Denied(operation);
    }

    /// <summary>For operations that no bucket's settings can open to others.</summary>
    /// <exception cref="S3Exception">AccessDenied for an anonymous request.</exception>
    public static UserInfo RequireUser(Identity identity, Operation operation) => identity.User ?? throw Denied(operation);

    static S3Exception Denied(Operation operation) =>
        new(ErrorCode.AccessDenied, operation.IamAction.Length == 0 ? null : $"Access Denied: {operation.IamAction}");
}
