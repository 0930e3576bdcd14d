using System.Text;
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

    /// <summary>In place of the delimiter at the end of a common prefix: the least text behind everything under it.</summary>
    public string PastDelimiter { get; } = Successor(Delimiter);

    public bool IsEmpty => Utf8Order.Compare(Start, End) >= 0;

    /// <summary>Prefix in code points, as the databases count.</summary>
    public int PrefixLength => Prefix.EnumerateRunes().Count();

    public static ListingRange Of(string prefix, string delimiter, string after)
    {
        var range = new ListingRange(prefix, prefix + Beyond, prefix, delimiter);
        if (after.Length == 0) return range;
        // Also a marker inside a common prefix passes all of it: what is rolled up lies before the marker, and S3 does not show it again.
        var start = range.CommonPrefix(after) is { } under ? range.Past(under) : Next(after);
        return Utf8Order.Compare(start, prefix) > 0 ? range with { Start = start } : range;
    }

    /// <summary>The least string behind everything under a common prefix of this range.</summary>
    public string Past(string commonPrefix) => commonPrefix[..^Delimiter.Length] + PastDelimiter;

    /// <summary>The same with its last character raised by one; that character has no successor only where it is the greatest.</summary>
    private static string Successor(string text)
    {
        if (text.Length == 0) return text;
        var last = Rune.GetRuneAt(text, text.Length - (char.IsLowSurrogate(text[^1]) ? 2 : 1));
        return last.Value == 0x10FFFF ? text + Beyond : text[..^last.Utf16SequenceLength] + new Rune(last.Value == 0xD7FF ? 0xE000 : last.Value + 1);
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
