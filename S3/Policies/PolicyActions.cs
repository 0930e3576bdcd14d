using System.Collections.Frozen;

namespace OrleansDfs.S3;

/// <summary>The actions that a bucket policy may name, each with what it is about (AWS, "Actions, resources, and condition keys for Amazon S3").</summary>
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
