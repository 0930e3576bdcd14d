using System.Globalization;

namespace OrleansDfs.S3;

/// <summary>The parts of a SigV4 Authorization header or of presigned query parameters, as text; <see cref="SignatureChecks"/> judges them.</summary>
/// <param name="Timestamp">The request's time as signed, <c>yyyyMMdd'T'HHmmss'Z'</c>.</param>
/// <param name="Expires">Life of a presigned request, <c>null</c> for a header.</param>
public sealed record SignatureClaim(
    string AccessKey,
    SigningScope Scope,
    IReadOnlyList<string> SignedHeaders,
    string Signature,
    string Timestamp,
    DateTimeOffset Time,
    TimeSpan? Expires)
{
    public const string TimestampFormat = "yyyyMMdd'T'HHmmss'Z'";

    public const string UnsupportedMechanism = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.";
    private const string Sigv4A = "AWS4-ECDSA-P256-SHA256";

    private static readonly string[] QueryNames =
        ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires"];

    public bool IsPresigned => Expires is not null;

    /// <summary>A presigned request with X-Amz-Security-Token.</summary>
    internal bool HasSessionToken { get; private init; }

    internal static bool IsQueryName(string name) => QueryNames.Contains(name);

    /// <returns><c>null</c> when the request carries no credentials at all.</returns>
    internal static SignatureClaim? Parse(QueryParameters query, RequestHeaders headers)
    {
        var authorization = headers["Authorization"];
        if (query.Pairs.Count == 0) return authorization is null ? null : ParseHeader(authorization, headers);
        RefuseRepeatedParameters(query);
        var inQuery = QueryNames.Any(query.Contains);
        var legacyQuery = query.Contains("AWSAccessKeyId") || (query.Contains("Signature") && query.Contains("Expires"));
        if (authorization is not null && (inQuery || legacyQuery))
            throw new S3Exception(ErrorCode.InvalidArgument, "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, " +
                "Signature query string parameter or the Authorization header should be specified", ("ArgumentName", "Authorization"));
        if (legacyQuery) throw new S3Exception(ErrorCode.InvalidRequest, UnsupportedMechanism);
        if (inQuery) return ParseQuery(query);
        return authorization is null ? null : ParseHeader(authorization, headers);
    }

    private static void RefuseRepeatedParameters(QueryParameters query)
    {
        var pairs = query.Pairs;
        for (var i = 0; i < pairs.Count; i++)
        {
            var name = pairs[i].Key;
            if (!name.StartsWith("X-Amz-", StringComparison.OrdinalIgnoreCase)) continue;
            for (var j = i + 1; j < pairs.Count; j++)
                if (pairs[j].Key.Equals(name, StringComparison.OrdinalIgnoreCase))
                    throw S3Exception.InvalidArgument($"Duplicate query parameter {name}", name, pairs[j].Value);
        }
    }

    private static SignatureClaim ParseHeader(string authorization, RequestHeaders headers)
    {
        var space = authorization.IndexOf(' ');
        var scheme = space < 0 ? authorization : authorization[..space];
        if (scheme == "AWS") throw new S3Exception(ErrorCode.InvalidRequest, UnsupportedMechanism);
        if (scheme == Sigv4A) throw new S3Exception(ErrorCode.NotImplemented, "Signature version 4A is not implemented by this server.");
        if (scheme != SignatureRules.Algorithm)
            throw S3Exception.InvalidArgument("Unsupported Authorization Type", "Authorization", scheme);

        string? credential = null, signedHeaders = null, signature = null;
        foreach (var part in authorization[(space < 0 ? scheme.Length : space)..].Split(',', StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=');
            var value = equals < 0 ? "" : part[(equals + 1)..];
            switch (equals < 0 ? part : part[..equals])
            {
                case "Credential" when credential is null: credential = value; break;
                case "SignedHeaders" when signedHeaders is null: signedHeaders = value; break;
                case "Signature" when signature is null: signature = value; break;
                default: throw HeaderMalformed("the authorization header requires three components: Credential, SignedHeaders, and Signature.");
            }
        }
        if (string.IsNullOrEmpty(credential) || string.IsNullOrEmpty(signedHeaders) || string.IsNullOrEmpty(signature))
            throw HeaderMalformed("the authorization header requires three components: Credential, SignedHeaders, and Signature.");

        var (accessKey, scope) = ParseCredential(credential) ?? throw HeaderMalformed(
            "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
        var (time, timestamp) = HeaderTime(headers);
        return new SignatureClaim(accessKey, scope, signedHeaders.Split(';'), signature, timestamp, time, null);
    }

    private static (DateTimeOffset Time, string Timestamp) HeaderTime(RequestHeaders headers)
    {
        if (headers["x-amz-date"] is { } amzDate)
        {
            if (TryParseTimestamp(amzDate, out var time)) return (time, amzDate);
        }
        else if (HttpDate.TryParse(headers["Date"], out var date))
        {
            return (date, date.UtcDateTime.ToString(TimestampFormat, CultureInfo.InvariantCulture));
        }
        throw new S3Exception(ErrorCode.AccessDenied, "AWS authentication requires a valid Date or x-amz-date header");
    }

    private static SignatureClaim ParseQuery(QueryParameters query)
    {
        if (query["X-Amz-Algorithm"] == Sigv4A)
            throw new S3Exception(ErrorCode.NotImplemented, "Signature version 4A is not implemented by this server.");
        foreach (var name in QueryNames)
            if (string.IsNullOrEmpty(query[name]))
                throw QueryError("Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, " +
                    "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
        if (query["X-Amz-Algorithm"] != SignatureRules.Algorithm)
            throw QueryError("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"");
        var (accessKey, scope) = ParseCredential(query["X-Amz-Credential"]!) ?? throw QueryError(
            "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting \"<YOUR-AKID>" +
            "/YYYYMMDD/REGION/SERVICE/aws4_request\".");
        if (!TryParseTimestamp(query["X-Amz-Date"]!, out var time))
            throw QueryError("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
        if (!long.TryParse(query["X-Amz-Expires"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var expires))
            throw QueryError("X-Amz-Expires should be a number");
        if (expires < 0) throw QueryError("X-Amz-Expires must be non-negative");
        if (expires == 0) throw QueryError("X-Amz-Expires must be at least one second");
        if (expires > SignatureRules.MaxExpiresSeconds)
            throw QueryError("X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 " +
                "seconds");
        return new SignatureClaim(accessKey, scope, query["X-Amz-SignedHeaders"]!.Split(';'), query["X-Amz-Signature"]!, query["X-Amz-Date"]!, time,
            TimeSpan.FromSeconds(expires))
        {
            HasSessionToken = query.Contains("X-Amz-Security-Token"),
        };
    }

    /// <summary>An access key may hold slashes; the four parts of the scope cannot, so it is read from the end.</summary>
    internal static (string AccessKey, SigningScope Scope)? ParseCredential(string credential)
    {
        var parts = credential.Split('/');
        if (parts.Length < 5 || parts[^1] != SigningScope.Terminator || parts[^4].Length != 8 || !parts[^4].All(char.IsAsciiDigit)) return null;
        var accessKey = string.Join('/', parts[..^4]);
        return accessKey.Length == 0 ? null : (accessKey, new SigningScope(parts[^4], parts[^3], parts[^2]));
    }

    /// <summary><see cref="TimestampFormat"/> exactly; by hand, for it is read with each request and custom formats are slow.</summary>
    internal static bool TryParseTimestamp(ReadOnlySpan<char> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length != 16 || text[8] != 'T' || text[15] != 'Z') return false;
        if (!TryNumber(text[..4], out var year) || !TryNumber(text[4..6], out var month) || !TryNumber(text[6..8], out var day)
            || !TryNumber(text[9..11], out var hour) || !TryNumber(text[11..13], out var minute) || !TryNumber(text[13..15], out var second)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
            return false;
        time = new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero);
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> digits, out int number)
    {
        number = 0;
        foreach (var c in digits)
        {
            if (!char.IsAsciiDigit(c)) return false;
            number = number * 10 + (c - '0');
        }
        return true;
    }

    internal static S3Exception HeaderMalformed(string what, params ReadOnlySpan<(string, string)> details) =>
        new(ErrorCode.AuthorizationHeaderMalformed, "The authorization header is malformed; " + what, details);

    internal static S3Exception QueryError(string message, params ReadOnlySpan<(string, string)> details) =>
        new(ErrorCode.AuthorizationQueryParametersError, message, details);
}
