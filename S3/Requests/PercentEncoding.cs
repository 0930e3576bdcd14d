using System.Buffers;
using System.Globalization;
using System.Text;

namespace OrleansDfs.S3;

/// <summary>Percent-encoding on the bytes of a request target (RFC 3986 §2.1), decoded once and only here.</summary>
public static class PercentEncoding
{
    public static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private const string Hex = "0123456789ABCDEF";

    private static readonly SearchValues<char> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    private static readonly SearchValues<char> UnreservedOrSlash =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/");

    /// <summary>Decodes once. Characters above ASCII that came unencoded count as their UTF-8.</summary>
    /// <param name="plusIsSpace">As in a query; in a path <c>+</c> is itself.</param>
    /// <exception cref="S3Exception">InvalidURI: a bad escape, or bytes that are not UTF-8.</exception>
    public static string Decode(ReadOnlySpan<char> text, bool plusIsSpace)
    {
        if (text.IndexOfAny('%', '+') < 0) return CheckSurrogates(text);
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            return StrictUtf8.GetString(buffer, 0, DecodeBytes(text, plusIsSpace, buffer));
        }
        catch (DecoderFallbackException)
        {
            throw new S3Exception(ErrorCode.InvalidURI);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Encodes every byte but the unreserved ones, as SigV4 and <c>encoding-type=url</c> ask.</summary>
    public static string Encode(string text, bool keepSlash)
    {
        var kept = keepSlash ? UnreservedOrSlash : Unreserved;
        if (text.AsSpan().IndexOfAnyExcept(kept) < 0) return text;
        var builder = new StringBuilder(text.Length + 16);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii && kept.Contains((char)rune.Value))
            {
                builder.Append((char)rune.Value);
                continue;
            }
            foreach (var b in utf8[..rune.EncodeToUtf8(utf8)]) builder.Append('%').Append(Hex[b >> 4]).Append(Hex[b & 15]);
        }
        return builder.ToString();
    }

    private static string CheckSurrogates(ReadOnlySpan<char> text)
    {
        for (var rest = text; rest.IndexOfAnyInRange('\ud800', '\udfff') is var at and >= 0;)
        {
            if (Rune.DecodeFromUtf16(rest[at..], out _, out var consumed) != OperationStatus.Done) throw new S3Exception(ErrorCode.InvalidURI);
            rest = rest[(at + consumed)..];
        }
        return text.ToString();
    }

    private static int DecodeBytes(ReadOnlySpan<char> text, bool plusIsSpace, Span<byte> output)
    {
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '%')
            {
                if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                    throw new S3Exception(ErrorCode.InvalidURI);
                output[length++] = byte.Parse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                i += 2;
            }
            else if (c < 0x80)
            {
                output[length++] = c == '+' && plusIsSpace ? (byte)' ' : (byte)c;
            }
            else
            {
                if (Rune.DecodeFromUtf16(text[i..], out var rune, out var consumed) != OperationStatus.Done)
                    throw new S3Exception(ErrorCode.InvalidURI);
                length += rune.EncodeToUtf8(output[length..]);
                i += consumed - 1;
            }
        }
        return length;
    }
}
