using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace OrleansDfs.Model;

/// <summary>
/// A bucket name that has passed S3's rules (AWS, "General purpose bucket naming rules"): 3–63 characters of
/// <c>a-z 0-9 . -</c>, beginning and ending with a letter or digit, no <c>..</c>, not shaped like an IPv4 address,
/// none of the reserved prefixes and suffixes.
/// </summary>
public readonly record struct BucketName
{
    private static readonly string[] ReservedPrefixes = ["xn--", "sthree-", "amzn-s3-demo-"];
    private static readonly string[] ReservedSuffixes = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

    private readonly string? _value;

    private BucketName(string value) => _value = value;

    public string Value => _value ?? throw new InvalidOperationException("An empty BucketName was used.");

    public static bool TryParse([NotNullWhen(true)] string? text, out BucketName name)
    {
        name = default;
        if (text is null || text.Length is < 3 or > 63) return false;
        foreach (var c in text)
            if (!(char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-')) return false;
        if (!char.IsAsciiLetterOrDigit(text[0]) || !char.IsAsciiLetterOrDigit(text[^1])) return false;
        if (text.Contains("..", StringComparison.Ordinal)) return false;
        if (text.Count(c => c == '.') == 3 && IPAddress.TryParse(text, out _)) return false;
        foreach (var prefix in ReservedPrefixes)
            if (text.StartsWith(prefix, StringComparison.Ordinal)) return false;
        foreach (var suffix in ReservedSuffixes)
            if (text.EndsWith(suffix, StringComparison.Ordinal)) return false;
        name = new BucketName(text);
        return true;
    }

    public static BucketName Parse(string text) =>
        TryParse(text, out var name) ? name : throw new FormatException($"'{text}' is not a bucket name.");

    public override string ToString() => _value ?? "";
}
