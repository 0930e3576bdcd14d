using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OrleansDfs.Model;

/// <summary>
/// CRC-64/NVME (NVM Command Set specification, "64b CRC"; polynomial AD93D23594C93659 reflected, check value of "123456789" is
/// AE8B14860A799888): the checksum that S3 adds to objects whose client gave none. Long input is folded 64 bytes at a time with carry-less
/// multiplication (Gopal et al., "Fast CRC Computation Using PCLMULQDQ", Intel 2009), the rest goes through slicing tables.
/// </summary>
public struct Crc64Nvme
{
    /// <summary>The polynomial, bits reflected.</summary>
    internal const ulong Polynomial = 0x9A6C9329AC4BC9B5;

    private const int FoldBlock = 64;

    private static readonly ulong[] Tables = MakeTables();

    // Folding by n bits multiplies the two halves of a 128-bit block by x^(n+64) and x^n. One less in the exponent, because the product
    // of two reflected 64-bit values stands one bit lower than the reflected product.
    private static readonly Vector128<ulong> FoldBy512 = Vector128.Create(PowerOfX(512 + 64 - 1), PowerOfX(512 - 1));
    private static readonly Vector128<ulong> FoldBy128 = Vector128.Create(PowerOfX(128 + 64 - 1), PowerOfX(128 - 1));

    private ulong _state;

    public static Crc64Nvme Create() => new() { _state = ulong.MaxValue };

    public readonly ulong Value => ~_state;

    public void Append(ReadOnlySpan<byte> data) => _state = Update(_state, data);

    public static ulong Compute(ReadOnlySpan<byte> data) => ~Update(ulong.MaxValue, data);

    internal static ulong Update(ulong crc, ReadOnlySpan<byte> data) =>
        Pclmulqdq.IsSupported && data.Length >= 2 * FoldBlock ? UpdateByFolding(crc, data) : UpdateByTable(crc, data);

    internal static ulong UpdateByTable(ulong crc, ReadOnlySpan<byte> data)
    {
        var tables = Tables;
        while (data.Length >= 8)
        {
            crc ^= BinaryPrimitives.ReadUInt64LittleEndian(data);
            crc = tables[7 * 256 + (byte)crc] ^ tables[6 * 256 + (byte)(crc >> 8)] ^ tables[5 * 256 + (byte)(crc >> 16)]
                ^ tables[4 * 256 + (byte)(crc >> 24)] ^ tables[3 * 256 + (byte)(crc >> 32)] ^ tables[2 * 256 + (byte)(crc >> 40)]
                ^ tables[256 + (byte)(crc >> 48)] ^ tables[(byte)(crc >> 56)];
            data = data[8..];
        }
        foreach (var b in data) crc = tables[(byte)(crc ^ b)] ^ (crc >> 8);
        return crc;
    }

    private static ulong UpdateByFolding(ulong crc, ReadOnlySpan<byte> data)
    {
        var blocks = MemoryMarshal.Cast<byte, Vector128<ulong>>(data);
        var a = blocks[0] ^ Vector128.CreateScalar(crc);
        var b = blocks[1];
        var c = blocks[2];
        var d = blocks[3];
        var next = 4;
        for (; next + 4 <= blocks.Length; next += 4)
        {
            a = Fold(a, FoldBy512) ^ blocks[next];
            b = Fold(b, FoldBy512) ^ blocks[next + 1];
            c = Fold(c, FoldBy512) ^ blocks[next + 2];
            d = Fold(d, FoldBy512) ^ blocks[next + 3];
        }
        b ^= Fold(a, FoldBy128);
        c ^= Fold(b, FoldBy128);
        d ^= Fold(c, FoldBy128);

        // The 16 bytes left stand for everything before them, with a register of zero.
        Span<byte> rest = stackalloc byte[16];
        d.AsByte().CopyTo(rest);
        return UpdateByTable(UpdateByTable(0, rest), data[(next * 16)..]);
    }

    private static Vector128<ulong> Fold(Vector128<ulong> value, Vector128<ulong> by) =>
        Pclmulqdq.CarrylessMultiply(value, by, 0x00) ^ Pclmulqdq.CarrylessMultiply(value, by, 0x11);

    private static ulong PowerOfX(int exponent)
    {
        var value = 1UL << 63; // x^0, reflected
        for (var i = 0; i < exponent; i++) value = (value & 1) != 0 ? (value >> 1) ^ Polynomial : value >> 1;
        return value;
    }

    private static ulong[] MakeTables()
    {
        var tables = new ulong[8 * 256];
        for (var i = 0; i < 256; i++)
        {
            var c = (ulong)i;
            for (var bit = 0; bit < 8; bit++) c = (c & 1) != 0 ? (c >> 1) ^ Polynomial : c >> 1;
            tables[i] = c;
        }
        for (var i = 256; i < tables.Length; i++) tables[i] = tables[(byte)tables[i - 256]] ^ (tables[i - 256] >> 8);
        return tables;
    }
}
