using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace OrleansDfs.S3;

/// <summary>SigV4's canonical request and string to sign (AWS, "Create a signed AWS API request"; S3 encodes the URI once and normalises
/// nothing).</summary>
public static class CanonicalRequest
{
    public static string Build(
        string method, string canonicalUri, string canonicalQuery, RequestHeaders headers, IReadOnlyList<string> signedHeaders, string payloadHash)
    {
        var builder = new StringBuilder(512);
        builder.Append(method).Append('\n').Append(canonicalUri).Append('\n').Append(canonicalQuery).Append('\n');
        foreach (var name in signedHeaders)
        {
            builder.Append(name).Append(':');
            AppendValue(builder, headers, name);
            builder.Append('\n');
        }
        return builder.Append('\n').AppendJoin(';', signedHeaders).Append('\n').Append(payloadHash).ToString();
    }

    public static string StringToSign(string timestamp, SigningScope scope, string canonicalRequest) =>
        $"{SignatureRules.Algorithm}\n{timestamp}\n{scope}\n{Hash(canonicalRequest)}";

    /// <summary>Lines of one name joined by commas; each trimmed, runs of spaces made one.</summary>
    private static void AppendValue(StringBuilder builder, RequestHeaders headers, string name)
    {
        var first = true;
        foreach (var (lineName, value) in headers.Lines)
        {
            if (!lineName.Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            if (!first) builder.Append(',');
            first = false;
            var pendingSpace = false;
            foreach (var c in value.AsSpan().Trim(" \t"))
            {
                if (c is ' ' or '\t')
                {
                    pendingSpace = true;
                    continue;
                }
                if (pendingSpace) builder.Append(' ');
                pendingSpace = false;
                builder.Append(c);
            }
        }
    }

    /// <summary>Lower-case hex SHA-256. Header values are one character a byte; everything else in a canonical request is ASCII.</summary>
    private static string Hash(string text)
    {
        var isBytes = !text.AsSpan().ContainsAnyExceptInRange('\0', '\u00ff');
        var buffer = ArrayPool<byte>.Shared.Rent(isBytes ? text.Length : Encoding.UTF8.GetMaxByteCount(text.Length));
        var length = (isBytes ? Encoding.Latin1 : Encoding.UTF8).GetBytes(text, buffer);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer.AsSpan(0, length), hash);
        ArrayPool<byte>.Shared.Return(buffer);
        return Convert.ToHexStringLower(hash);
    }
}
