namespace OrleansDfs.S3;

/// <summary>An error as the client will read it.</summary>
/// <param name="Details">Further elements of the error document in order, such as <c>Key</c>, <c>BucketName</c>, <c>Region</c>,
/// <c>ArgumentName</c>.</param>
public sealed record S3Error(ErrorCode Code, string Message, IReadOnlyList<KeyValuePair<string, string>> Details)
{
    public S3Error(ErrorCode code, string? message = null, params ReadOnlySpan<(string Name, string Value)> details)
        : this(code, message ?? code.Message, ToPairs(details))
    {
    }

    private static KeyValuePair<string, string>[] ToPairs(ReadOnlySpan<(string Name, string Value)> details)
    {
        if (details.IsEmpty) return [];
        var pairs = new KeyValuePair<string, string>[details.Length];
        for (var i = 0; i < pairs.Length; i++) pairs[i] = new(details[i].Name, details[i].Value);
        return pairs;
    }
}

/// <summary>
/// The request is refused. The only exception that this library's parsers and verifiers throw for what a client sent; the gateway catches it in one
/// place and writes <see cref="ErrorDocument"/>.
/// </summary>
public sealed class S3Exception : Exception
{
    public S3Exception(S3Error error) : base($"{error.Code}: {error.Message}") => Error = error;

    public S3Exception(ErrorCode code, string? message = null, params ReadOnlySpan<(string Name, string Value)> details)
        : this(new S3Error(code, message, details))
    {
    }

    public S3Error Error { get; }

    public ErrorCode Code => Error.Code;

    /// <summary>InvalidArgument as AWS words it: with the argument's name and value.</summary>
    public static S3Exception InvalidArgument(string message, string name, string value) =>
        new(ErrorCode.InvalidArgument, message, ("ArgumentName", name), ("ArgumentValue", value));
}
