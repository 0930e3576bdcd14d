using System.Globalization;

namespace OrleansDfs.S3;

/// <summary>The bytes of a file that a request asks for.</summary>
/// <param name="IsPartial">A 206 with Content-Range, not the whole file.</param>
public readonly record struct ByteRange(long Offset, long Length, bool IsPartial)
{
    public static ByteRange Whole(long size) => new(0, size, false);

    /// <summary>Value of Content-Range.</summary>
    public string ContentRange(long size) => $"bytes {Offset}-{Offset + Length - 1}/{size}";

    /// <summary>
    /// Reads a Range header as S3 does: <c>bytes=a-b</c>, <c>a-</c>, <c>-n</c>. Several ranges and whatever is not understood mean the whole file.
    /// </summary>
    /// <exception cref="S3Exception">InvalidRange: the file has none of these bytes.</exception>
    public static ByteRange Parse(string? header, long size)
    {
        if (header is null || !TrySplit(header, out var first, out var last)) return Whole(size);
        if (first is null)
        {
            var count = Math.Min(last!.Value, size);
            if (count == 0) throw Unsatisfiable(header, size);
            return new ByteRange(size - count, count, true);
        }
        if (first >= size) throw Unsatisfiable(header, size);
        var end = Math.Min(last ?? long.MaxValue, size - 1);
        return new ByteRange(first.Value, end - first.Value + 1, true);
    }

    /// <summary>Reads x-amz-copy-source-range: both ends must be given and lie inside the source.</summary>
    /// <exception cref="S3Exception">InvalidArgument; InvalidRequest where the source has none of these bytes.</exception>
    public static ByteRange ParseCopySource(string? header, long size)
    {
        if (header is null) return Whole(size);
        if (!TrySplit(header, out var first, out var last) || first is not { } start || last is not { } end)
            throw S3Exception.InvalidArgument(
                "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets " +
                "of the first and last bytes to copy", "x-amz-copy-source-range", header);
        if (start >= size) throw new S3Exception(ErrorCode.InvalidRequest, "The specified copy range is invalid for the source object size");
        if (end >= size)
            throw S3Exception.InvalidArgument($"Range specified is not valid for source object of size: {size}", "x-amz-copy-source-range", header);
        return new ByteRange(start, end - start + 1, true);
    }

    private static bool TrySplit(string header, out long? first, out long? last)
    {
        first = last = null;
        const string unit = "bytes=";
        if (!header.StartsWith(unit, StringComparison.OrdinalIgnoreCase)) return false;
        var text = header.AsSpan(unit.Length).Trim();
        var dash = text.IndexOf('-');
        if (dash < 0 || !TryNumber(text[..dash], out first) || !TryNumber(text[(dash + 1)..], out last)) return false;
        return first is not null ? last is null || first <= last : last is not null;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out long? value)
    {
        value = null;
        if (text.IsEmpty) return true;
        if (text.ContainsAnyExceptInRange('0', '9')) return false;
        // A position past any file is one that no file has, however many digits it has.
        value = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : long.MaxValue;
        return true;
    }

    private static S3Exception Unsatisfiable(string header, long size) =>
        new(ErrorCode.InvalidRange, null, ("RangeRequested", header), ("ActualObjectSize", size.ToString(CultureInfo.InvariantCulture)));
}
