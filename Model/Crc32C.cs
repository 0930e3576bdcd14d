using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace OrleansDfs.Model;

/// <summary>
/// CRC-32C (Castagnoli, RFC 3720 §12.1; check value of "123456789" is E3069283). <c>System.IO.Hashing</c> has no CRC-32C, and the processor's
/// instruction does it at several GB/s.
/// </summary>
public struct Crc32C
{
    private static readonly uint[] Table = MakeTable();

    private uint _state;

    public static Crc32C Create() => new() { _state = uint.MaxValue };

    public readonly uint Value => ~_state;

    public void Append(ReadOnlySpan<byte> data) => _state = Update(_state, data);

    public static uint Compute(ReadOnlySpan<byte> data) => ~Update(uint.MaxValue, data);

    private static uint Update(uint crc, ReadOnlySpan<byte> data)
    {
        if (Sse42.X64.IsSupported)
        {
            ulong wide = crc;
            var words = MemoryMarshal.Cast<byte, ulong>(data);
            foreach (var word in words) wide = Sse42.X64.Crc32(wide, word);
            crc = (uint)wide;
            foreach (var b in data[(words.Length * 8)..]) crc = Sse42.Crc32(crc, b);
            return crc;
        }
        if (System.Runtime.Intrinsics.Arm.Crc32.Arm64.IsSupported)
        {
            var words = MemoryMarshal.Cast<byte, ulong>(data);
            foreach (var word in words) crc = System.Runtime.Intrinsics.Arm.Crc32.Arm64.ComputeCrc32C(crc, word);
            foreach (var b in data[(words.Length * 8)..]) crc = System.Runtime.Intrinsics.Arm.Crc32.ComputeCrc32C(crc, b);
            return crc;
        }
        foreach (var b in data) crc = Table[(byte)(crc ^ b)] ^ (crc >> 8);
        return crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            var c = i;
            for (var bit = 0; bit < 8; bit++) c = (c & 1) != 0 ? (c >> 1) ^ 0x82F63B78u : c >> 1;
            table[i] = c;
        }
        return table;
    }
}

/// <summary>
/// The checksum stored behind a page: CRC-32C of the payload, combined with where the page stands. The location is mixed in by exclusive or,
/// so that the writer may compute the payload's part before the primary has given the record its place, and a page that was written to or read from
/// another chunk, offset or with another length does not match (RELIABILITY I6).
/// </summary>
public static class PageChecksum
{
    /// <summary>What the location adds. <paramref name="offset"/> is the physical offset of the page's first byte in the chunk file.</summary>
    public static uint LocationMask(ChunkId chunk, long offset, int length)
    {
        Span<byte> place = stackalloc byte[20];
        BinaryPrimitives.WriteInt64LittleEndian(place, chunk.Value);
        BinaryPrimitives.WriteInt64LittleEndian(place[8..], offset);
        BinaryPrimitives.WriteInt32LittleEndian(place[16..], length);
        return Crc32C.Compute(place);
    }

    public static uint Compute(ChunkId chunk, long offset, ReadOnlySpan<byte> payload) =>
        Crc32C.Compute(payload) ^ LocationMask(chunk, offset, payload.Length);
}
