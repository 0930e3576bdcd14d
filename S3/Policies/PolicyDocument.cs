namespace OrleansDfs.S3;

/// <summary>What a policy says about one request.</summary>
public enum PolicyDecision
{
    /// <summary>No statement is about it: denied unless something else allows it.</summary>
    Silent,
    Allow,

    /// <summary>A statement denies it: nothing can allow it.</summary>
    Deny,
}

/// <summary>One request as a policy sees it.</summary>
/// <param name="User">Name, or <c>null</c> for an anonymous request.</param>
/// <param name="Action">Such as <c>s3:GetObject</c>.</param>
/// <param name="Resource"><c>bucket</c> or <c>bucket/key</c>.</param>
/// <param name="Values">Values of a condition key (any case), or <c>null</c> where the request has none.</param>
public sealed record PolicyRequest(string? User, string Action, string Resource, Func<string, IReadOnlyList<string>?> Values);

/// <summary>A bucket policy, read and checked (AWS, "IAM JSON policy elements reference").</summary>
public sealed class PolicyDocument
{
    /// <summary>Longest document in bytes (AWS, "Bucket policies").</summary>
    public const int MaxBytes = 20 * 1024;

    private readonly IReadOnlyList<PolicyStatement> _statements;

    internal PolicyDocument(IReadOnlyList<PolicyStatement> statements) => _statements = statements;

    /// <summary>The policy gives something to everybody, by AWS's definition of "public".</summary>
    public bool IsPublic => _statements.Any(PublicAccess.IsPublic);

    /// <summary>Users that it names.</summary>
    public IEnumerable<string> Users => _statements.SelectMany(s => s.Principal.Users).Distinct();

    /// <param name="json">The document as it was sent.</param>
    /// <param name="bucket">The bucket that it is for: every resource must be this bucket or in it.</param>
    /// <exception cref="S3Exception">MalformedPolicy, with AWS's words on what is wrong.</exception>
    public static PolicyDocument Parse(ReadOnlyMemory<byte> json, string bucket) => PolicyParser.Parse(json, bucket);

    /// <summary>Explicit deny wins, then allow; what is not spoken of is <see cref="PolicyDecision.Silent"/>.</summary>
    public PolicyDecision Decide(PolicyRequest request)
    {
        var decision = PolicyDecision.Silent;
        foreach (var statement in _statements)
        {
            if (decision == PolicyDecision.Allow && statement.Allows) continue;
            if (!statement.Applies(request)) continue;
            if (!statement.Allows) return PolicyDecision.Deny;
            decision = PolicyDecision.Allow;
        }
        return decision;
    }

    /// <summary>
    /// Whether this user could be allowed this action on anything here: what a request naming many objects is asked before its body is read.
    /// </summary>
    public bool MayAllow(string? user, string action) => _statements.Any(s => s.Allows && s.Principal.Covers(user) && s.CoversAction(action));

    /// <summary>Some condition or variable asks for keys that begin so.</summary>
    public bool Asks(string keyPrefix) => _statements.Any(s => s.Asks(keyPrefix));
}

/// <param name="Variables">The document is of the version that knows policy variables.</param>
internal sealed record PolicyStatement(
    bool Allows, PolicyPrincipal Principal, PolicyNames Actions, PolicyNames Resources, IReadOnlyList<PolicyCondition> Conditions, bool Variables)
{
    public bool Applies(PolicyRequest request)
    {
        if (!Principal.Covers(request.User) || !CoversAction(request.Action)) return false;
        var values = Variables ? request.Values : null;
        return Resources.Covers(request.Resource, values, ignoreCase: false)
            && Conditions.All(condition => condition.Holds(request.Values, Variables));
    }

    public bool CoversAction(string action) => Actions.Covers(action, null, ignoreCase: true);

    public bool Asks(string keyPrefix) =>
        Conditions.Any(c => c.Key.StartsWith(keyPrefix, StringComparison.OrdinalIgnoreCase)
            || c.Values.Any(v => v.Contains("${" + keyPrefix, StringComparison.OrdinalIgnoreCase)))
        || Resources.Patterns.Any(r => r.Contains("${" + keyPrefix, StringComparison.OrdinalIgnoreCase));
}

/// <summary>Actions or resources, or all but these.</summary>
internal sealed record PolicyNames(IReadOnlyList<string> Patterns, bool AllBut)
{
    public bool Covers(string name, Func<string, IReadOnlyList<string>?>? values, bool ignoreCase)
    {
        foreach (var pattern in Patterns)
            if (PolicyPattern.Compile(pattern, values, true, ignoreCase)?.Matches(name) == true) return !AllBut;
        return AllBut;
    }
}

/// <summary>Who a statement is about.</summary>
/// <param name="Everybody">Anonymous requests too.</param>
internal sealed record PolicyPrincipal(bool Everybody, IReadOnlyList<string> Users, bool AllBut)
{
    public bool Covers(string? user) => (Everybody || (user is not null && Users.Contains(user))) != AllBut;
}
