using System.Collections.Frozen;

namespace OrleansDfs.S3;

/// <summary>
/// From method, level, query and headers to the operation. A subresource that no operation of this method has is refused, not ignored: a
/// <c>DELETE /bucket?acl</c> must not delete the bucket.
/// </summary>
public static class OperationMatcher
{
    private static readonly FrozenDictionary<string, Operation[]>[] Candidates =
    [
        .. Enum.GetValues<ResourceLevel>().Select(level => OperationTable.All.Where(o => o.AliasOf is null && o.Level == level)
            .GroupBy(o => o.Method).ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal)),
    ];

    /// <summary>Methods of HTTP (RFC 9110, RFC 5789). What is none of these is no HTTP to AWS.</summary>
    private static readonly FrozenSet<string> Methods =
        new[] { "GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly ILookup<string, ResourceLevel> Subresources =
        OperationTable.All.Where(o => o.Subresource is not null).Distinct().ToLookup(o => o.Subresource!, o => o.Level);

    /// <exception cref="S3Exception">MethodNotAllowed; BadRequest for no method; InvalidArgument for subresources that contradict each
    /// other.</exception>
    public static Operation Match(string method, RequestTarget target, RequestHeaders headers)
    {
        if (!Methods.Contains(method)) throw new S3Exception(ErrorCode.BadRequest, "An error occurred when parsing the HTTP request.");
        var subresource = FindSubresource(method, target);
        foreach (var operation in Candidates[(int)target.Level].GetValueOrDefault(method, []))
        {
            if (operation.Subresource != subresource) continue;
            if (operation.SubresourceValue is { } value && target.Query[subresource!] != value) continue;
            if (operation.Parameter is { } parameter && !target.Query.Contains(parameter)) continue;
            if (operation.Header is { } header && !headers.Contains(header) && !IsHoisted(target, header)) continue;
            return operation;
        }
        throw new S3Exception(ErrorCode.MethodNotAllowed, null,
            ("Method", method), ("ResourceType", subresource?.ToUpperInvariant() ?? target.Level.ToString().ToUpperInvariant()));
    }

    /// <summary>The answer to an operation without a handler.</summary>
    public static S3Exception NotBuilt(Operation operation) =>
        new(ErrorCode.NotImplemented, $"The operation {operation.Name} is not implemented by this server.", ("Operation", operation.Name));

    private static string? FindSubresource(string method, RequestTarget target)
    {
        string? found = null;
        foreach (var (name, value) in target.Query.Pairs)
        {
            if (!IsSubresource(method, target.Level, name, value) || name == found) continue;
            if (found is not null) throw Conflict(found, name);
            found = name;
        }
        // One asks for all uploads of the bucket, the other for one: not to be taken for the first.
        if (found == "uploads" && target.Level == ResourceLevel.Bucket && target.Query.Contains("uploadId")) throw Conflict(found, "uploadId");
        return found;
    }

    private static S3Exception Conflict(string one, string other) =>
        S3Exception.InvalidArgument($"Conflicting query string parameters: {one}, {other}", "ResourceType", one);

    /// <summary>A presigned request may carry the header in its query (<see cref="HoistedHeaders"/>).</summary>
    private static bool IsHoisted(RequestTarget target, string header) =>
        (target.Query.Contains("X-Amz-Signature") || target.Query.Contains("Signature"))
        && target.Query.Pairs.Any(pair => pair.Key.Equals(header, StringComparison.OrdinalIgnoreCase));

    private static bool IsSubresource(string method, ResourceLevel level, string name, string value)
    {
        // list-type=1 is what v1 is without it; any other value is refused by the list parameters, not here.
        if (name == "list-type") return level == ResourceLevel.Bucket && method == "GET" && value == "2";

        // Reads ignore names that mean nothing at their level, as AWS does (people sign links with parameters of their own). Writes do not.
        return method is "GET" or "HEAD" ? Subresources[name].Contains(level) : Subresources.Contains(name);
    }
}
