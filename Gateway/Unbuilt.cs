using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>
/// Headers that ask for what this server does not do yet. Each is refused with the error that AWS gives where the feature is off, or NotImplemented
/// by name:
/// a client that asked for encryption must not find its bytes in the clear.
/// </summary>
static class Unbuilt
{
    static readonly string[] _always =
    [
        "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-server-side-encryption-context", "x-amz-server-side-encryption-bucket-key-enabled",
        "x-amz-write-offset-bytes", "x-amz-mfa", "x-amz-rename-source", "x-amz-if-match-last-modified-time", "x-amz-if-match-size",
        "x-amz-if-match-initiated-time",
    ];

    static readonly string[] _grants =
        ["x-amz-grant-read", "x-amz-grant-write", "x-amz-grant-read-acp", "x-amz-grant-write-acp", "x-amz-grant-full-control"];

    /// <summary>For every operation on files.</summary>
    /// <exception cref="S3Exception">NotImplemented; InvalidArgument for an unknown canned ACL.</exception>
    public static void Refuse(S3Request request)
    {
        foreach (var (name, _) in request.Headers.Lines)
        {
            if (!name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase)) continue;
            if (Contains(_always, name)) throw NotImplemented(name);
            if (Contains(_grants, name) && !request.Asked.MakesVersion) throw NotImplemented(name); // AWS takes ACLs where something is made
        }
        if (!request.Asked.MakesVersion && CannedAcls.Read(request.Headers) is { } acl
            && acl is not (CannedAcl.Private or CannedAcl.BucketOwnerFullControl))
            throw NotImplemented("x-amz-acl");
    }

    public static S3Exception NotImplemented(string header) => new(ErrorCode.NotImplemented, null, ("Header", header.ToLowerInvariant()));

    static bool Contains(string[] names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);
}
