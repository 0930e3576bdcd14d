using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace OrleansDfs.Model;

/// <summary>Digests that one pass over the bytes can compute.</summary>
[Flags]
public enum Digests
{
    None = 0,

    /// <summary>The ETag and Content-MD5.</summary>
    Md5 = 1,

    /// <summary>A signed payload's hash, and the SHA256 checksum.</summary>
    Sha256 = 2,
    Sha1 = 4,
    Crc32 = 8,
    Crc32C = 16,
    Crc64Nvme = 32,
    Sha512 = 64,
    XxHash64 = 128,
    XxHash3 = 256,
    XxHash128 = 512,
}

public static class DigestsOf
{
    /// <summary>The digest that gives a checksum of this algorithm.</summary>
    public static Digests Algorithm(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.CRC32 => Digests.Crc32,
        ChecksumAlgorithm.CRC32C => Digests.Crc32C,
        ChecksumAlgorithm.CRC64NVME => Digests.Crc64Nvme,
        ChecksumAlgorithm.SHA1 => Digests.Sha1,
        ChecksumAlgorithm.SHA256 => Digests.Sha256,
        ChecksumAlgorithm.SHA512 => Digests.Sha512,
        ChecksumAlgorithm.MD5 => Digests.Md5,
        ChecksumAlgorithm.XXHASH64 => Digests.XxHash64,
        ChecksumAlgorithm.XXHASH3 => Digests.XxHash3,
        ChecksumAlgorithm.XXHASH128 => Digests.XxHash128,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };
}

/// <summary>
/// Several digests over the same bytes, in one pass while a block is in the processor's cache. One writer at a time; not thread-safe, but calls may
/// come from different threads one after the other (hashing runs beside sending).
/// </summary>
public sealed class DigestSet : IDisposable
{
    private readonly IncrementalHash? _md5;
    private readonly IncrementalHash? _sha256;
    private readonly IncrementalHash? _sha1;
    private readonly IncrementalHash? _sha512;
    private readonly Crc32? _crc32;
    private readonly XxHash64? _xxHash64;
    private readonly XxHash3? _xxHash3;
    private readonly XxHash128? _xxHash128;
    private readonly bool _wantsCrc32C;
    private readonly bool _wantsCrc64;
    private Crc32C _crc32C = Crc32C.Create();
    private Crc64Nvme _crc64 = Crc64Nvme.Create();
    private long _length;

    public DigestSet(Digests wanted)
    {
        if (wanted.HasFlag(Digests.Md5)) _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        if (wanted.HasFlag(Digests.Sha256)) _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (wanted.HasFlag(Digests.Sha1)) _sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        if (wanted.HasFlag(Digests.Sha512)) _sha512 = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        if (wanted.HasFlag(Digests.Crc32)) _crc32 = new Crc32();
        if (wanted.HasFlag(Digests.XxHash64)) _xxHash64 = new XxHash64();
        if (wanted.HasFlag(Digests.XxHash3)) _xxHash3 = new XxHash3();
        if (wanted.HasFlag(Digests.XxHash128)) _xxHash128 = new XxHash128();
        _wantsCrc32C = wanted.HasFlag(Digests.Crc32C);
        _wantsCrc64 = wanted.HasFlag(Digests.Crc64Nvme);
    }

    /// <summary>Bytes seen so far.</summary>
    public long Length => _length;

    public void Append(ReadOnlySpan<byte> data)
    {
        _length += data.Length;
        _md5?.AppendData(data);
        _sha256?.AppendData(data);
        _sha1?.AppendData(data);
        _sha512?.AppendData(data);
        _crc32?.Append(data);
        _xxHash64?.Append(data);
        _xxHash3?.Append(data);
        _xxHash128?.Append(data);
        if (_wantsCrc32C) _crc32C.Append(data);
        if (_wantsCrc64) _crc64.Append(data);
    }

    /// <summary>The digests of all bytes appended. The set starts anew afterwards.</summary>
    public DigestValues Finish()
    {
        var values = new DigestValues(_length)
        {
            Md5 = _md5?.GetHashAndReset(),
            Sha256 = _sha256?.GetHashAndReset(),
            Sha1 = _sha1?.GetHashAndReset(),
            Sha512 = _sha512?.GetHashAndReset(),
            Crc32 = _crc32?.GetCurrentHashAsUInt32(),
            Crc32C = _wantsCrc32C ? _crc32C.Value : null,
            Crc64Nvme = _wantsCrc64 ? _crc64.Value : null,
            XxHash64 = _xxHash64?.GetHashAndReset(),
            XxHash3 = _xxHash3?.GetHashAndReset(),
            XxHash128 = _xxHash128?.GetHashAndReset(),
        };
        _crc32?.Reset();
        _crc32C = Crc32C.Create();
        _crc64 = Crc64Nvme.Create();
        _length = 0;
        return values;
    }

    public void Dispose()
    {
        _md5?.Dispose();
        _sha256?.Dispose();
        _sha1?.Dispose();
        _sha512?.Dispose();
    }
}

/// <summary>What a <see cref="DigestSet"/> found; <c>null</c> for digests that were not asked for.</summary>
/// <param name="Length">Bytes digested.</param>
public sealed record DigestValues(long Length)
{
    public byte[]? Md5 { get; init; }
    public byte[]? Sha256 { get; init; }
    public byte[]? Sha1 { get; init; }
    public byte[]? Sha512 { get; init; }
    public uint? Crc32 { get; init; }
    public uint? Crc32C { get; init; }
    public ulong? Crc64Nvme { get; init; }

    /// <summary>Big-endian, the canonical form of the family, as AWS shows it.</summary>
    public byte[]? XxHash64 { get; init; }
    public byte[]? XxHash3 { get; init; }
    public byte[]? XxHash128 { get; init; }

    /// <summary>The ETag of a plain PUT: MD5 in hex, without quotes.</summary>
    /// <exception cref="InvalidOperationException">MD5 was not asked for.</exception>
    public string ETag => Convert.ToHexStringLower(Md5 ?? throw new InvalidOperationException("MD5 was not computed."));

    /// <summary>The checksum over all bytes, or <c>null</c> when it was not asked for.</summary>
    public Checksum? Checksum(ChecksumAlgorithm algorithm)
    {
        var raw = algorithm switch
        {
            ChecksumAlgorithm.CRC32 => BigEndian(Crc32),
            ChecksumAlgorithm.CRC32C => BigEndian(Crc32C),
            ChecksumAlgorithm.CRC64NVME => BigEndian(Crc64Nvme),
            ChecksumAlgorithm.SHA1 => Sha1,
            ChecksumAlgorithm.SHA256 => Sha256,
            ChecksumAlgorithm.SHA512 => Sha512,
            ChecksumAlgorithm.MD5 => Md5,
            ChecksumAlgorithm.XXHASH64 => XxHash64,
            ChecksumAlgorithm.XXHASH3 => XxHash3,
            ChecksumAlgorithm.XXHASH128 => XxHash128,
            _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
        };
        return raw is null ? null : new Checksum(algorithm, ChecksumType.FullObject, Convert.ToBase64String(raw));
    }

    private static byte[]? BigEndian(uint? value)
    {
        if (value is not { } number) return null;
        var raw = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(raw, number);
        return raw;
    }

    private static byte[]? BigEndian(ulong? value)
    {
        if (value is not { } number) return null;
        var raw = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(raw, number);
        return raw;
    }
}
