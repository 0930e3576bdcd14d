using System.Globalization;
using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>Signs requests as a client does: for tests, health checks and command line tools.</summary>
public sealed class RequestSigner(string accessKey, string secret, string region = "us-east-1")
{
    /// <summary>Adds x-amz-date, x-amz-content-sha256 and Authorization, signing Host and every header that is there.</summary>
    /// <param name="rawTarget">Path and query as they will stand in the request line.</param>
    /// <param name="headers">Must hold Host.</param>
    /// <param name="payloadHash">Hex SHA-256 of the body, or the name of a payload mode.</param>
    /// <returns>What the chunks of a streaming body go on from.</returns>
    public ChunkSigner Sign(string method, string rawTarget, RequestHeaders headers, string payloadHash, DateTimeOffset time)
    {
        var timestamp = Timestamp(time);
        var scope = Scope(timestamp);
        headers.Add("x-amz-date", timestamp);
        headers.Add("x-amz-content-sha256", payloadHash);
        var signedHeaders = headers.Lines.Select(line => line.Key.ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal).ToArray();
        var (path, query) = RequestTarget.Split(rawTarget);
        var canonical = CanonicalRequest.Build(method, RequestTarget.Canonical(path), query.Canonical(), headers, signedHeaders, payloadHash);
        var key = SigningKey.Derive(secret, scope.Date, scope.Region, scope.Service);
        var signature = Hmac.Sign(key, CanonicalRequest.StringToSign(timestamp, scope, canonical));
        headers.Add("Authorization", $"{SignatureRules.Algorithm} Credential={accessKey}/{scope}, SignedHeaders={string.Join(';', signedHeaders)}, " +
            $"Signature={signature}");
        return new ChunkSigner(key, timestamp, scope, signature);
    }

    /// <summary>The target with a presigned signature in its query.</summary>
    /// <param name="headers">What the request will send and the signature covers; must hold Host.</param>
    public string Presign(string method, string rawTarget, RequestHeaders headers, TimeSpan expires, DateTimeOffset time)
    {
        var timestamp = Timestamp(time);
        var scope = Scope(timestamp);
        var signedHeaders = headers.Lines.Select(line => line.Key.ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal).ToArray();
        var credential = PercentEncoding.Encode($"{accessKey}/{scope}", keepSlash: false);
        var unsigned = rawTarget + (rawTarget.Contains('?') ? "&" : "?") +
            $"X-Amz-Algorithm={SignatureRules.Algorithm}&X-Amz-Credential={credential}&X-Amz-Date={timestamp}" +
            string.Create(CultureInfo.InvariantCulture, $"&X-Amz-Expires={(long)expires.TotalSeconds}") +
            $"&X-Amz-SignedHeaders={PercentEncoding.Encode(string.Join(';', signedHeaders), keepSlash: false)}";
        var (path, query) = RequestTarget.Split(unsigned);
        var payloadHash = headers["x-amz-content-sha256"] ?? PayloadModes.Unsigned;
        var canonical = CanonicalRequest.Build(method, RequestTarget.Canonical(path), query.Canonical(), headers, signedHeaders, payloadHash);
        var key = SigningKey.Derive(secret, scope.Date, scope.Region, scope.Service);
        return $"{unsigned}&X-Amz-Signature={Hmac.Sign(key, CanonicalRequest.StringToSign(timestamp, scope, canonical))}";
    }

    private static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString(SignatureClaim.TimestampFormat, CultureInfo.InvariantCulture);

    private SigningScope Scope(string timestamp) => new(timestamp[..8], region, SignatureRules.Service);
}
