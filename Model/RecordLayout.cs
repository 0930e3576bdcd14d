namespace OrleansDfs.Model;

/// <summary>
/// Sizes of record format v1 (docs/formats/chunk.md): <c>[header][page][crc] … [page][crc]</c>. Every page but the last of a record holds
/// <see cref="PageSize"/> bytes of payload and is followed by its 4-byte checksum, so any range of pages is one contiguous read, on disk and on the
/// wire.
/// </summary>
public static class RecordLayout
{
    /// <summary>Payload bytes in a full page.</summary>
    public const int PageSize = 64 * 1024;

    /// <summary>Bytes of the checksum behind each page.</summary>
    public const int ChecksumSize = 4;

    /// <summary>A full page with its checksum.</summary>
    public const int PageStride = PageSize + ChecksumSize;

    /// <summary>Most payload in one record.</summary>
    public const int MaxPayload = 1024 * 1024;

    /// <summary>Fixed part of a record's header, before the owner.</summary>
    public const int FixedHeaderSize = 64;

    /// <summary>Largest header: the fixed part, and an owner of a bucket name, a key and an upload, rounded up to 8.</summary>
    public const int MaxHeaderSize = 1280;

    /// <summary>Largest record on disk.</summary>
    public const int MaxRecordSize = MaxHeaderSize + MaxPayload + MaxPayload / PageSize * ChecksumSize;

    /// <summary>First byte behind the chunk file's own header; offset of the first record.</summary>
    public const int ChunkHeaderSize = 64;

    /// <summary>Physical length past which a chunk takes no further record (256 MiB).</summary>
    public const long DefaultChunkCapacity = 256L * 1024 * 1024;

    /// <summary>Number of pages that hold <paramref name="payload"/> bytes.</summary>
    public static int PageCount(int payload) => (payload + PageSize - 1) / PageSize;

    /// <summary>Bytes of a record's body (pages and checksums) with <paramref name="payload"/> bytes of payload.</summary>
    public static int BodySize(int payload) => payload + PageCount(payload) * ChecksumSize;
}
