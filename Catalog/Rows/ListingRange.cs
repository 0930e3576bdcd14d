using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Rows;

/// <summary>The keys a listing may show, as a half-open range in the order of their bytes.</summary>
/// <param name="Start">Inclusive.</param>
/// <param name="End">Exclusive.</param>
internal sealed record ListingRange(string Start, string End, string Prefix, string Delimiter)
{
    /// <summary>
    /// The greatest character, in more bytes than a key has. Appended to a text it lies behind every key that begins with the text and before every
    /// other that lies
    /// behind the text; so a common prefix is passed by one seek, also where its last character has no successor.
    /// </summary>
    public static readonly string Beyond = string.Concat(Enumerable.Repeat("\U0010FFFF", ObjectKey.MaxBytes / 4 + 1));

    public bool IsEmpty => Utf8Order.Compare(Start, End) >= 0;

    /// <summary>Prefix in code points, as the databases count.</summary>
    public int PrefixLength => Prefix.EnumerateRunes().Count();

    public static ListingRange Of(string prefix, string delimiter, string after)
    {
        var range = new ListingRange(prefix, prefix + Beyond, prefix, delimiter);
        if (after.Length == 0) return range;
        var start = range.CommonPrefix(after) == after ? after + Beyond : Next(after);
        return Utf8Order.Compare(start, prefix) > 0 ? range with { Start = start } : range;
    }

    /// <summary>The least string behind <paramref name="key"/> itself. Keys have no NUL.</summary>
    public static string Next(string key) => key + "\u0001";

    /// <summary>What S3 rolls this key up to: up to and with the first delimiter behind the prefix; <c>null</c> where it has none.</summary>
    public string? CommonPrefix(string key)
    {
        if (Delimiter.Length == 0 || !key.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var at = key.IndexOf(Delimiter, Prefix.Length, StringComparison.Ordinal);
        return at < 0 ? null : key[..(at + Delimiter.Length)];
    }
}
