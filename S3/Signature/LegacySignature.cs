using System.Globalization;
using System.Text;

namespace OrleansDfs.S3;

/// <summary>
/// A request that claims a signature of version 2, in its Authorization header or its query (AWS, "Signing and authenticating REST requests").
/// Parsing checks all that needs no secret; the comparison is a silo's, for the secret itself is the key.
/// </summary>
/// <remarks>
/// Invariant: after the comparison, host-given bucket, path and every <c>x-amz-*</c> header are covered, and of the query all that S3 acts on:
/// version 2 signs a fixed list of parameters, so an operation that another parameter selects is refused. Listing parameters are not covered; that is
/// version 2's weakness. In a signed link <c>x-amz-*</c> parameters are signed as the headers that they stand for, as botocore does.
/// </remarks>
public sealed class LegacySignature
{
    public const string Scheme = "AWS";

    /// <summary>What version 2 signs of a query, besides <c>response-*</c>.</summary>
    private static readonly string[] SignedParameters =
    [
        "accelerate", "acl", "analytics", "cors", "defaultObjectAcl", "delete", "inventory", "lifecycle", "location", "logging", "metrics",
        "notification",
        "object-lock", "partNumber", "policy", "replication", "requestPayment", "restore", "select", "select-type", "storageClass", "tagging",
        "torrent",
        "uploadId", "uploads", "versionId", "versioning", "versions", "website",
    ];

    private static readonly HashSet<string> Subresources =
        [.. OperationTable.All.Select(o => o.Subresource).OfType<string>().Where(name => name != "list-type" && !SignedParameters.Contains(name))];

    private LegacySignature(string accessKey, string signature, bool isPresigned, DateTimeOffset time, byte[][] stringsToSign)
    {
        (AccessKey, SignatureText, IsPresigned, Time, StringsToSign) = (accessKey, signature, isPresigned, time, stringsToSign);
        Signature = Decode(signature);
    }

    public string AccessKey { get; }

    /// <summary>HMAC-SHA1 as the client gave it; empty for what is no Base64.</summary>
    public byte[] Signature { get; }

    public bool IsPresigned { get; }

    /// <summary>When it was signed; for a link, when it ends.</summary>
    public DateTimeOffset Time { get; }

    public byte[] StringToSign => StringsToSign[0];

    /// <summary>A bucket may be signed with or without the slash behind it: clients differ in that, and it means the same.</summary>
    public byte[][] StringsToSign { get; }

    private string SignatureText { get; }

    /// <summary>The request has credentials of version 2 and no others.</summary>
    public static bool IsClaimed(QueryParameters query, RequestHeaders headers)
    {
        var inQuery = query.Contains("AWSAccessKeyId") || (query.Contains("Signature") && query.Contains("Expires"));
        if (query.Pairs.Any(pair => pair.Key.StartsWith("X-Amz-", StringComparison.Ordinal) && SignatureClaim.IsQueryName(pair.Key))) return false;
        return headers["Authorization"] is { } authorization
            ? !inQuery && (authorization == Scheme || authorization.StartsWith(Scheme + " ", StringComparison.Ordinal))
            : inQuery;
    }

    /// <exception cref="S3Exception">Malformed, too old, or about something that version 2 does not sign.</exception>
    public static LegacySignature Parse(string method, RequestTarget target, RequestHeaders headers, SignatureRules rules, DateTimeOffset now)
    {
        if (headers.Contains("x-amz-security-token") || target.Query.Contains("x-amz-security-token")) throw new S3Exception(ErrorCode.InvalidToken);
        foreach (var (name, _) in target.Query.Pairs)
            if (Subresources.Contains(name))
                throw new S3Exception(ErrorCode.InvalidRequest,
                    $"Signature version 2 does not cover the parameter {name}. Please use AWS4-HMAC-SHA256.");
        return headers["Authorization"] is { } authorization
            ? ParseHeader(authorization, method, target, headers, rules, now)
            : ParseQuery(method, target, headers, now);
    }

    /// <summary>The silo's verdict as S3's error.</summary>
    public S3Exception Mismatch() => new(ErrorCode.SignatureDoesNotMatch, null,
        ("AWSAccessKeyId", AccessKey), ("StringToSign", Encoding.UTF8.GetString(StringToSign)), ("SignatureProvided", SignatureText));

    internal static byte[] Decode(string base64)
    {
        var bytes = new byte[64];
        return base64.Length <= 64 && Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : [];
    }

    private static LegacySignature ParseHeader(
        string authorization, string method, RequestTarget target, RequestHeaders headers, SignatureRules rules, DateTimeOffset now)
    {
        var credential = authorization[Scheme.Length..].Trim();
        var colon = credential.LastIndexOf(':');
        if (colon <= 0 || colon == credential.Length - 1)
            throw S3Exception.InvalidArgument("AWS authorization header is invalid.  Expected AwsAccessKeyId:signature", "Authorization", Scheme);
        var amzDate = headers["x-amz-date"];
        var time = TimeOf(amzDate ?? headers["Date"])
            ?? throw new S3Exception(ErrorCode.AccessDenied, "AWS authentication requires a valid Date or x-amz-date header");
        if ((now - time).Duration() > rules.MaxSkew)
            throw new S3Exception(ErrorCode.RequestTimeTooSkewed, null, ("RequestTime", amzDate ?? headers["Date"]!),
                ("ServerTime", HttpDate.Format(now)),
                ("MaxAllowedSkewMilliseconds", ((long)rules.MaxSkew.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)));
        var date = amzDate is null ? headers["Date"]! : ""; // x-amz-date stands among the headers
        return new LegacySignature(credential[..colon], credential[(colon + 1)..], false, time,
            Build(method, headers["Content-MD5"], headers["Content-Type"], date, Lines(headers, null), target));
    }

    private static LegacySignature ParseQuery(string method, RequestTarget target, RequestHeaders headers, DateTimeOffset now)
    {
        var query = target.Query;
        if (query["AWSAccessKeyId"] is not { Length: > 0 } accessKey || query["Signature"] is not { Length: > 0 } signature
            || query["Expires"] is not { Length: > 0 } expires)
            throw new S3Exception(ErrorCode.AccessDenied,
                "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters");
        if (query.Pairs.Count(pair => pair.Key is "AWSAccessKeyId" or "Signature" or "Expires") > 3)
            throw S3Exception.InvalidArgument("A parameter of the signature is there twice.", "Signature", signature);
        if (!long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > 99_999_999_999)
            throw new S3Exception(ErrorCode.AccessDenied, $"Invalid date (should be seconds since epoch): {expires}");
        var until = DateTimeOffset.FromUnixTimeSeconds(seconds);
        if (now > until)
            throw new S3Exception(ErrorCode.AccessDenied, "Request has expired", ("Expires", HttpDate.Format(until)),
                ("ServerTime", HttpDate.Format(now)));
        return new LegacySignature(accessKey, signature, true, until, Build(method, headers["Content-MD5"] ?? query["content-md5"],
            headers["Content-Type"] ?? query["content-type"], expires, Lines(headers, query), target));
    }

    private static byte[][] Build(
        string method, string? md5, string? type, string date, IEnumerable<(string Name, string Value)> lines, RequestTarget target)
    {
        var text = new StringBuilder(256).Append(method).Append('\n').Append(md5).Append('\n').Append(type).Append('\n').Append(date).Append('\n');
        foreach (var (name, value) in lines) text.Append(name).Append(':').Append(value).Append('\n');
        var head = Latin1(text.ToString());
        var path = target.IsVirtualHosted ? $"/{target.Bucket}{target.RawPath}" : target.RawPath;
        string[] paths = target.Level == ResourceLevel.Bucket && !path.EndsWith('/') ? [path, path + "/"] : [path];
        // Headers are raw bytes, one character each; the path is ASCII as it came; parameters are text.
        var query = Query(target);
        return Array.ConvertAll(paths, p => (byte[])[.. head, .. Encoding.UTF8.GetBytes(p + query)]);
    }

    private static byte[] Latin1(string text) => text.All(c => c <= 0xff) ? Encoding.Latin1.GetBytes(text) : Encoding.UTF8.GetBytes(text);

    private static IEnumerable<(string Name, string Value)> Lines(RequestHeaders headers, QueryParameters? hoisted) => headers.Lines
        .Concat(hoisted?.Pairs ?? [])
        .Where(line => line.Key.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase))
        .GroupBy(line => line.Key.ToLowerInvariant(), line => line.Value.Trim(' ', '\t'))
        .OrderBy(group => group.Key, StringComparer.Ordinal)
        .Select(group => (group.Key, string.Join(',', group)));

    private static string Query(RequestTarget target)
    {
        var signed = target.Query.Pairs
            .Where(pair => SignedParameters.Contains(pair.Key) || pair.Key.StartsWith("response-", StringComparison.Ordinal))
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => pair.Value.Length == 0 ? pair.Key : $"{pair.Key}={pair.Value}");
        var query = string.Join('&', signed);
        return query.Length == 0 ? "" : "?" + query;
    }

    private static DateTimeOffset? TimeOf(string? text) => HttpDate.TryParse(text, out var time)
        || DateTimeOffset.TryParseExact(text, SignatureClaim.TimestampFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time)
        ? time
        : null;
}
