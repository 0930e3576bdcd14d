using System.Buffers.Binary;
using System.Security.Cryptography;
using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>A part's checksum and size, in the order of the parts.</summary>
public readonly record struct PartChecksum(Checksum Checksum, long Size);

/// <summary>
/// Checksums of multipart objects (AWS, "Checking object integrity"): COMPOSITE is a hash over the parts' raw checksums, FULL_OBJECT the checksum
/// of all bytes, which only CRCs can be combined into.
/// </summary>
public static class MultipartChecksums
{
    /// <summary>What CreateMultipartUpload asks for with x-amz-checksum-algorithm and x-amz-checksum-type.</summary>
    /// <returns><c>null</c> when it asks for nothing.</returns>
    /// <exception cref="S3Exception">InvalidRequest: unknown, or a type that the algorithm does not have.</exception>
    public static (ChecksumAlgorithm Algorithm, ChecksumType Type)? Read(RequestHeaders headers)
    {
        var type = ReadType(headers);
        if (headers["x-amz-checksum-algorithm"] is not { } text)
        {
            if (type is not null)
                throw new S3Exception(ErrorCode.InvalidRequest, "The x-amz-checksum-type header can only be used with the " +
                    "x-amz-checksum-algorithm header.");
            return null;
        }
        if (!ChecksumHeaders.TryParseAlgorithm(text, out var algorithm))
            throw new S3Exception(ErrorCode.InvalidRequest, "Checksum algorithm provided is unsupported. Please try again with any of the valid "
                + $"types: [{string.Join(", ", Enum.GetNames<ChecksumAlgorithm>().Order(StringComparer.Ordinal))}]");
        type ??= DefaultType(algorithm);
        if (!Allows(algorithm, type.Value))
            throw new S3Exception(ErrorCode.InvalidRequest,
                $"The {ChecksumHeaders.Name(type.Value)} checksum type cannot be used with the {algorithm.ToString().ToLowerInvariant()} " +
                "checksum algorithm.");
        return (algorithm, type.Value);
    }

    /// <summary>x-amz-checksum-type, as Create and Complete may carry it.</summary>
    /// <exception cref="S3Exception">InvalidRequest.</exception>
    public static ChecksumType? ReadType(RequestHeaders headers) => headers["x-amz-checksum-type"] switch
    {
        null => null,
        "FULL_OBJECT" => ChecksumType.FullObject,
        "COMPOSITE" => ChecksumType.Composite,
        _ => throw new S3Exception(ErrorCode.InvalidRequest, "Value for x-amz-checksum-type header is invalid."),
    };

    public static bool IsCrc(ChecksumAlgorithm algorithm) =>
        algorithm is ChecksumAlgorithm.CRC32 or ChecksumAlgorithm.CRC32C or ChecksumAlgorithm.CRC64NVME;

    public static ChecksumType DefaultType(ChecksumAlgorithm algorithm) =>
        algorithm == ChecksumAlgorithm.CRC64NVME ? ChecksumType.FullObject : ChecksumType.Composite;

    public static bool Allows(ChecksumAlgorithm algorithm, ChecksumType type) =>
        type == ChecksumType.FullObject ? IsCrc(algorithm) : algorithm != ChecksumAlgorithm.CRC64NVME;

    /// <summary>The object's checksum from its parts'.</summary>
    /// <param name="parts">At least one, all of <paramref name="algorithm"/>.</param>
    public static Checksum Combine(ChecksumAlgorithm algorithm, ChecksumType type, IReadOnlyList<PartChecksum> parts)
    {
        ArgumentOutOfRangeException.ThrowIfZero(parts.Count);
        return type == ChecksumType.FullObject ? FullObject(algorithm, parts) : Composite(algorithm, parts);
    }

    private static Checksum Composite(ChecksumAlgorithm algorithm, IReadOnlyList<PartChecksum> parts)
    {
        using var digest = new DigestSet(DigestsOf.Algorithm(algorithm));
        foreach (var part in parts) digest.Append(Convert.FromBase64String(part.Checksum.Value));
        return new Checksum(algorithm, ChecksumType.Composite, $"{digest.Finish().Checksum(algorithm)!.Value}-{parts.Count}");
    }

    private static Checksum FullObject(ChecksumAlgorithm algorithm, IReadOnlyList<PartChecksum> parts)
    {
        ulong crc = 0;
        foreach (var part in parts) crc = CrcCombine.Combine(algorithm, crc, RawCrc(part.Checksum), part.Size);
        Span<byte> raw = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(raw, crc);
        return new Checksum(algorithm, ChecksumType.FullObject, Convert.ToBase64String(raw[^ChecksumHeaders.Size(algorithm)..]));
    }

    private static ulong RawCrc(Checksum checksum)
    {
        ulong value = 0;
        foreach (var b in Convert.FromBase64String(checksum.Value)) value = (value << 8) | b;
        return value;
    }

    /// <summary>The ETag of a multipart object: MD5 over the parts' raw MD5s, and their number.</summary>
    public static string ETag(IReadOnlyList<string> partETags)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        foreach (var etag in partETags) md5.AppendData(Convert.FromHexString(etag));
        return $"{Convert.ToHexStringLower(md5.GetHashAndReset())}-{partETags.Count}";
    }
}
