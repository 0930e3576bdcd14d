using System.Text;

namespace OrleansDfs.S3;

/// <summary>Tags of objects and buckets, with AWS's rules.</summary>
public static class Tags
{
    public const int MaxObjectTags = 10;
    public const int MaxBucketTags = 50;
    public const int MaxKeyLength = 128;
    public const int MaxValueLength = 256;

    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    /// <summary>Reads x-amz-tagging: <c>key=value&amp;key=value</c>, encoded as a query.</summary>
    /// <exception cref="S3Exception">InvalidArgument, InvalidTag, BadRequest.</exception>
    public static IReadOnlyDictionary<string, string> ReadHeader(RequestHeaders headers)
    {
        if (headers["x-amz-tagging"] is not { } text) return None;
        QueryParameters pairs;
        try
        {
            pairs = QueryParameters.Parse(RequestHeaders.DecodeText(text));
        }
        catch (S3Exception)
        {
            throw Misencoded(text);
        }
        // Pairs put together by commas are no query: "k1=v1,k2=v2".
        if (text.Split('&').Any(pair => pair.Contains(',') && pair.AsSpan().Count('=') > 1)
            || pairs.Pairs.DistinctBy(pair => pair.Key).Count() != pairs.Pairs.Count)
            throw Misencoded(text);
        return Validate(pairs.Pairs, MaxObjectTags);
    }

    private static S3Exception Misencoded(string text) => S3Exception.InvalidArgument("The header 'x-amz-tagging' shall be encoded as UTF-8 then "
        + "URLEncoded URL query parameters without tag name duplicates.", "x-amz-tagging", text);

    /// <exception cref="S3Exception">BadRequest for too many, InvalidTag.</exception>
    public static IReadOnlyDictionary<string, string> Validate(IReadOnlyList<KeyValuePair<string, string>> pairs, int max)
    {
        if (pairs.Count > max)
            throw new S3Exception(ErrorCode.BadRequest, max == MaxObjectTags
                ? "Object tags cannot be greater than 10"
                : "Bucket tag count cannot be greater than 50");
        var tags = new Dictionary<string, string>(pairs.Count);
        foreach (var (key, value) in pairs)
        {
            if (key.Length is 0 or > MaxKeyLength || !IsAllowed(key))
                throw new S3Exception(ErrorCode.InvalidTag, "The TagKey you have provided is invalid", ("TagKey", key));
            if (value.Length > MaxValueLength || !IsAllowed(value))
                throw new S3Exception(ErrorCode.InvalidTag, "The TagValue you have provided is invalid", ("TagKey", key), ("TagValue", value));
            if (key.StartsWith("aws:", StringComparison.OrdinalIgnoreCase))
                throw new S3Exception(ErrorCode.InvalidTag, max == MaxObjectTags
                    ? "Your TagKey cannot be prefixed with aws:"
                    : "System tags cannot be added/updated by requester", ("TagKey", key));
            if (!tags.TryAdd(key, value))
                throw new S3Exception(ErrorCode.InvalidTag, "Cannot provide multiple Tags with the same key", ("TagKey", key));
        }
        return tags;
    }

    /// <summary>
    /// Half a surrogate pair, which a character reference can smuggle in, comes here as U+FFFD and is refused: no database could keep it.
    /// </summary>
    private static bool IsAllowed(string text)
    {
        foreach (var rune in text.EnumerateRunes())
            if (!Rune.IsLetterOrDigit(rune) && !Rune.IsWhiteSpace(rune) && rune.IsBmp && !"+-=._:/@".Contains((char)rune.Value)) return false;
        return !text.AsSpan().ContainsAnyInRange('\0', '\x1f');
    }
}
