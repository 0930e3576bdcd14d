namespace OrleansDfs.Model;

/// <summary>
/// The CRC of two runs of bytes from the CRCs of each: what lets a multipart object have a FULL_OBJECT checksum although no one ever sees its bytes
/// in order. A run of n bytes behind a CRC multiplies it by x^(8n) modulo the polynomial; the power is found by squaring, so the cost is O(log n).
/// </summary>
public static class CrcCombine
{
    private const ulong Crc32Polynomial = 0xEDB88320;
    private const ulong Crc32CPolynomial = 0x82F63B78;

    /// <summary>CRC of A followed by B.</summary>
    /// <param name="algorithm">CRC32, CRC32C or CRC64NVME; a hash has no such property.</param>
    /// <param name="secondLength">Bytes in B.</param>
    /// <exception cref="ArgumentOutOfRangeException">The algorithm is not a CRC, or the length is negative.</exception>
    public static ulong Combine(ChecksumAlgorithm algorithm, ulong first, ulong second, long secondLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(secondLength);
        return algorithm switch
        {
            ChecksumAlgorithm.CRC32 => Combine(first, second, secondLength, Crc32Polynomial, 32),
            ChecksumAlgorithm.CRC32C => Combine(first, second, secondLength, Crc32CPolynomial, 32),
            ChecksumAlgorithm.CRC64NVME => Combine(first, second, secondLength, Crc64Nvme.Polynomial, 64),
            _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "Only CRCs combine."),
        };
    }

    private static ulong Combine(ulong first, ulong second, long secondLength, ulong polynomial, int width)
    {
        var power = 1UL << (width - 1); // x^0, reflected
        var square = 1UL << (width - 1 - 8); // x^8
        for (var n = secondLength; n != 0; n >>= 1)
        {
            if ((n & 1) != 0) power = Multiply(power, square, polynomial, width);
            square = Multiply(square, square, polynomial, width);
        }
        return Multiply(first, power, polynomial, width) ^ second;
    }

    private static ulong Multiply(ulong a, ulong b, ulong polynomial, int width)
    {
        ulong product = 0;
        for (var bit = 1UL << (width - 1); bit != 0; bit >>= 1)
        {
            if ((a & bit) != 0) product ^= b;
            b = (b & 1) != 0 ? (b >> 1) ^ polynomial : b >> 1;
        }
        return product;
    }
}
