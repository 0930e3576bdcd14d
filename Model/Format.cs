using System.Buffers.Binary;
using System.Text;

namespace OrleansDfs.Model;

/// <summary>Whom a record was written for, as it was then: for inspection and for rescuing contents without a catalog. Never a version, which is
/// drawn later.</summary>
/// <param name="PartNumber">1–10,000 with an upload, else 0.</param>
public sealed record RecordOwner(BucketName Bucket, ObjectKey Key, UploadId? Upload = null, int PartNumber = 0);

/// <summary>A record's header, checked: its checksum held and it stands where it says.</summary>
/// <param name="HeaderSize">Bytes before the first page; a multiple of 8.</param>
/// <param name="Payload">Payload bytes in the record's pages, 1 to <see cref="RecordLayout.MaxPayload"/>.</param>
/// <param name="BlobOffset">Offset inside the blob of the first payload byte.</param>
/// <param name="Offset">Physical offset of the record in its chunk file; 0 while it has no place.</param>
public readonly record struct RecordHeader(int HeaderSize, int Payload, BlobId Blob, long BlobOffset, ChunkId Chunk, long Offset)
{
    /// <summary>Bytes of the whole record: header, pages and their checksums.</summary>
    public int RecordSize => HeaderSize + RecordLayout.BodySize(Payload);
}

/// <summary>
/// Record format v1, the only code that knows the byte layout; docs/formats/chunk.md is its description. All integers are little endian.
/// <para>
/// A record is made <em>unplaced</em> by the writer (chunk and offset 0, bare page CRCs), checked by the primary with <see cref="CheckUnplaced"/>,
/// and <see cref="Place"/>d by it: the place is mixed into the page checksums without reading the payload again. Only placed records reach a disk.
/// Invariant: a byte that was not covered by a checksum, or that stands in another chunk, offset or length than it was written for, never passes <see
/// cref="Verify"/> or <see cref="VerifyPages"/> (RELIABILITY I6).
/// </para>
/// </summary>
public static class Format
{
    /// <summary>Highest version of this format that the code reads; it writes this one.</summary>
    public const byte Version = 1;

    /// <summary>"DFSR" as bytes on disk.</summary>
    public const uint RecordMagic = 0x52534644;

    /// <summary>"DFSC" as bytes on disk.</summary>
    public const uint ChunkMagic = 0x43534644;

    private const byte FlagUpload = 1;
    private const int UploadBytes = 20; // upload id and part number

    // Offsets in a record's header.
    private const int AtVersion = 4, AtFlags = 5, AtHeaderSize = 6, AtPayload = 8, AtReserved = 12, AtBlob = 16, AtBlobOffset = 32, AtChunk = 40,
        AtOffset = 48, AtOwnerLength = 56, AtCrc = 60;

    // Offsets in a chunk file's header.
    private const int ChunkAtCluster = 8, ChunkAtChunk = 24, ChunkAtCrc = 60;

    /// <summary>Header bytes of a record of this owner: equal for all records of one upload, as <see cref="ExtentLayout"/> needs.</summary>
    public static int HeaderSize(RecordOwner owner) => Align(RecordLayout.FixedHeaderSize + OwnerLength(owner));

    /// <summary>Bytes of a record of this owner with <paramref name="payload"/> bytes of payload.</summary>
    public static int RecordSize(RecordOwner owner, int payload) => HeaderSize(owner) + RecordLayout.BodySize(payload);

    /// <summary>Where page <paramref name="page"/> begins, counted from the first page.</summary>
    public static int PageStart(int page) => page * RecordLayout.PageStride;

    /// <summary>Payload bytes in page <paramref name="page"/> of a run of pages that holds <paramref name="payload"/> bytes.</summary>
    public static int PageLength(int payload, int page) => Math.Min(RecordLayout.PageSize, payload - page * RecordLayout.PageSize);

    /// <summary>The payload of one page of a run of pages.</summary>
    public static ReadOnlyMemory<byte> PagePayload(ReadOnlyMemory<byte> pages, int payload, int page) =>
        pages.Slice(PageStart(page), PageLength(payload, page));

    /// <summary>Copies <paramref name="destination"/>.Length bytes of payload, from payload byte <paramref name="skip"/> of the run on.</summary>
    public static void CopyPayload(ReadOnlySpan<byte> pages, int payload, int skip, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(skip + destination.Length, payload);
        while (!destination.IsEmpty)
        {
            var page = skip / RecordLayout.PageSize;
            var inPage = skip - page * RecordLayout.PageSize;
            var count = Math.Min(destination.Length, PageLength(payload, page) - inPage);
            pages.Slice(PageStart(page) + inPage, count).CopyTo(destination);
            destination = destination[count..];
            skip += count;
        }
    }

    /// <summary>Writes an unplaced header to the front of <paramref name="record"/>; the pages are filled and sealed apart, before or
    /// after.</summary>
    public static void WriteHeader(Span<byte> record, RecordOwner owner, BlobId blob, long blobOffset, int payload)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(blobOffset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(payload);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload, RecordLayout.MaxPayload);
        var size = HeaderSize(owner);
        var header = record[..size];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, RecordMagic);
        header[AtVersion] = Version;
        header[AtFlags] = owner.Upload is null ? (byte)0 : FlagUpload;
        BinaryPrimitives.WriteUInt16LittleEndian(header[AtHeaderSize..], (ushort)size);
        BinaryPrimitives.WriteInt32LittleEndian(header[AtPayload..], payload);
        WriteGuid(header[AtBlob..], blob.Value);
        BinaryPrimitives.WriteInt64LittleEndian(header[AtBlobOffset..], blobOffset);
        BinaryPrimitives.WriteInt32LittleEndian(header[AtOwnerLength..], OwnerLength(owner));
        WriteOwner(header[RecordLayout.FixedHeaderSize..], owner);
        BinaryPrimitives.WriteUInt32LittleEndian(header[AtCrc..], HeaderCrc(header));
    }

    /// <summary>Writes the bare CRC-32C of a page behind it. <paramref name="page"/> is the page's payload and 4 bytes for the checksum.</summary>
    public static void SealPage(Span<byte> page) =>
        BinaryPrimitives.WriteUInt32LittleEndian(page[^RecordLayout.ChecksumSize..], Crc32C.Compute(page[..^RecordLayout.ChecksumSize]));

    /// <summary>Seals every page of a run that holds <paramref name="payload"/> bytes.</summary>
    public static void SealPages(Span<byte> pages, int payload)
    {
        for (var page = 0; page < RecordLayout.PageCount(payload); page++)
            SealPage(pages.Slice(PageStart(page), PageLength(payload, page) + RecordLayout.ChecksumSize));
    }

    /// <summary>True when the whole of <paramref name="record"/> is one unplaced record with every checksum right: what the primary asks of bytes
    /// from the wire.</summary>
    public static bool CheckUnplaced(ReadOnlySpan<byte> record) =>
        TryReadHeader(record, default, 0, out var header) && record.Length == header.RecordSize &&
        CheckPages(record[header.HeaderSize..], header.Payload, null, 0);

    /// <summary>
    /// Gives an unplaced record its place: header fields, header checksum, and the place in every page checksum. The caller has called
    /// <see cref="CheckUnplaced"/>; the payload is not read.
    /// </summary>
    public static void Place(Span<byte> record, ChunkId chunk, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunk.Value);
        ArgumentOutOfRangeException.ThrowIfLessThan(offset, RecordLayout.ChunkHeaderSize);
        if (!TryReadHeader(record, default, 0, out var header)) throw new InvalidDataException("Not an unplaced record.");
        MixLocation(record[header.HeaderSize..], header.Payload, chunk, offset + header.HeaderSize);
        WritePlace(record[..header.HeaderSize], chunk, offset);
    }

    /// <summary>Undoes <see cref="Place"/>, so that the same bytes can be sent to another chunk.</summary>
    public static void Unplace(Span<byte> record, ChunkId chunk, long offset)
    {
        if (!TryReadHeader(record, chunk, offset, out var header)) throw new InvalidDataException($"Not a record of chunk {chunk} at {offset}.");
        MixLocation(record[header.HeaderSize..], header.Payload, chunk, offset + header.HeaderSize);
        WritePlace(record[..header.HeaderSize], default, 0);
    }

    /// <summary>
    /// Reads the header at the front of <paramref name="bytes"/>, which holds at least the whole header. False when anything about it is wrong:
    /// too short, unknown version, checksum, or another place than <paramref name="chunk"/> and <paramref name="offset"/>.
    /// </summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> bytes, ChunkId chunk, long offset, out RecordHeader header)
    {
        header = default;
        if (bytes.Length < RecordLayout.FixedHeaderSize || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != RecordMagic) return false;
        if (bytes[AtVersion] != Version || (bytes[AtFlags] & ~FlagUpload) != 0) return false;
        int size = BinaryPrimitives.ReadUInt16LittleEndian(bytes[AtHeaderSize..]);
        if (size is < RecordLayout.FixedHeaderSize or > RecordLayout.MaxHeaderSize || size > bytes.Length) return false;
        var ownerLength = BinaryPrimitives.ReadInt32LittleEndian(bytes[AtOwnerLength..]);
        if (ownerLength is < 0 or > RecordLayout.MaxHeaderSize || size != Align(RecordLayout.FixedHeaderSize + ownerLength)) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[AtCrc..]) != HeaderCrc(bytes[..size])) return false;
        var payload = BinaryPrimitives.ReadInt32LittleEndian(bytes[AtPayload..]);
        var blobOffset = BinaryPrimitives.ReadInt64LittleEndian(bytes[AtBlobOffset..]);
        if (payload is <= 0 or > RecordLayout.MaxPayload || blobOffset < 0) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[AtReserved..]) != 0) return false;
        header = new RecordHeader(
            size,
            payload,
            new BlobId(ReadGuid(bytes[AtBlob..])),
            blobOffset,
            new ChunkId(BinaryPrimitives.ReadInt64LittleEndian(bytes[AtChunk..])),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[AtOffset..]));
        return header.Chunk == chunk && header.Offset == offset;
    }

    /// <summary>The owner in a header that <see cref="TryReadHeader"/> accepted.</summary>
    /// <exception cref="InvalidDataException">The owner does not decode: written by a faulty program, since its checksum held.</exception>
    public static RecordOwner ReadOwner(ReadOnlySpan<byte> header)
    {
        var owner = header.Slice(RecordLayout.FixedHeaderSize, BinaryPrimitives.ReadInt32LittleEndian(header[AtOwnerLength..]));
        var tail = (header[AtFlags] & FlagUpload) != 0 ? UploadBytes : 0;
        if (owner.Length < 3 + tail || owner.Length < 3 + owner[0] + tail) throw new InvalidDataException("A record's owner is cut short.");
        var keyLength = BinaryPrimitives.ReadUInt16LittleEndian(owner[(1 + owner[0])..]);
        if (owner.Length != 3 + owner[0] + keyLength + tail) throw new InvalidDataException("A record's owner has the wrong length.");
        var upload = owner[^tail..];
        if (!BucketName.TryParse(Encoding.UTF8.GetString(owner.Slice(1, owner[0])), out var bucket) ||
            ObjectKey.TryParse(Encoding.UTF8.GetString(owner.Slice(3 + owner[0], keyLength)), out var key) != ObjectKeyError.None)
            throw new InvalidDataException("A record's owner is no bucket and key.");
        return tail == 0
            ? new RecordOwner(bucket, key)
            : new RecordOwner(bucket, key, new UploadId(ReadGuid(upload)), BinaryPrimitives.ReadInt32LittleEndian(upload[16..]));
    }

    /// <summary>True when the whole of <paramref name="record"/> is one record placed there, with every checksum right.</summary>
    public static bool Verify(ReadOnlySpan<byte> record, ChunkId chunk, long offset) =>
        TryReadHeader(record, chunk, offset, out var header) && record.Length == header.RecordSize &&
        VerifyPages(record[header.HeaderSize..], header.Payload, chunk, offset + header.HeaderSize);

    /// <summary>
    /// True when <paramref name="pages"/> is exactly a run of whole pages of one record as they stand in the chunk file from
    /// <paramref name="physicalOffset"/> on (<see cref="PageRun"/>), each with its checksum right.
    /// </summary>
    public static bool VerifyPages(ReadOnlySpan<byte> pages, int payload, ChunkId chunk, long physicalOffset) =>
        payload > 0 && pages.Length == RecordLayout.BodySize(payload) && CheckPages(pages, payload, chunk, physicalOffset);

    /// <summary>Writes the 64-byte header of a chunk file. It is the same on all replicas, so it holds no epoch.</summary>
    public static void WriteChunkHeader(Span<byte> bytes, Guid cluster, ChunkId chunk)
    {
        var header = bytes[..RecordLayout.ChunkHeaderSize];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, ChunkMagic);
        header[AtVersion] = Version;
        WriteGuid(header[ChunkAtCluster..], cluster);
        BinaryPrimitives.WriteInt64LittleEndian(header[ChunkAtChunk..], chunk.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(header[ChunkAtCrc..], Crc32C.Compute(header[..ChunkAtCrc]));
    }

    /// <summary>True when <paramref name="bytes"/> begins with the header of this chunk in this cluster.</summary>
    public static bool CheckChunkHeader(ReadOnlySpan<byte> bytes, Guid cluster, ChunkId chunk)
    {
        Span<byte> expected = stackalloc byte[RecordLayout.ChunkHeaderSize];
        WriteChunkHeader(expected, cluster, chunk);
        return bytes.StartsWith(expected);
    }

    /// <summary>Checks pages against their bare CRC (no chunk) or the one with the place mixed in.</summary>
    private static bool CheckPages(ReadOnlySpan<byte> pages, int payload, ChunkId? chunk, long physicalOffset)
    {
        for (var page = 0; page < RecordLayout.PageCount(payload); page++)
        {
            var start = PageStart(page);
            var length = PageLength(payload, page);
            var mask = chunk is { } id ? PageChecksum.LocationMask(id, physicalOffset + start, length) : 0;
            var stored = BinaryPrimitives.ReadUInt32LittleEndian(pages[(start + length)..]);
            if (stored != (Crc32C.Compute(pages.Slice(start, length)) ^ mask)) return false;
        }
        return true;
    }

    private static void MixLocation(Span<byte> pages, int payload, ChunkId chunk, long physicalOffset)
    {
        for (var page = 0; page < RecordLayout.PageCount(payload); page++)
        {
            var start = PageStart(page);
            var length = PageLength(payload, page);
            var crc = pages[(start + length)..];
            var mask = PageChecksum.LocationMask(chunk, physicalOffset + start, length);
            BinaryPrimitives.WriteUInt32LittleEndian(crc, BinaryPrimitives.ReadUInt32LittleEndian(crc) ^ mask);
        }
    }

    private static void WritePlace(Span<byte> header, ChunkId chunk, long offset)
    {
        BinaryPrimitives.WriteInt64LittleEndian(header[AtChunk..], chunk.Value);
        BinaryPrimitives.WriteInt64LittleEndian(header[AtOffset..], offset);
        BinaryPrimitives.WriteUInt32LittleEndian(header[AtCrc..], HeaderCrc(header));
    }

    /// <summary>CRC-32C of the header with the checksum's own field as zero.</summary>
    private static uint HeaderCrc(ReadOnlySpan<byte> header)
    {
        var crc = Crc32C.Create();
        crc.Append(header[..AtCrc]);
        crc.Append([0, 0, 0, 0]);
        crc.Append(header[(AtCrc + 4)..]);
        return crc.Value;
    }

    private static int OwnerLength(RecordOwner owner) =>
        1 + owner.Bucket.Value.Length + 2 + Encoding.UTF8.GetByteCount(owner.Key.Value) + (owner.Upload is null ? 0 : UploadBytes);

    private static void WriteOwner(Span<byte> bytes, RecordOwner owner)
    {
        var bucket = Encoding.UTF8.GetBytes(owner.Bucket.Value, bytes[1..]);
        bytes[0] = (byte)bucket;
        bytes = bytes[(1 + bucket)..];
        var key = Encoding.UTF8.GetBytes(owner.Key.Value, bytes[2..]);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)key);
        if (owner.Upload is not { } upload) return;
        bytes = bytes[(2 + key)..];
        WriteGuid(bytes, upload.Value);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[16..], owner.PartNumber);
    }

    // Big endian, so that a hex dump shows the id as it is printed.
    private static void WriteGuid(Span<byte> bytes, Guid value) => value.TryWriteBytes(bytes, bigEndian: true, out _);

    private static Guid ReadGuid(ReadOnlySpan<byte> bytes) => new(bytes[..16], bigEndian: true);

    private static int Align(int size) => (size + 7) & ~7;
}
