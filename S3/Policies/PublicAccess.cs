namespace OrleansDfs.S3;

/// <summary>
/// AWS's meaning of "public" ("Blocking public access to your Amazon S3 storage"): an Allow for everybody is public unless a condition holds it to
/// fixed values of something that tells who is asking.
/// </summary>
internal static class PublicAccess
{
    private static readonly string[] TellsWho =
    [
        "aws:SourceIp", "aws:VpcSourceIp", "aws:SourceArn", "aws:SourceVpc", "aws:SourceVpce", "aws:SourceOwner", "aws:SourceAccount", "aws:userid",
        "aws:username", "aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "s3:DataAccessPointArn",
        "s3:DataAccessPointAccount", "s3:x-amz-server-side-encryption-aws-kms-key-id",
    ];

    public static bool IsPublic(PolicyStatement statement)
    {
        if (!statement.Allows) return false;
        return statement.Principal.Everybody && !statement.Conditions.Any(Narrows); // an Allow has no NotPrincipal
    }

    private static bool Narrows(PolicyCondition condition)
    {
        if (condition.Negated || condition.IfExists || condition.Set == ConditionSet.AllValues) return false;
        if (!TellsWho.Contains(condition.Key, StringComparer.OrdinalIgnoreCase)) return false;
        return condition.Test switch
        {
            ConditionTest.IpAddress => condition.Values.All(IsNarrow),
            ConditionTest.StringEquals or ConditionTest.StringEqualsIgnoreCase =>
                condition.Values.All(v => !v.Contains("${", StringComparison.Ordinal)),
            ConditionTest.StringLike or ConditionTest.ArnLike => condition.Values.All(v => v.AsSpan().IndexOfAny("*?$") < 0),
            _ => false,
        };
    }

    /// <summary>A range wider than /8 (IPv4) or /32 (IPv6) is everybody's (AWS).</summary>
    private static bool IsNarrow(string range) =>
        ConditionTests.Network(range) is { } network
        && network.PrefixLength >= (network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 8 : 32);
}
