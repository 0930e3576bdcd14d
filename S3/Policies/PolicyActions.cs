using System.Collections.Frozen;

namespace OrleansDfs.S3;

/// <summary>
/// The actions that a bucket policy may name, each with what it is about (AWS, "Actions, resources, and condition keys for Amazon S3").
/// </summary>
internal static class PolicyActions
{
    private static readonly string[] Further =
    [
        "s3:GetObjectVersion", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging", "s3:GetObjectVersionAttributes", "s3:GetObjectVersionTorrent",
        "s3:GetObjectVersionForReplication", "s3:PutObjectVersionAcl", "s3:PutObjectVersionTagging", "s3:DeleteObjectVersion",
        "s3:DeleteObjectVersionTagging", "s3:BypassGovernanceRetention", "s3:ObjectOwnerOverrideToBucketOwner", "s3:ReplicateObject",
        "s3:ReplicateDelete", "s3:ReplicateTags", "s3:DeleteBucketWebsite", "s3:PutInventoryConfiguration", "s3:InitiateReplication",
    ];

    /// <summary>By name in any case; <c>true</c>: about objects, <c>false</c>: about the bucket.</summary>
    private static readonly FrozenDictionary<string, bool> Known = OperationTable.All.Select(o => o.IamAction)
        .Where(action => action.StartsWith("s3:", StringComparison.Ordinal) && action is not ("s3:ListAllMyBuckets"))
        .Concat(Further).Distinct(StringComparer.OrdinalIgnoreCase)
        .ToFrozenDictionary(action => action, IsAboutObjects, StringComparer.OrdinalIgnoreCase);

    /// <summary>What the admin API asks for, by IAM's names; resources are <c>arn:aws:iam:::user/NAME</c>.</summary>
    private static readonly string[] OfUsers =
    [
        "iam:ListUsers", "iam:GetUser", "iam:CreateUser", "iam:UpdateUser", "iam:DeleteUser", "iam:ListAccessKeys", "iam:CreateAccessKey",
        "iam:UpdateAccessKey", "iam:DeleteAccessKey", "iam:ListUserPolicies", "iam:GetUserPolicy", "iam:PutUserPolicy", "iam:DeleteUserPolicy",
    ];

    /// <summary>An identity policy may name actions of other services of AWS too: there are none here, so they say nothing.</summary>
    public static bool IsKnownToIdentities(string pattern)
    {
        if (IsKnown(pattern) || PolicyPattern.Matches(pattern, "s3:ListAllMyBuckets", ignoreCase: true)) return true;
        if (OfUsers.Any(action => PolicyPattern.Matches(pattern, action, ignoreCase: true))) return true;
        var colon = pattern.IndexOf(':');
        return colon > 0 && colon < pattern.Length - 1 && pattern[..colon].ToLowerInvariant() is not ("s3" or "iam")
            && pattern[..colon].All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
    }

    public static bool IsKnown(string pattern)
    {
        if (pattern == "*") return true;
        return pattern.AsSpan().IndexOfAny('*', '?') < 0
            ? Known.ContainsKey(pattern)
            : Known.Keys.Any(action => PolicyPattern.Matches(pattern, action, ignoreCase: true));
    }

    /// <summary>Whether anything that the pattern names is about objects, or about buckets.</summary>
    public static bool Covers(string pattern, bool objects) =>
        Known.Any(action => action.Value == objects && PolicyPattern.Matches(pattern, action.Key, ignoreCase: true));

    private static bool IsAboutObjects(string action) => action switch
    {
        "s3:AbortMultipartUpload" or "s3:ListMultipartUploadParts" or "s3:BypassGovernanceRetention" or "s3:ReplicateDelete" or "s3:ReplicateTags"
            or "s3:InitiateReplication" => true,
        _ => action.Contains("Object", StringComparison.Ordinal) && !action.EndsWith("BucketObjectLockConfiguration", StringComparison.Ordinal),
    };
}
