using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace OrleansDfs.Model;

/// <summary>
/// The key of a file inside its bucket: 1–1024 bytes of UTF-8, opaque. Slashes, dots and empty segments mean nothing here, and a key
/// is never a path on any disk. NUL is refused: PostgreSQL's text cannot hold it. Keys order by their UTF-8 bytes.
/// </summary>
public readonly record struct ObjectKey : IComparable<ObjectKey>
{
    /// <summary>Longest key, in bytes of UTF-8 (AWS: "Creating object key names").</summary>
    public const int MaxBytes = 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly string? _value;

    private ObjectKey(string value) => _value = value;

    public string Value => _value ?? throw new InvalidOperationException("An empty ObjectKey was used.");

    public static ObjectKeyError TryParse(string? text, out ObjectKey key)
    {
        key = default;
        if (string.IsNullOrEmpty(text)) return ObjectKeyError.Empty;
        if (text.Contains('\0', StringComparison.Ordinal)) return ObjectKeyError.Invalid;
        try
        {
            if (text.Length > MaxBytes || StrictUtf8.GetByteCount(text) > MaxBytes) return ObjectKeyError.TooLong;
        }
        catch (EncoderFallbackException)
        {
            return ObjectKeyError.Invalid; // a lone surrogate has no UTF-8
        }
        key = new ObjectKey(text);
        return ObjectKeyError.None;
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out ObjectKey key, out ObjectKeyError error) =>
        (error = TryParse(text, out key)) == ObjectKeyError.None;

    public static ObjectKey Parse(string text) =>
        TryParse(text, out var key) is var error && error == ObjectKeyError.None
            ? key
            : throw new FormatException($"Not an object key: {error}.");

    /// <summary>Order of the UTF-8 bytes. UTF-16 order differs from it where surrogates meet U+E000–U+FFFF.</summary>
    public int CompareTo(ObjectKey other) => Utf8Order.Compare(Value, other.Value);

    public override string ToString() => _value ?? "";

    public static bool operator <(ObjectKey left, ObjectKey right) => left.CompareTo(right) < 0;
    public static bool operator <=(ObjectKey left, ObjectKey right) => left.CompareTo(right) <= 0;
    public static bool operator >(ObjectKey left, ObjectKey right) => left.CompareTo(right) > 0;
    public static bool operator >=(ObjectKey left, ObjectKey right) => left.CompareTo(right) >= 0;
}

public enum ObjectKeyError
{
    None,
    Empty,
    TooLong,
    Invalid,
}

/// <summary>Compares strings by their UTF-8 bytes, as <c>COLLATE "C"</c> and SQLite's BINARY do, without encoding them.</summary>
public sealed class Utf8Order : IComparer<string>
{
    public static readonly Utf8Order Instance = new();

    public static int Compare(string a, string b)
    {
        var common = a.AsSpan().CommonPrefixLength(b);
        if (common == a.Length || common == b.Length) return a.Length.CompareTo(b.Length);
        // Code units order as code points except that surrogates (≥ U+10000) come after U+E000–U+FFFF: rotate them to the top.
        return Rank(a[common]).CompareTo(Rank(b[common]));

        static int Rank(char c) => char.IsSurrogate(c) ? c + 0x2000 : c >= 0xE000 ? c - 0x0800 : c;
    }

    int IComparer<string>.Compare(string? x, string? y) => Compare(x ?? "", y ?? "");
}
