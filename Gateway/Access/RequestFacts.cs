using System.Globalization;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Access;

/// <summary>
/// Values of condition keys for one request (AWS, "Condition keys for Amazon S3"). Only what the signature covers or the connection shows: the
/// address is the socket's peer, never a header's word (S3.md §6, 13).
/// </summary>
sealed class RequestFacts(HttpContext http, RequestHeaders headers, QueryParameters query, Identity identity, TimeProvider time)
{
    const string ExistingTag = "s3:ExistingObjectTag/";
    const string RequestTag = "s3:RequestObjectTag/";

    public RequestHeaders Headers => headers;

    /// <summary>The values, or <c>null</c> where this request has none.</summary>
    /// <param name="key">In any case; the part behind a slash, a tag's key, as it is.</param>
    /// <param name="existing">The version that the request is about, where a policy asks for it.</param>
    public IReadOnlyList<string>? Values(string key, FileVersion? existing)
    {
        if (key.StartsWith(ExistingTag, StringComparison.OrdinalIgnoreCase)) return One(existing?.Tags.GetValueOrDefault(key[ExistingTag.Length..]));
        if (key.StartsWith(RequestTag, StringComparison.OrdinalIgnoreCase)) return One(RequestTags()?.GetValueOrDefault(key[RequestTag.Length..]));
        var lower = key.ToLowerInvariant();
        if (lower == "s3:requestobjecttagkeys") return RequestTags()?.Keys.ToArray();
        return One(Of(lower));
    }

    static string[]? One(string? value) => value is null ? null : [value];

    string? Of(string key) => key switch
    {
        "aws:sourceip" => http.Connection.RemoteIpAddress is { } peer ? (peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer).ToString() : null,
        "aws:securetransport" => http.Request.IsHttps ? "true" : "false",
        "aws:useragent" => headers["User-Agent"],
        "aws:referer" => headers["Referer"],
        "aws:username" => identity.User is { IsRoot: false } user ? user.Name : null,
        "aws:userid" => identity.User?.Name,
        "aws:principaltype" => identity.User is null ? "Anonymous" : identity.User.IsRoot ? "Account" : "User",
        "aws:principalarn" => identity.User is { } named ? $"arn:aws:iam:::user/{named.Name}" : null,
        "aws:currenttime" => time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        "aws:epochtime" => time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        "s3:prefix" => query["prefix"],
        "s3:delimiter" => query["delimiter"],
        "s3:max-keys" => query["max-keys"],
        "s3:versionid" => query["versionId"],
        "s3:if-match" => headers["If-Match"],
        "s3:if-none-match" => headers["If-None-Match"],
        "s3:signatureversion" => identity.Proof?.Version,
        "s3:authtype" => identity.Proof?.Type,
        "s3:signatureage" => identity.Proof?.Signed is { } signed
            ? Math.Max(0, (long)(time.GetUtcNow() - signed).TotalMilliseconds).ToString(CultureInfo.InvariantCulture)
            : null,
        "s3:x-amz-content-sha256" => headers["x-amz-content-sha256"] ?? identity.Signed?.PayloadHash,
        "s3:x-amz-metadata-directive" => headers["x-amz-metadata-directive"] ?? (headers.Contains("x-amz-copy-source") ? "COPY" : null),
        "s3:x-amz-storage-class" => headers["x-amz-storage-class"] ?? ObjectHeaders.StandardStorageClass,
        "s3:x-amz-copy-source" => CopySourceName(),
        "s3:object-lock-mode" => headers[ObjectLock.ModeHeader],
        "s3:object-lock-legal-hold" => headers[ObjectLock.HoldHeader],
        "s3:object-lock-retain-until-date" => headers[ObjectLock.UntilHeader],
        "s3:object-lock-remaining-retention-days" => RemainingDays(),
        _ when key.StartsWith("s3:x-amz-", StringComparison.Ordinal) => headers[key[3..]],
        _ => null,
    };

    /// <summary>Tags that the request wants to set by its header. A malformed header has none here; the handler refuses it.</summary>
    IReadOnlyDictionary<string, string>? RequestTags()
    {
        if (!headers.Contains("x-amz-tagging")) return null;
        try
        {
            return Tags.ReadHeader(headers);
        }
        catch (S3Exception)
        {
            return null;
        }
    }

    /// <summary>Whole days from now to the date in the header; a malformed one is none here, the handler refuses it.</summary>
    string? RemainingDays() =>
        DateTimeOffset.TryParse(headers[ObjectLock.UntilHeader], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until)
            ? ((long)Math.Ceiling((until - time.GetUtcNow()).TotalDays)).ToString(CultureInfo.InvariantCulture)
            : null;

    /// <summary>Always <c>bucket/key</c>, however the client wrote it: with or without the first slash, encoded or not.</summary>
    string? CopySourceName()
    {
        if (headers["x-amz-copy-source"] is not { } raw) return null;
        try
        {
            var source = CopySource.Parse(raw);
            return $"{source.Bucket}/{source.Key}";
        }
        catch (S3Exception)
        {
            return null;
        }
    }
}
