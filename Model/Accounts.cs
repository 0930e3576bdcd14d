namespace OrleansDfs.Model;

/// <summary>How a change of users, keys or user policies ended.</summary>
public enum AccountStatus
{
    Ok = 0,
    NoSuchUser = 1,
    NoSuchKey = 2,
    NoSuchPolicy = 3,
    AlreadyExists = 4,

    /// <summary>The user or key comes from the configuration, which alone can change it.</summary>
    Configured = 5,

    /// <summary>The caller is neither root nor an ancestor of that user.</summary>
    NotPermitted = 6,

    /// <summary>The user has made others, who would be left without their bound.</summary>
    HasChildren = 7,
    OwnsBuckets = 8,
    LimitExceeded = 9,

    /// <summary>A name, key, secret or document is malformed.</summary>
    Invalid = 10,

    /// <summary>Nothing happened.</summary>
    Unavailable = 11,

    /// <summary>It may have happened.</summary>
    Unknown = 12,
}

public sealed record AccessKeyInfo(string AccessKey, bool Disabled, bool Configured, DateTimeOffset Created);

/// <summary>A user as an administrator sees it.</summary>
/// <param name="Parent">Who made it, and whose policies bound it; "" for a user of root's or of the configuration.</param>
/// <param name="Configured">It comes from the configuration.</param>
/// <param name="Policies">Names.</param>
public sealed record AccountInfo(
    UserInfo User,
    string Parent,
    bool Disabled,
    bool Configured,
    DateTimeOffset Created,
    IReadOnlyList<AccessKeyInfo> Keys,
    IReadOnlyList<string> Policies);

/// <summary>Limits and forms of accounts (AWS, "IAM and AWS STS quotas", where it has them).</summary>
public static class AccountRules
{
    public const int MaxKeys = 10;
    public const int MaxPolicies = 10;

    /// <summary>Bytes of one policy document.</summary>
    public const int MaxPolicyBytes = 20 * 1024;

    /// <summary>Users who made users who made users: so deep at most.</summary>
    public const int MaxDepth = 8;

    /// <summary>Users of the API: IAM's form of a name.</summary>
    public static bool IsUserName(string? text) => IsName(text, 64) && text is not "root";

    public static bool IsPolicyName(string? text) => IsName(text, 128);

    public static bool IsAccessKey(string? text) => text is { Length: >= 3 and <= 128 } && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    /// <summary>Printable ASCII without spaces: it must survive a shell line and an environment variable.</summary>
    public static bool IsSecret(string? text) => text is { Length: >= 8 and <= 128 } && text.All(c => c is >= '!' and <= '~');

    private static bool IsName(string? text, int longest) =>
        text is { Length: > 0 } && text.Length <= longest && text.All(c => char.IsAsciiLetterOrDigit(c) || "+=,.@_-".Contains(c));
}
