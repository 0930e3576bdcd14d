namespace OrleansDfs.Gateway.Sse;

/// <summary>
/// Where the plaintext lies in an encrypted blob (docs/formats/encryption.md): a header with a salt, then segments, each with its authentication tag.
/// The first segment is shorter by the header, so that every segment ends with a page of the store: a range touches exactly the pages that hold it.
/// </summary>
static class SegmentLayout
{
    /// <summary>The salt of the blob's key.</summary>
    public const int HeaderSize = 32;
    public const int TagSize = 16;

    /// <summary>Stored bytes of a segment, tag included; a page of the store.</summary>
    public const int Stored = 64 * 1024;

    /// <summary>Plaintext of a segment.</summary>
    public const int Plain = Stored - TagSize;

    /// <summary>Plaintext of the first segment.</summary>
    public const int First = Plain - HeaderSize;

    /// <summary>Segments of a blob; an empty body has one, which proves that it is empty.</summary>
    public static long Count(long plainLength) => plainLength <= First ? 1 : 1 + (plainLength - First + Plain - 1) / Plain;

    public static long StoredLength(long plainLength) => HeaderSize + plainLength + Count(plainLength) * TagSize;

    /// <summary>The segment that holds this byte.</summary>
    public static long SegmentOf(long plainOffset) => plainOffset < First ? 0 : 1 + (plainOffset - First) / Plain;

    public static long PlainStart(long segment) => segment == 0 ? 0 : First + (segment - 1) * Plain;

    public static long StoredStart(long segment) => segment == 0 ? HeaderSize : segment * Stored;

    /// <summary>Plaintext bytes of one segment of a blob.</summary>
    public static int PlainLength(long segment, long plainLength) =>
        (int)Math.Min(segment == 0 ? First : Plain, plainLength - PlainStart(segment));
}
