namespace OrleansDfs.S3;

/// <summary>What a grant permits (AWS, "Access control list (ACL) overview").</summary>
[Flags]
public enum AclPermission
{
    None = 0,

    /// <summary>Of a bucket: to list it. Of an object: its data and metadata.</summary>
    Read = 1,

    /// <summary>Of a bucket: to put and delete objects. Of an object it means nothing, but is kept and shown, as on AWS.</summary>
    Write = 2,
    ReadAcp = 4,
    WriteAcp = 8,
    FullControl = Read | Write | ReadAcp | WriteAcp,
}

public enum GranteeKind
{
    User,

    /// <summary>A user by address: only in requests, for it is resolved before it is kept.</summary>
    Email,
    Group,
}

/// <param name="Id">Canonical user id, e-mail address or URI of a group.</param>
public readonly record struct Grantee(GranteeKind Kind, string Id)
{
    /// <summary>AWS's canonical id of whoever does not sign.</summary>
    public const string AnonymousId = "65a011a29cdf8ec533ec3d1ccaae921c";

    /// <summary>AWS's own account that <c>aws-exec-read</c> names. It signs nothing here.</summary>
    public const string AwsExecId = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";

    /// <summary>Everybody, anonymous requests too.</summary>
    public static readonly Grantee AllUsers = new(GranteeKind.Group, "http://acs.amazonaws.com/groups/global/AllUsers");

    /// <summary>Everybody who signs.</summary>
    public static readonly Grantee AuthenticatedUsers = new(GranteeKind.Group, "http://acs.amazonaws.com/groups/global/AuthenticatedUsers");

    /// <summary>AWS's writer of access logs; nobody here.</summary>
    public static readonly Grantee LogDelivery = new(GranteeKind.Group, "http://acs.amazonaws.com/groups/s3/LogDelivery");

    public static Grantee User(string id) => new(GranteeKind.User, id);

    /// <summary>AWS's meaning of "public" ("Blocking public access"): either global group. What the anonymous user has, everybody has too.</summary>
    public bool IsPublic => this == AllUsers || this == AuthenticatedUsers || this == User(AnonymousId);

    /// <param name="user">Canonical id, or <c>null</c> for an anonymous request.</param>
    public bool Covers(string? user) =>
        Kind == GranteeKind.User ? Id == (user ?? AnonymousId) : this == AllUsers || (user is not null && this == AuthenticatedUsers);
}

public readonly record struct Grant(Grantee Grantee, AclPermission Permission);

/// <summary>
/// Who may do what with a bucket or object, beside policies. Its owner is kept with the bucket or version; grants are what is granted, the owner's
/// own included: an owner without any can still read and write the ACL (<see cref="Allows"/>), and nothing else.
/// </summary>
public sealed record AccessControlList(IReadOnlyList<Grant> Grants)
{
    /// <summary>Most grants of one list (AWS).</summary>
    public const int MaxGrants = 100;

    /// <summary>What is made without an ACL has this one.</summary>
    public static AccessControlList Private(string owner) => new([new Grant(Grantee.User(owner), AclPermission.FullControl)]);

    public bool IsPublic => Grants.Any(grant => grant.Grantee.IsPublic);

    /// <summary>Nobody but the owner has anything, and the owner has everything: with ACLs off this is what holds anyway.</summary>
    public bool IsOwnersOnly(string owner) =>
        Grants.Count > 0 && Grants.All(grant => grant == new Grant(Grantee.User(owner), AclPermission.FullControl));

    /// <summary>Nobody but the owner has anything.</summary>
    public bool NamesOnly(string owner) => Grants.All(grant => grant.Grantee == Grantee.User(owner));

    /// <param name="user">Canonical id, or <c>null</c> for an anonymous request.</param>
    /// <param name="ignorePublic">Public grants count for nothing (IgnorePublicAcls).</param>
    public bool Allows(AclPermission wanted, string? user, string owner, bool ignorePublic)
    {
        if (user == owner && wanted is AclPermission.ReadAcp or AclPermission.WriteAcp) return true;
        foreach (var (grantee, permission) in Grants)
            if ((permission & wanted) == wanted && !(ignorePublic && grantee.IsPublic) && grantee.Covers(user)) return true;
        return false;
    }
}
