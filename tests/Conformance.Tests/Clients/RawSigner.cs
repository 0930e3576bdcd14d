using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansDfs.Conformance.Tests;

/// <summary>
/// SigV4 written down a second time, from AWS's documentation and apart from the server's, so that a test can sign what no SDK would send and can
/// sign wrongly
/// on purpose.
/// </summary>
public sealed class RawSigner(string accessKey, string secretKey, string host, string region = "us-east-1", DateTimeOffset? now = null)
{
    const string Empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    readonly DateTimeOffset _now = now ?? DateTimeOffset.UtcNow;

    public string AccessKey => accessKey;
    public string Amz => _now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
    public string Day => _now.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
    public string Scope => $"{Day}/{region}/s3/aws4_request";

    /// <summary>The signature of the last request, as the seed for chunk signatures.</summary>
    public string Seed { get; private set; } = "";

    /// <summary>A whole head, signed in its Authorization header, with the blank line.</summary>
    /// <param name="payload">Value of x-amz-content-sha256; by default that of an empty body.</param>
    /// <param name="unsigned">Headers that are sent and not signed.</param>
    public string Head(string method, string target, IEnumerable<(string Name, string Value)>? headers = null, string payload = Empty,
        IEnumerable<(string Name, string Value)>? unsigned = null)
    {
        List<(string Name, string Value)> signed = [("host", host), ("x-amz-date", Amz), ("x-amz-content-sha256", payload), .. headers ?? []];
        Seed = Sign(method, target, signed, payload, out var names);
        var builder = new StringBuilder($"{method} {target} HTTP/1.1\r\n");
        foreach (var (name, value) in signed) builder.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        foreach (var (name, value) in unsigned ?? []) builder.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        builder.Append(CultureInfo.InvariantCulture,
            $"Authorization: AWS4-HMAC-SHA256 Credential={accessKey}/{Scope}, SignedHeaders={names}, Signature={Seed}\r\n\r\n");
        return builder.ToString();
    }

    /// <summary>A presigned target.</summary>
    public string Presign(string method, string target, int expires = 300, IEnumerable<(string Name, string Value)>? headers = null)
    {
        List<(string Name, string Value)> signed = [("host", host), .. headers ?? []];
        var names = string.Join("%3B", signed.Select(h => h.Name.ToLowerInvariant()).Order(StringComparer.Ordinal));
        var joined = target + (target.Contains('?', StringComparison.Ordinal) ? '&' : '?')
            + $"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={Uri.EscapeDataString($"{accessKey}/{Scope}")}&X-Amz-Date={Amz}"
            + $"&X-Amz-Expires={expires}&X-Amz-SignedHeaders={names}";
        return joined + "&X-Amz-Signature=" + Sign(method, joined, signed, "UNSIGNED-PAYLOAD", out _);
    }

    /// <summary>Signature of one aws-chunked chunk.</summary>
    public string Chunk(string previous, ReadOnlySpan<byte> data) =>
        Hmac($"AWS4-HMAC-SHA256-PAYLOAD\n{Amz}\n{Scope}\n{previous}\n{Empty}\n{Hash(data)}");

    public string Trailer(string previous, string trailer) =>
        Hmac($"AWS4-HMAC-SHA256-TRAILER\n{Amz}\n{Scope}\n{previous}\n{Hash(Encoding.UTF8.GetBytes(trailer))}");

    public static string Hash(ReadOnlySpan<byte> data) => Convert.ToHexStringLower(SHA256.HashData(data));

    string Sign(string method, string target, List<(string Name, string Value)> headers, string payload, out string names)
    {
        var split = target.Split('?', 2);
        var query = split.Length == 1 || split[1].Length == 0 ? "" : string.Join('&', split[1].Split('&')
            .Select(p => p.Contains('=', StringComparison.Ordinal) ? p : p + "=").Order(StringComparer.Ordinal));
        var sorted = headers.Select(h => (Name: h.Name.ToLowerInvariant(), Value: h.Value.Trim()))
            .OrderBy(h => h.Name, StringComparer.Ordinal).ToList();
        names = string.Join(';', sorted.Select(h => h.Name));
        var lines = string.Concat(sorted.Select(h => $"{h.Name}:{h.Value}\n"));
        var canonical = $"{method}\n{split[0]}\n{query}\n{lines}\n{names}\n{payload}";
        return Hmac($"AWS4-HMAC-SHA256\n{Amz}\n{Scope}\n{Hash(Encoding.Latin1.GetBytes(canonical))}");
    }

    string Hmac(string stringToSign)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + secretKey);
        foreach (var step in new[] { Day, region, "s3", "aws4_request" }) key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(stringToSign)));
    }
}
