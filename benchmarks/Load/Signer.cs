using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OrleansDfs.Load;

/// <summary>
/// SigV4 (AWS, "Create a signed AWS API request") for one fixed set of signed headers, so that signing costs a few microseconds and the load
/// generator takes little of the processors that it shares with what it measures. One instance per connection: it is not for two threads.
/// </summary>
sealed class Signer(Target target)
{
    const string Region = "us-east-1";
    const string SignedHeaders = "host;x-amz-content-sha256;x-amz-date";

    readonly string _authority = $"{target.Host}:{target.Port}";
    readonly StringBuilder _text = new(512);
    string _day = "";
    byte[] _key = [];

    /// <summary>The head of a request, signed for now, ready for the wire.</summary>
    /// <param name="path">Percent-encoded already.</param>
    /// <param name="query">Sorted and encoded, <c>name=value</c> joined by <c>&amp;</c>; may be empty.</param>
    /// <param name="length">Of the body; <c>null</c> where there is none.</param>
    public byte[] Head(string method, string path, string query, long? length)
    {
        if (target.IsPlain) return PlainHead(method, path, length);
        const string payload = "UNSIGNED-PAYLOAD";
        var stamp = DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var day = stamp[..8];
        if (day != _day) (_day, _key) = (day, DeriveKey(day));
        var scope = $"{day}/{Region}/s3/aws4_request";
        _text.Clear().Append(method).Append('\n').Append(path).Append('\n').Append(query).Append('\n')
            .Append("host:").Append(_authority).Append("\nx-amz-content-sha256:").Append(payload).Append("\nx-amz-date:").Append(stamp).Append("\n\n")
            .Append(SignedHeaders).Append('\n').Append(payload);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(_text.ToString())));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.ASCII.GetBytes($"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hash}")));
        _text.Clear().Append(method).Append(' ').Append(path);
        if (query.Length > 0) _text.Append('?').Append(query);
        _text.Append(" HTTP/1.1\r\nHost: ").Append(_authority)
            .Append("\r\nx-amz-content-sha256: ").Append(payload).Append("\r\nx-amz-date: ").Append(stamp)
            .Append("\r\nAuthorization: AWS4-HMAC-SHA256 Credential=").Append(target.AccessKey).Append('/').Append(scope)
            .Append(", SignedHeaders=").Append(SignedHeaders).Append(", Signature=").Append(signature).Append("\r\n");
        if (length is { } bytes) _text.Append("Content-Length: ").Append(bytes).Append("\r\n");
        return Encoding.ASCII.GetBytes(_text.Append("\r\n").ToString());
    }

    byte[] PlainHead(string method, string path, long? length)
    {
        _text.Clear().Append(method).Append(' ').Append(path).Append(" HTTP/1.1\r\nHost: ").Append(_authority).Append("\r\n");
        if (length is { } bytes) _text.Append("Content-Length: ").Append(bytes).Append("\r\n");
        return Encoding.ASCII.GetBytes(_text.Append("\r\n").ToString());
    }

    byte[] DeriveKey(string day)
    {
        var key = HMACSHA256.HashData(Encoding.UTF8.GetBytes("AWS4" + target.Secret), Encoding.ASCII.GetBytes(day));
        key = HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(Region));
        key = HMACSHA256.HashData(key, "s3"u8);
        return HMACSHA256.HashData(key, "aws4_request"u8);
    }
}
