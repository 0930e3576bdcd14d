using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace OrleansDfs.S3;

/// <summary>A header value with parameters: <c>form-data; name="key"; filename="a b.txt"</c>.</summary>
internal sealed class FormHeader
{
    private readonly Dictionary<string, string> _parameters = new(StringComparer.OrdinalIgnoreCase);

    private FormHeader(string value) => Value = value;

    public string Value { get; }

    public string? this[string parameter] => _parameters.GetValueOrDefault(parameter);

    /// <returns>False for a parameter without <c>=</c>, twice the same, or a quote that is not closed.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out FormHeader? header)
    {
        header = null;
        var semicolon = text.IndexOf(';');
        var parsed = new FormHeader((semicolon < 0 ? text : text[..semicolon]).Trim());
        var rest = semicolon < 0 ? [] : text.AsSpan(semicolon + 1);
        while (!(rest = rest.TrimStart(" \t;")).IsEmpty)
        {
            var equals = rest.IndexOf('=');
            if (equals <= 0) return false;
            var name = rest[..equals].Trim().ToString();
            if (!TryTakeValue(rest[(equals + 1)..].TrimStart(), out var value, out rest)) return false;
            if (!parsed._parameters.TryAdd(name, value)) return false;
        }
        header = parsed;
        return true;
    }

    private static bool TryTakeValue(ReadOnlySpan<char> text, out string value, out ReadOnlySpan<char> rest)
    {
        if (text.IsEmpty || text[0] != '"')
        {
            var end = text.IndexOf(';');
            value = (end < 0 ? text : text[..end]).Trim().ToString();
            rest = end < 0 ? [] : text[(end + 1)..];
            return true;
        }
        var builder = new StringBuilder();
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                value = builder.ToString();
                rest = text[(i + 1)..];
                return true;
            }
            // Browsers leave a backslash alone (C:\new.txt) and escape nothing but the quote.
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] == '"') i++;
            builder.Append(text[i]);
        }
        value = "";
        rest = [];
        return false;
    }
}
