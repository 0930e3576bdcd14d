using System.Globalization;

namespace OrleansDfs.S3;

/// <summary>What a claim must satisfy before its signature is worth computing.</summary>
internal static class SignatureChecks
{
    public static void Check(SignatureClaim claim, RequestHeaders headers, SignatureRules rules, DateTimeOffset now)
    {
        CheckScope(claim, rules);
        CheckTime(claim, rules, now);
        CheckSignedHeaders(claim, headers);
        // Temporary credentials do not exist here; a token is refused rather than ignored.
        if (claim.HasSessionToken || headers.Contains("x-amz-security-token")) throw new S3Exception(ErrorCode.InvalidToken);
    }

    private static void CheckScope(SignatureClaim claim, SignatureRules rules)
    {
        var scope = claim.Scope;
        var day = claim.Timestamp[..8];
        if (scope.Date != day)
            throw Malformed(claim, $"Invalid credential date \"{scope.Date}\". This date is not the same as X-Amz-Date: \"{day}\".");
        if (scope.Service != SignatureRules.Service)
            throw Malformed(claim, $"incorrect service \"{scope.Service}\". This endpoint belongs to \"{SignatureRules.Service}\".");
        if (scope.Region != rules.Region)
            throw Malformed(claim, $"the region '{scope.Region}' is wrong; expecting '{rules.Region}'", ("Region", rules.Region));
    }

    private static void CheckTime(SignatureClaim claim, SignatureRules rules, DateTimeOffset now)
    {
        if (claim.Expires is not { } expires)
        {
            if ((now - claim.Time).Duration() <= rules.MaxSkew) return;
            throw new S3Exception(ErrorCode.RequestTimeTooSkewed, null, ("RequestTime", claim.Timestamp), ("ServerTime", Iso(now)),
                ("MaxAllowedSkewMilliseconds", ((long)rules.MaxSkew.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)));
        }
        if (claim.Time - now > rules.MaxSkew)
            throw new S3Exception(ErrorCode.AccessDenied, "Request is not yet valid", ("ServerTime", Iso(now)));
        if (now > claim.Time + expires)
            throw new S3Exception(ErrorCode.AccessDenied, "Request has expired",
                ("X-Amz-Expires", ((long)expires.TotalSeconds).ToString(CultureInfo.InvariantCulture)), ("Expires", Iso(claim.Time + expires)),
                ("ServerTime", Iso(now)));
    }

    private static void CheckSignedHeaders(SignatureClaim claim, RequestHeaders headers)
    {
        List<string>? missing = null;
        if (!claim.SignedHeaders.Contains("host")) missing = ["host"];
        foreach (var (name, _) in headers.Lines)
        {
            if (!name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase)) continue;
            var lower = name.ToLowerInvariant();
            if (!claim.SignedHeaders.Contains(lower) && missing?.Contains(lower) != true) (missing ??= []).Add(lower);
        }
        if (missing is not null)
            throw new S3Exception(ErrorCode.AccessDenied, "There were headers present in the request which were not signed",
                ("HeadersNotSigned", string.Join(", ", missing)));
    }

    private static S3Exception Malformed(SignatureClaim claim, string what, params ReadOnlySpan<(string, string)> details) => claim.IsPresigned
        ? SignatureClaim.QueryError($"Error parsing the X-Amz-Credential parameter; {what}", details)
        : SignatureClaim.HeaderMalformed(what, details);

    private static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
