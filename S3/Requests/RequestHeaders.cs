using System.Text;

namespace OrleansDfs.S3;

/// <summary>
/// The headers of a request in the order received, one entry a line. Values are the raw bytes, one character a byte (ISO 8859-1, what Kestrel gives
/// with <c>RequestHeaderEncodingSelector = _ => Encoding.Latin1</c>): the signature is over bytes, and what a value means is decided where it is
/// used.
/// </summary>
public sealed class RequestHeaders
{
    private readonly List<KeyValuePair<string, string>> _lines;

    public RequestHeaders(int capacity = 16) => _lines = new(capacity);

    /// <summary>Every line, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Lines => _lines;

    /// <summary>The value; lines of the same name joined by commas. <c>null</c> when there is none.</summary>
    public string? this[string name]
    {
        get
        {
            string? value = null;
            foreach (var (lineName, lineValue) in _lines)
                if (lineName.Equals(name, StringComparison.OrdinalIgnoreCase))
                    value = value is null ? lineValue : value + "," + lineValue;
            return value;
        }
    }

    public void Add(string name, string value) => _lines.Add(new(name, value));

    public bool Contains(string name) => this[name] is not null;

    /// <summary>The value read as UTF-8 where its bytes are that, else as ISO 8859-1.</summary>
    public string? Text(string name) => this[name] is { } value ? DecodeText(value) : null;

    /// <summary>Reads the bytes of a raw value as UTF-8 where they are that, else as ISO 8859-1.</summary>
    public static string DecodeText(string raw)
    {
        if (Ascii.IsValid(raw)) return raw;
        foreach (var c in raw)
            if (c > 0xff) return raw; // was decoded before it came here
        try
        {
            return PercentEncoding.StrictUtf8.GetString(Encoding.Latin1.GetBytes(raw));
        }
        catch (DecoderFallbackException)
        {
            return raw;
        }
    }
}
