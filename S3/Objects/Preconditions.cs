using OrleansDfs.Model;

namespace OrleansDfs.S3;

public enum ReadOutcome
{
    Serve,

    /// <summary>304 for a read; a copy's source precondition never ends so.</summary>
    NotModified,

    /// <summary>412.</summary>
    Failed,
}

/// <summary>Conditions of a read, or of a copy's source (RFC 9110 §13, with S3's precedence). Never judged before authorisation (S3.md §6,
/// 10).</summary>
public sealed record ReadPreconditions(string? IfMatch, string? IfNoneMatch, DateTimeOffset? IfModifiedSince, DateTimeOffset? IfUnmodifiedSince)
{
    /// <param name="now">An If-Modified-Since in the future is as if not sent (RFC 9110 §13.1.3, and AWS).</param>
    public static ReadPreconditions Read(RequestHeaders headers, DateTimeOffset now) => Read(headers, "", now);

    /// <summary>The x-amz-copy-source-if-* headers. Both failures are 412 there: use <see cref="JudgeCopySource"/>.</summary>
    /// <inheritdoc cref="Read(RequestHeaders, DateTimeOffset)"/>
    public static ReadPreconditions ReadCopySource(RequestHeaders headers, DateTimeOffset now) => Read(headers, "x-amz-copy-source-", now);

    public ReadOutcome Judge(string etag, DateTimeOffset lastModified)
    {
        var modified = DateTimeOffset.FromUnixTimeSeconds(lastModified.ToUnixTimeSeconds()); // what the client was told has whole seconds

        // If-Match that holds silences If-Unmodified-Since, and so does If-None-Match with If-Modified-Since.
        if (IfMatch is not null ? !ETags.Matches(IfMatch, etag) : modified > IfUnmodifiedSince) return ReadOutcome.Failed;
        if (IfNoneMatch is not null ? ETags.Matches(IfNoneMatch, etag) : modified <= IfModifiedSince) return ReadOutcome.NotModified;
        return ReadOutcome.Serve;
    }

    /// <exception cref="S3Exception">PreconditionFailed.</exception>
    public void JudgeCopySource(string etag, DateTimeOffset lastModified)
    {
        if (Judge(etag, lastModified) != ReadOutcome.Serve)
            throw new S3Exception(ErrorCode.PreconditionFailed, null, ("Condition", "x-amz-copy-source-If-" + Named(etag)));
    }

    /// <summary>The 412 of a read.</summary>
    public S3Exception Failure(string etag) => new(ErrorCode.PreconditionFailed, null, ("Condition", "If-" + Named(etag)));

    private string Named(string etag) =>
        IfMatch is not null && !ETags.Matches(IfMatch, etag) ? "Match"
        : IfMatch is null && IfUnmodifiedSince is not null ? "Unmodified-Since"
        : IfNoneMatch is not null ? "None-Match" : "Modified-Since";

    private static ReadPreconditions Read(RequestHeaders headers, string prefix, DateTimeOffset now) => new(
        headers[prefix + "If-Match"], headers[prefix + "If-None-Match"],
        Date(headers[prefix + "If-Modified-Since"]) is { } since && since <= now ? since : null, Date(headers[prefix + "If-Unmodified-Since"]));

    /// <summary>A date that is none is as if not sent (RFC 9110 §13.1.3).</summary>
    private static DateTimeOffset? Date(string? text) => HttpDate.TryParse(text, out var time) ? time : null;
}

/// <summary>Conditions of a write, for the catalog to judge under the key's lock (PROTOCOL P15).</summary>
public static class WritePreconditions
{
    /// <summary>If-Match with one tag, or If-None-Match with <c>*</c> (AWS answers NotImplemented to all else: aws-sdk-ruby#3144).</summary>
    /// <exception cref="S3Exception">NotImplemented for every other form.</exception>
    public static WritePrecondition Read(RequestHeaders headers)
    {
        var read = ReadForms(headers);
        return read.IfMatch == "*" ? throw NotImplemented("If-Match") : read;
    }

    /// <summary>A delete's: If-Match only, with one tag or <c>*</c>.</summary>
    /// <exception cref="S3Exception">NotImplemented for every other condition.</exception>
    public static string? ReadDelete(RequestHeaders headers)
    {
        var read = ReadForms(headers);
        return read.IfNoneMatch is null ? read.IfMatch : throw NotImplemented("If-None-Match");
    }

    private static WritePrecondition ReadForms(RequestHeaders headers)
    {
        var match = One(headers, "If-Match");
        var noneMatch = One(headers, "If-None-Match");
        if (noneMatch is not null && match is not null)
            throw NotImplemented("If-Match,If-None-Match", "Multiple conditional request headers present in the request");
        if (noneMatch is not (null or "*")) throw NotImplemented("If-None-Match");
        foreach (var name in (ReadOnlySpan<string>)["If-Modified-Since", "If-Unmodified-Since"])
            if (headers.Contains(name)) throw NotImplemented(name);
        return match is null && noneMatch is null ? WritePrecondition.None : new WritePrecondition(match, noneMatch);
    }

    /// <summary>The 412 of a write.</summary>
    public static S3Exception Failure(WritePrecondition precondition) =>
        new(ErrorCode.PreconditionFailed, null, ("Condition", Named(precondition)));

    /// <summary>The 409 of a write that somebody got ahead of.</summary>
    public static S3Exception Conflict(WritePrecondition precondition, ObjectKey key) =>
        new(ErrorCode.ConditionalRequestConflict, null, ("Condition", Named(precondition)), ("Key", key.Value));

    private static string Named(WritePrecondition precondition) => precondition.IfMatch is not null ? "If-Match" : "If-None-Match";

    private static string? One(RequestHeaders headers, string name)
    {
        if (headers[name]?.Trim() is not { } text) return null;
        if (text == "*") return text;
        var tag = ETags.Unquote(text);
        if (tag.Length == 0 || tag.AsSpan().ContainsAny("\",* ")) throw NotImplemented(name);
        return tag;
    }

    private static S3Exception NotImplemented(string header, string? why = null) => new(ErrorCode.NotImplemented, null, ("Header", header),
        ("additionalMessage", why ?? $"We don't accept the provided value of {header} header for this API"));
}

/// <summary>Entity tags as clients write them: quoted, weak or bare.</summary>
public static class ETags
{
    /// <summary>Without <c>W/</c> and quotes.</summary>
    public static string Unquote(string text)
    {
        var tag = text.AsSpan().Trim();
        if (tag.StartsWith("W/", StringComparison.Ordinal)) tag = tag[2..];
        if (tag.Length >= 2 && tag[0] == '"' && tag[^1] == '"') tag = tag[1..^1];
        return tag.ToString();
    }

    public static string Quote(string etag) => $"\"{etag}\"";

    /// <summary>Whether a list of tags, or <c>*</c>, holds this one.</summary>
    public static bool Matches(string list, string etag)
    {
        foreach (var part in list.Split(',', StringSplitOptions.TrimEntries))
            if (part == "*" || Unquote(part) == etag) return true;
        return false;
    }
}
