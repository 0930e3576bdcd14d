using System.Runtime.CompilerServices;
using System.Text;
using OrleansDfs.Abstractions;
using OrleansDfs.Gateway.Access;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>
/// CORS: preflights, which come without credentials, and the headers on answers to requests with an Origin. Only what a rule of the bucket allows is
/// ever said; without one a browser keeps the answer from the page. It grants nothing: signature and authorisation come after it and are the same.
/// </summary>
static class CrossOrigin
{
    const string Varies = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

    /// <summary>Documents as parsed, as long as a cached bucket holds them.</summary>
    static readonly ConditionalWeakTable<string, CorsConfiguration> _parsed = [];

    /// <summary>OPTIONS: 200 with what the rule allows.</summary>
    /// <exception cref="S3Exception">BadRequest for half a preflight; AccessForbidden.</exception>
    public static async Task Preflight(HttpContext http, RequestTarget target, RequestHeaders headers, BucketCache buckets)
    {
        var origin = headers["Origin"] ?? throw new S3Exception(ErrorCode.BadRequest, "Insufficient information. Origin request header needed.");
        var method = headers["Access-Control-Request-Method"];
        if (method is null || !CorsConfiguration.Methods.Contains(method))
            throw new S3Exception(ErrorCode.BadRequest, $"Invalid Access-Control-Request-Method: {method ?? "null"}");
        var asked = (headers["Access-Control-Request-Headers"] ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var found = await buckets.Find(target.Bucket!.Value, http.RequestAborted);
        if (found.Status == DfsStatus.NoSuchBucket) throw Forbidden(target, method, "CORSResponse: Bucket not found");
        found.Status.ThrowUnlessOk();
        var configuration = Of(found.Bucket!) ?? throw Forbidden(target, method, "CORSResponse: CORS is not enabled for this bucket.");
        if (!IsPrintable(origin) || !asked.All(IsPrintable) || configuration.Find(origin, method, asked) is not { } rule)
            throw Forbidden(target, method,
                "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / "
                + "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.");
        Write(http.Response.Headers, rule, origin);
        if (asked.Length > 0) http.Response.Headers["Access-Control-Allow-Headers"] = string.Join(", ", asked).ToLowerInvariant();
        http.Response.ContentLength = 0;
    }

    /// <summary>The headers of an actual request, set before anything can fail: a page must be able to read an error too.</summary>
    public static async ValueTask Announce(HttpContext http, RequestTarget target, RequestHeaders headers, BucketCache buckets)
    {
        if (headers["Origin"] is not { } origin || target.Bucket is not { } name) return;
        var found = await buckets.Find(name, http.RequestAborted);
        if (found.Status != DfsStatus.Ok || Of(found.Bucket!) is not { } configuration) return;
        http.Response.Headers.Vary = Varies; // also where nothing is allowed: a cache must not give that answer to an origin that is
        if (IsPrintable(origin) && configuration.Find(origin, http.Request.Method, []) is { } rule) Write(http.Response.Headers, rule, origin);
    }

    static void Write(IHeaderDictionary headers, CorsRule rule, string origin)
    {
        var anyone = rule.Allowing(origin) == "*";
        headers["Access-Control-Allow-Origin"] = anyone ? "*" : origin;
        if (!anyone) headers["Access-Control-Allow-Credentials"] = "true";
        headers["Access-Control-Allow-Methods"] = string.Join(", ", rule.Methods);
        if (rule.Exposed.Count > 0) headers["Access-Control-Expose-Headers"] = string.Join(", ", rule.Exposed);
        if (rule.MaxAgeSeconds is { } seconds) headers["Access-Control-Max-Age"] = seconds.Invariant();
        headers.Vary = Varies;
    }

    static CorsConfiguration? Of(BucketInfo bucket) => bucket.Settings.TryGetValue(Operations.PutBucketCors.Setting, out var document)
        ? _parsed.GetValue(document, text => CorsConfiguration.Parse(Encoding.UTF8.GetBytes(text)))
        : null;

    static bool IsPrintable(string value) => !value.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e');

    static S3Exception Forbidden(RequestTarget target, string method, string message) => new(ErrorCode.AccessForbidden, message,
        ("Method", method), ("ResourceType", target.Level == ResourceLevel.Object ? "OBJECT" : "BUCKET"));
}
