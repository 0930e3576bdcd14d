using System.Text;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Rows;

/// <summary>The keys a listing may show, as a half-open range in the order of their bytes; and how to get past a key or a common prefix.</summary>
/// <param name="Start">Inclusive.</param>
/// <param name="End">Exclusive.</param>
/// <param name="PastDelimiter">The least string behind everything that begins with the delimiter; <c>null</c> where there is none.</param>
internal sealed record ListingRange(string Start, string End, string Prefix, string Delimiter, string? PastDelimiter)
{
    /// <summary>Behind every key: more bytes than a key has, each the greatest there is.</summary>
    private static readonly string Last = string.Concat(Enumerable.Repeat("\U0010FFFF", ObjectKey.MaxBytes / 4 + 1));

    public bool IsEmpty => Utf8Order.Compare(Start, End) >= 0;

    /// <summary>Prefix in code points, as the databases count.</summary>
    public int PrefixLength => Prefix.EnumerateRunes().Count();

    public static ListingRange Of(string prefix, string delimiter, string after)
    {
        var end = prefix.Length == 0 ? Last : After(prefix) ?? Last;
        var range = new ListingRange(prefix, end, prefix, delimiter, delimiter.Length == 0 ? null : After(delimiter));
        if (after.Length == 0) return range;
        var start = range.CommonPrefix(after) == after && range.PastDelimiter is not null ? after[..^delimiter.Length] + range.PastDelimiter : Next(after);
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

    /// <summary>The least string behind everything that begins with <paramref name="text"/>: its last code point raised by one. <c>null</c>: there is none.</summary>
    private static string? After(string text)
    {
        var runes = text.EnumerateRunes().ToList();
        while (runes.Count > 0)
        {
            var last = runes[^1].Value;
            runes.RemoveAt(runes.Count - 1);
            if (last == 0x10FFFF) continue;
            var raised = new Rune(last == 0xD7FF ? 0xE000 : last + 1); // surrogates are no characters
            return string.Concat(runes.Append(raised));
        }
        return null;
    }
}
