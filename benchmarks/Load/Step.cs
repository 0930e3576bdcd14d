using System.Globalization;

namespace OrleansDfs.Load;

/// <summary>A row of the table before it is measured.</summary>
/// <param name="Size">Bytes of a file; 0 where there is none.</param>
sealed record Step(Work Work, long Size, int Connections)
{
    /// <summary><c>work:size:connections</c>, e.g. <c>put:4KiB:32</c> or <c>list::8</c></summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Step Parse(string text)
    {
        if (text.Split(':') is not [var work, var size, var connections] || !Enum.TryParse<Work>(work, ignoreCase: true, out var parsed))
            throw new FormatException($"'{text}' is not work:size:connections, e.g. put:4KiB:32 or list::8");
        return new Step(parsed, Bytes(size), int.Parse(connections, CultureInfo.InvariantCulture));
    }

    /// <exception cref="FormatException">No number with KiB, MiB, GiB or nothing behind it.</exception>
    public static long Bytes(string text) => text switch
    {
        "" => 0,
        [.. var number, 'G', 'i', 'B'] => Number(number) << 30,
        [.. var number, 'M', 'i', 'B'] => Number(number) << 20,
        [.. var number, 'K', 'i', 'B'] => Number(number) << 10,
        _ => Number(text),
    };

    public static string Text(long size) => size switch
    {
        _ when size % (1 << 30) == 0 => $"{size >> 30} GiB",
        _ when size % (1 << 20) == 0 => $"{size >> 20} MiB",
        _ when size % (1 << 10) == 0 => $"{size >> 10} KiB",
        _ => $"{size} B",
    };

    static long Number(string text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
