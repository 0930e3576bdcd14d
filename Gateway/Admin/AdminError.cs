using OrleansDfs.Model;

namespace OrleansDfs.Gateway.Admin;

/// <summary>A request to the admin API is refused, with IAM's name for why (AWS, IAM API Reference, "Common errors").</summary>
sealed class AdminException(int status, string code, string message) : Exception(message)
{
    public int Status => status;
    public string Code => code;

    public static AdminException Of(AccountStatus status) => status switch
    {
        AccountStatus.NoSuchUser => new(404, "NoSuchEntity", "There is no such user."),
        AccountStatus.NoSuchKey => new(404, "NoSuchEntity", "The user has no such access key."),
        AccountStatus.NoSuchPolicy => new(404, "NoSuchEntity", "The user has no such policy."),
        AccountStatus.AlreadyExists => new(409, "EntityAlreadyExists", "That name or access key is taken."),
        AccountStatus.Configured => new(409, "UnmodifiableEntity",
            "This user comes from the configuration of the servers (OrleansDfs:Users, or the root key): change it there."),
        AccountStatus.NotPermitted => new(403, "AccessDenied", "Only root and those above a user may do this."),
        AccountStatus.HasChildren => new(409, "DeleteConflict", "The user has made other users: remove them first."),
        AccountStatus.OwnsBuckets => new(409, "DeleteConflict", "The user owns buckets: remove them first."),
        AccountStatus.LimitExceeded => new(409, "LimitExceeded",
            $"A user has at most {AccountRules.MaxKeys} keys and {AccountRules.MaxPolicies} policies, and users make users at most "
            + $"{AccountRules.MaxDepth} deep."),
        AccountStatus.Invalid => Invalid(
            "A name has 1 to 64 letters, digits or +=,.@_- and is not 'root'; an access key 3 to 128 letters, digits or _; "
            + "a secret key 8 to 128 printable characters without spaces; a policy's name 1 to 128 letters, digits or +=,.@_-."),
        AccountStatus.Unavailable => new(503, "ServiceUnavailable", "The catalog is away. Nothing happened."),
        AccountStatus.Unknown => new(503, "ServiceUnavailable", "No answer came: it may or may not have happened. Look before trying again."),
        _ => new(500, "InternalError", "An outcome that is not known here."),
    };

    public static AdminException Invalid(string message) => new(400, "InvalidInput", message);
}
