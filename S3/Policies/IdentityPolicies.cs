using System.Text;

namespace OrleansDfs.S3;

/// <summary>
/// The policies attached to one user and to each of its ancestors, who made it (AWS, "Policy evaluation logic"; an ancestor's are to its children
/// what a permissions boundary is in IAM).
/// </summary>
/// <remarks>Invariant: nobody may do more than who made them, whatever is attached to them. A document that cannot be read allows nothing.</remarks>
public sealed class IdentityPolicies
{
    /// <summary>Nothing is attached, nobody is above: root, and users who have their own buckets and no more.</summary>
    public static readonly IdentityPolicies None = new([], []);

    private readonly IReadOnlyList<PolicyDocument> _own;

    /// <summary>Each has to allow what is asked.</summary>
    private readonly IReadOnlyList<IReadOnlyList<PolicyDocument>> _bounds;

    private bool _isUnreadable;

    private IdentityPolicies(IReadOnlyList<PolicyDocument> own, IReadOnlyList<IReadOnlyList<PolicyDocument>> bounds) =>
        (_own, _bounds) = (own, bounds);

    /// <summary>The user itself has no policies.</summary>
    public bool AreEmpty => _own.Count == 0 && !_isUnreadable;

    /// <param name="json">A document that someone wants to attach.</param>
    /// <exception cref="S3Exception">MalformedPolicy, with what is wrong.</exception>
    public static PolicyDocument Parse(ReadOnlyMemory<byte> json) => PolicyParser.Parse(json, null);

    /// <param name="levels">Documents of the user, then of each ancestor, nearest first.</param>
    public static IdentityPolicies Read(IReadOnlyList<IReadOnlyList<string>> levels)
    {
        if (levels.Count == 0 || (levels.Count == 1 && levels[0].Count == 0)) return None;
        var unreadable = false;
        var read = levels.Select(IReadOnlyList<PolicyDocument> (level) => [.. level.Select(TryParse).OfType<PolicyDocument>()]).ToArray();
        return new IdentityPolicies(read[0], read[1..]) { _isUnreadable = unreadable };

        PolicyDocument? TryParse(string document)
        {
            try
            {
                return Parse(Encoding.UTF8.GetBytes(document));
            }
            catch (S3Exception)
            {
                unreadable = true;
                return null;
            }
        }
    }

    /// <summary>What they say together. Not allowed by an ancestor is as good as denied.</summary>
    /// <param name="request">Its resource is a whole ARN: <c>arn:aws:s3:::bucket/key</c>, <c>arn:aws:iam:::user/name</c>.</param>
    public PolicyDecision Decide(PolicyRequest request)
    {
        if (_isUnreadable) return PolicyDecision.Deny;
        foreach (var bound in _bounds)
            if (Decide(bound, request) != PolicyDecision.Allow) return PolicyDecision.Deny;
        return Decide(_own, request);
    }

    /// <summary>Whether this action could be allowed on anything.</summary>
    public bool MayAllow(string action) => !_isUnreadable && _own.Any(policy => policy.MayAllow(null, action));

    /// <inheritdoc cref="PolicyDocument.Asks"/>
    public bool Asks(string keyPrefix) =>
        !ReferenceEquals(this, None) && _own.Concat(_bounds.SelectMany(bound => bound)).Any(policy => policy.Asks(keyPrefix));

    private static PolicyDecision Decide(IReadOnlyList<PolicyDocument> policies, PolicyRequest request)
    {
        var decision = PolicyDecision.Silent;
        foreach (var policy in policies)
        {
            var said = policy.Decide(request);
            if (said == PolicyDecision.Deny) return said;
            if (said == PolicyDecision.Allow) decision = said;
        }
        return decision;
    }
}
