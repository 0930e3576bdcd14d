namespace OrleansDfs.S3;

/// <summary>One operation of S3: what a request must look like to mean it.</summary>
/// <param name="Name">AWS's name.</param>
/// <param name="IamAction">Action that a policy must allow, without <c>s3:</c> for none.</param>
public sealed record Operation(string Name, string Method, ResourceLevel Level, string IamAction)
{
    /// <summary>Query parameter that selects it, or <c>null</c>. Two of them in one request contradict each other.</summary>
    public string? Subresource { get; init; }

    /// <summary>Value the subresource must have.</summary>
    public string? SubresourceValue { get; init; }

    /// <summary>A further query parameter it needs.</summary>
    public string? Parameter { get; init; }

    /// <summary>A header it needs.</summary>
    public string? Header { get; init; }

    /// <summary>Not reachable by a request of its own: an older name of that operation, or one of another endpoint of AWS.</summary>
    public string? AliasOf { get; init; }

    public override string ToString() => Name;
}
