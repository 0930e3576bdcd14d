using System.Globalization;
using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>What every listing of keys may be asked: its names are the parameters' of S3.</summary>
/// <param name="MaxKeys">0–1000; S3 cuts a larger wish to 1000. 0 lists nothing and is never truncated.</param>
/// <param name="EncodeKeys">encoding-type=url: keys, prefixes and markers of the answer percent-encoded.</param>
public sealed record ListParameters(string Prefix, string Delimiter, int MaxKeys, bool EncodeKeys)
{
    public const int MaxLimit = 1000;

    /// <param name="maxName">Name of the limit: max-keys, max-uploads.</param>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    internal static ListParameters Read(QueryParameters query, string maxName) =>
        new(Text(query, "prefix"), Text(query, "delimiter"), Limit(query, maxName), EncodesKeys(query));

    internal static int Limit(QueryParameters query, string name) => Math.Min(Number(query, name) ?? MaxLimit, MaxLimit);

    internal static int? Number(QueryParameters query, string name)
    {
        if (query[name] is not { Length: > 0 } text) return null; // S3 takes an empty one for none
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            throw S3Exception.InvalidArgument($"Provided {name} not an integer or within integer range", name, text);
        if (value is < 0 or > int.MaxValue)
            throw S3Exception.InvalidArgument($"Argument {name} must be an integer between 0 and {int.MaxValue}", name, text);
        return (int)value;
    }

    /// <summary>A text that listings hand to the catalog, which holds no NUL.</summary>
    internal static string Text(QueryParameters query, string name)
    {
        var text = query[name] ?? "";
        return text.Contains('\0') ? throw S3Exception.InvalidArgument($"Argument {name} contains an invalid character", name, "") : text;
    }

    private static bool EncodesKeys(QueryParameters query) => query["encoding-type"] switch
    {
        null => false,
        "url" => true,
        var other => throw S3Exception.InvalidArgument("Invalid Encoding Method specified in Request", "encoding-type", other),
    };
}

/// <summary>ListObjects.</summary>
public sealed record ListObjectsParameters(ListParameters Common, string Marker)
{
    public static ListObjectsParameters Read(QueryParameters query)
    {
        if (query["start-after"] is { } startAfter) // who sends it means the other version, and would read the first page for ever
            throw S3Exception.InvalidArgument("startAfter only supported in REST.GET.BUCKET with list-type=2", "start-after", startAfter);
        return new(ListParameters.Read(query, "max-keys"), ListParameters.Text(query, "marker"));
    }
}

/// <summary>ListObjectsV2.</summary>
/// <param name="ContinuationToken">As given, to be shown again.</param>
/// <param name="After">Where the page begins: what the token says, else start-after.</param>
public sealed record ListObjectsV2Parameters(ListParameters Common, string? StartAfter, string? ContinuationToken, string After, bool FetchOwner)
{
    public static ListObjectsV2Parameters Read(QueryParameters query)
    {
        var startAfter = query.Contains("start-after") ? ListParameters.Text(query, "start-after") : null;
        var token = query["continuation-token"];
        var after = token is null ? startAfter ?? "" : S3.ContinuationToken.Decode(token); // an empty one is refused, unlike ListBuckets'
        return new(ListParameters.Read(query, "max-keys"), startAfter, token, after,
            "true".Equals(query["fetch-owner"], StringComparison.OrdinalIgnoreCase));
    }
}

/// <summary>ListObjectVersions.</summary>
/// <param name="VersionIdMarker">As given; only with a key marker.</param>
public sealed record ListVersionsParameters(ListParameters Common, string KeyMarker, string VersionIdMarker, VersionSelector AfterVersion)
{
    public static ListVersionsParameters Read(QueryParameters query)
    {
        var keyMarker = ListParameters.Text(query, "key-marker");
        var versionMarker = query["version-id-marker"] ?? "";
        if (versionMarker.Length > 0 && keyMarker.Length == 0)
            throw S3Exception.InvalidArgument("A version-id marker cannot be specified without a key marker.", "version-id-marker", versionMarker);
        var after = versionMarker.Length == 0 ? VersionSelector.Current : VersionSelector.Parse(versionMarker);
        return new(ListParameters.Read(query, "max-keys"), keyMarker, versionMarker, after);
    }
}

/// <summary>ListMultipartUploads.</summary>
/// <param name="AfterUpload">Counts only with a key marker, as in S3.</param>
public sealed record ListUploadsParameters(ListParameters Common, string KeyMarker, string UploadIdMarker, UploadId? AfterUpload)
{
    public static ListUploadsParameters Read(QueryParameters query)
    {
        var keyMarker = ListParameters.Text(query, "key-marker");
        var uploadMarker = query["upload-id-marker"] ?? "";
        UploadId? after = null;
        if (keyMarker.Length > 0 && uploadMarker.Length > 0)
            after = UploadId.TryParse(uploadMarker, out var id)
                ? id
                : throw S3Exception.InvalidArgument("Invalid uploadId marker", "upload-id-marker", uploadMarker);
        return new(ListParameters.Read(query, "max-uploads"), keyMarker, keyMarker.Length == 0 ? "" : uploadMarker, after);
    }
}

/// <summary>ListParts.</summary>
public sealed record ListPartsParameters(int PartNumberMarker, int MaxParts)
{
    public static ListPartsParameters Read(QueryParameters query) =>
        new(ListParameters.Number(query, "part-number-marker") ?? 0, ListParameters.Limit(query, "max-parts"));
}

/// <summary>ListBuckets.</summary>
/// <param name="MaxBuckets">1–10,000.</param>
/// <param name="After">What the continuation token says: the last bucket of the page before.</param>
public sealed record ListBucketsParameters(string Prefix, int MaxBuckets, string? ContinuationToken, string After, string? Region)
{
    public const int MaxLimit = 10_000;

    public static ListBucketsParameters Read(QueryParameters query)
    {
        var max = ListParameters.Number(query, "max-buckets") ?? MaxLimit;
        if (max is < 1 or > MaxLimit)
            throw S3Exception.InvalidArgument($"Argument max-buckets must be an integer between 1 and {MaxLimit}", "max-buckets", max.ToString());
        var token = query["continuation-token"];
        var after = string.IsNullOrEmpty(token) ? "" : S3.ContinuationToken.Decode(token);
        return new(ListParameters.Text(query, "prefix"), max, token, after, query["bucket-region"]);
    }
}
