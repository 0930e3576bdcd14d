using System.Text;

namespace OrleansDfs.S3;

/// <summary>
/// RFC 2047 encoded words, which S3 uses for metadata that is not ASCII: decoded before storing, encoded before returning (AWS, "Working with object
/// metadata").
/// </summary>
public static class EncodedWord
{
    /// <summary>Replaces <c>=?charset?B|Q?text?=</c> by what it says; whatever is not a valid word of a known charset stays as it is.</summary>
    public static string Decode(string text)
    {
        if (!text.Contains("=?", StringComparison.Ordinal)) return text;
        var builder = new StringBuilder(text.Length);
        var position = 0;
        var afterWord = 0; // where the last word ended, when only white space was seen since
        while (position < text.Length)
        {
            var start = text.IndexOf("=?", position, StringComparison.Ordinal);
            if (start < 0) break;
            if (TryWord(text, start, out var end, out var decoded))
            {
                var between = text.AsSpan(position, start - position);
                if (afterWord != position || position == 0 || !between.IsWhiteSpace()) builder.Append(between); // space between words is not text
                builder.Append(decoded);
                position = afterWord = end;
            }
            else
            {
                builder.Append(text, position, start + 2 - position);
                position = start + 2;
            }
        }
        return builder.Append(text, position, text.Length - position).ToString();
    }

    /// <summary>The text itself where it is printable ASCII, else one encoded word.</summary>
    public static string Encode(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return text;
        return $"=?UTF-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}?=";
    }

    private static bool TryWord(string text, int start, out int end, out string decoded)
    {
        end = 0;
        decoded = "";
        var afterCharset = text.IndexOf('?', start + 2);
        if (afterCharset < 0 || afterCharset + 2 >= text.Length || text[afterCharset + 2] != '?') return false;
        var close = text.IndexOf("?=", afterCharset + 3, StringComparison.Ordinal);
        if (close < 0) return false;
        var encoding = text[(start + 2)..afterCharset].ToUpperInvariant() switch
        {
            "UTF-8" => PercentEncoding.StrictUtf8,
            "US-ASCII" => Encoding.ASCII,
            "ISO-8859-1" => Encoding.Latin1,
            _ => null,
        };
        var content = text.AsSpan(afterCharset + 3, close - afterCharset - 3);
        var bytes = char.ToUpperInvariant(text[afterCharset + 1]) switch
        {
            'B' => Base64(content),
            'Q' => QuotedPrintable(content),
            _ => null,
        };
        if (encoding is null || bytes is null) return false;
        try
        {
            decoded = encoding.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
        end = close + 2;
        return true;
    }

    private static byte[]? Base64(ReadOnlySpan<char> content)
    {
        var bytes = new byte[content.Length];
        return Convert.TryFromBase64Chars(content, bytes, out var length) ? bytes[..length] : null;
    }

    private static byte[]? QuotedPrintable(ReadOnlySpan<char> content)
    {
        var bytes = new byte[content.Length];
        var length = 0;
        for (var i = 0; i < content.Length; i++)
        {
            if (content[i] == '=')
            {
                if (i + 2 >= content.Length || !char.IsAsciiHexDigit(content[i + 1]) || !char.IsAsciiHexDigit(content[i + 2])) return null;
                bytes[length++] = byte.Parse(content.Slice(i + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier);
                i += 2;
            }
            else if (content[i] is > ' ' and <= '~')
            {
                bytes[length++] = content[i] == '_' ? (byte)' ' : (byte)content[i];
            }
            else
            {
                return null;
            }
        }
        return bytes[..length];
    }
}
