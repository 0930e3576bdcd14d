namespace OrleansDfs.S3;

/// <summary>The response-* parameters of GetObject and HeadObject.</summary>
public static class ResponseOverrides
{
    private static readonly (string Parameter, string Header)[] Known =
    [
        ("response-content-type", "Content-Type"),
        ("response-content-language", "Content-Language"),
        ("response-expires", "Expires"),
        ("response-cache-control", "Cache-Control"),
        ("response-content-disposition", "Content-Disposition"),
        ("response-content-encoding", "Content-Encoding"),
    ];

    /// <summary>Headers to set in place of the file's own.</summary>
    /// <param name="isSigned">The request's signature was verified. An anonymous link may not dress up another's file.</param>
    /// <exception cref="S3Exception">InvalidRequest for an anonymous request; InvalidArgument for control characters and other headers.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Read(QueryParameters query, bool isSigned)
    {
        List<KeyValuePair<string, string>>? overrides = null;
        foreach (var (parameter, value) in query.Pairs)
        {
            if (!parameter.StartsWith("response-", StringComparison.Ordinal)) continue;
            var header = Array.Find(Known, known => known.Parameter == parameter).Header
                ?? throw S3Exception.InvalidArgument($"{parameter} is not in the set of overridable response headers", parameter, value);
            if (!isSigned)
                throw new S3Exception(ErrorCode.InvalidRequest, "Request specific response headers cannot be used for anonymous GET requests.");
            (overrides ??= []).Add(new(header, HeaderValues.Raw(HeaderValues.Checked(parameter, value))));
        }
        return (IReadOnlyList<KeyValuePair<string, string>>?)overrides ?? [];
    }
}
