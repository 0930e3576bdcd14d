using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>What level of S3's namespace a request addresses.</summary>
public enum ResourceLevel
{
    Service,
    Bucket,
    Object,
}

/// <summary>
/// A request target read from its raw form, never from a framework's decoded path: servers' own parsing collapses <c>//</c> and dot segments and
/// cannot tell <c>%2F</c> from <c>/</c> (S3.md §5), while a key is opaque bytes. Bucket, key and what is signed come from the same decoding.
/// </summary>
public sealed class RequestTarget
{
    /// <summary>Where the admin API begins.</summary>
    public const string AdminPath = "/_admin/";

    private RequestTarget(string rawPath, string path, QueryParameters query, BucketName? bucket, ObjectKey? key, bool virtualHosted)
    {
        RawPath = rawPath;
        Path = path;
        Query = query;
        Bucket = bucket;
        Key = key;
        IsVirtualHosted = virtualHosted;
    }

    /// <summary>The path as it came, which Signature Version 2 signs.</summary>
    public string RawPath { get; }

    /// <summary>The path, decoded once.</summary>
    public string Path { get; }

    public QueryParameters Query { get; }

    public BucketName? Bucket { get; }

    public ObjectKey? Key { get; }

    /// <summary>
    /// The admin API: a path that no bucket's name begins, for those have neither <c>_</c> nor capitals. Under a bucket's host it is a key like any
    /// other.
    /// </summary>
    public bool IsAdmin { get; private init; }

    /// <summary>The bucket was named by the Host header.</summary>
    public bool IsVirtualHosted { get; }

    public ResourceLevel Level => Key is not null ? ResourceLevel.Object : Bucket is not null ? ResourceLevel.Bucket : ResourceLevel.Service;

    /// <summary>SigV4's canonical URI: the path encoded once, whatever way the client had encoded it.</summary>
    public string CanonicalUri => Canonical(Path);

    /// <summary>The same bucket with a key that was not named by the path: a form's.</summary>
    public RequestTarget WithKey(ObjectKey key) => new(RawPath, Path, Query, Bucket, key, IsVirtualHosted);

    /// <param name="rawTarget">The request line's target, undecoded: origin-form, or absolute-form whose authority is then ignored.</param>
    /// <param name="host">The Host header, with or without a port.</param>
    /// <param name="domains">Domains whose subdomains are buckets, such as <c>s3.example.com</c>; lower case.</param>
    /// <exception cref="S3Exception">InvalidURI, InvalidBucketName, KeyTooLongError.</exception>
    public static RequestTarget Parse(string rawTarget, string host, IReadOnlyList<string> domains)
    {
        var (path, query) = Split(rawTarget);
        var raw = OriginForm(rawTarget);
        var rawPath = (raw.IndexOf('?') is var question and >= 0 ? raw[..question] : raw).ToString();
        if (BucketOfHost(host, domains) is { } hostBucket) return new(rawPath, path, query, ParseBucket(hostBucket), ParseKey(path.AsSpan(1)), true);
        if (path == "/") return new(rawPath, path, query, null, null, false);
        if (path.StartsWith(AdminPath, StringComparison.Ordinal)) return new(rawPath, path, query, null, null, false) { IsAdmin = true };
        var slash = path.IndexOf('/', 1);
        var bucket = ParseBucket(slash < 0 ? path[1..] : path[1..slash]);
        return new(rawPath, path, query, bucket, slash < 0 ? null : ParseKey(path.AsSpan(slash + 1)), false);
    }

    /// <summary>Decoded path and query, whatever they name.</summary>
    internal static (string Path, QueryParameters Query) Split(string rawTarget)
    {
        var raw = OriginForm(rawTarget);
        var question = raw.IndexOf('?');
        var query = question < 0 ? QueryParameters.Empty : QueryParameters.Parse(raw[(question + 1)..]);
        return (PercentEncoding.Decode(question < 0 ? raw : raw[..question], plusIsSpace: false), query);
    }

    internal static string Canonical(string path) => PercentEncoding.Encode(path, keepSlash: true);

    private static ReadOnlySpan<char> OriginForm(string rawTarget)
    {
        if (rawTarget.StartsWith('/')) return rawTarget;
        var scheme = rawTarget.IndexOf("://", StringComparison.Ordinal);
        if (scheme is not (4 or 5) || !rawTarget.StartsWith("http", StringComparison.OrdinalIgnoreCase)) throw new S3Exception(ErrorCode.InvalidURI);
        var path = rawTarget.AsSpan(scheme + 3).IndexOfAny('/', '?');
        if (path < 0) return "/";
        var rest = rawTarget.AsSpan(scheme + 3 + path);
        return rest[0] == '/' ? rest : string.Concat("/", rest);
    }

    private static string? BucketOfHost(string host, IReadOnlyList<string> domains)
    {
        if (domains.Count == 0) return null;
        var name = host.AsSpan();
        if (name.LastIndexOf(':') is var colon and > 0 && !name[colon..].Contains(']')) name = name[..colon];
        name = name.TrimEnd('.');
        foreach (var domain in domains)
            if (name.Length > domain.Length + 1 && name[^(domain.Length + 1)] == '.' && name.EndsWith(domain, StringComparison.OrdinalIgnoreCase))
                return name[..^(domain.Length + 1)].ToString().ToLowerInvariant();
        return null;
    }

    private static BucketName ParseBucket(string name) =>
        BucketName.TryParse(name, out var bucket) ? bucket : throw new S3Exception(ErrorCode.InvalidBucketName, null, ("BucketName", name));

    private static ObjectKey? ParseKey(ReadOnlySpan<char> text) => text.IsEmpty ? null : Keys.Parse(text.ToString());
}

/// <summary>Object keys with S3's errors.</summary>
public static class Keys
{
    /// <exception cref="S3Exception">KeyTooLongError, or InvalidURI for a key with NUL.</exception>
    public static ObjectKey Parse(string text) => ObjectKey.TryParse(text, out var key) switch
    {
        ObjectKeyError.None => key,
        ObjectKeyError.TooLong => throw new S3Exception(ErrorCode.KeyTooLongError, null,
            ("Size", PercentEncoding.StrictUtf8.GetByteCount(text).ToString()), ("MaxSizeAllowed", ObjectKey.MaxBytes.ToString())),
        _ => throw new S3Exception(ErrorCode.InvalidURI),
    };
}
