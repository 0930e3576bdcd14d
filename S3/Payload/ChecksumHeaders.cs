using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>Checksums as S3 names and writes them in headers and trailers.</summary>
public static class ChecksumHeaders
{
    public const string Prefix = "x-amz-checksum-";

    /// <summary>Header of a checksum, lower case: <c>x-amz-checksum-crc32</c>.</summary>
    public static string Name(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.CRC32 => "x-amz-checksum-crc32",
        ChecksumAlgorithm.CRC32C => "x-amz-checksum-crc32c",
        ChecksumAlgorithm.CRC64NVME => "x-amz-checksum-crc64nvme",
        ChecksumAlgorithm.SHA1 => "x-amz-checksum-sha1",
        ChecksumAlgorithm.SHA256 => "x-amz-checksum-sha256",
        ChecksumAlgorithm.SHA512 => "x-amz-checksum-sha512",
        ChecksumAlgorithm.MD5 => "x-amz-checksum-md5",
        ChecksumAlgorithm.XXHASH64 => "x-amz-checksum-xxhash64",
        ChecksumAlgorithm.XXHASH3 => "x-amz-checksum-xxhash3",
        ChecksumAlgorithm.XXHASH128 => "x-amz-checksum-xxhash128",
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>XML element of a checksum: <c>ChecksumCRC32</c>.</summary>
    public static string ElementName(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.CRC32 => "ChecksumCRC32",
        ChecksumAlgorithm.CRC32C => "ChecksumCRC32C",
        ChecksumAlgorithm.CRC64NVME => "ChecksumCRC64NVME",
        ChecksumAlgorithm.SHA1 => "ChecksumSHA1",
        ChecksumAlgorithm.SHA256 => "ChecksumSHA256",
        ChecksumAlgorithm.SHA512 => "ChecksumSHA512",
        ChecksumAlgorithm.MD5 => "ChecksumMD5",
        ChecksumAlgorithm.XXHASH64 => "ChecksumXXHASH64",
        ChecksumAlgorithm.XXHASH3 => "ChecksumXXHASH3",
        ChecksumAlgorithm.XXHASH128 => "ChecksumXXHASH128",
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>Bytes of a raw value.</summary>
    public static int Size(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.CRC32 or ChecksumAlgorithm.CRC32C => 4,
        ChecksumAlgorithm.CRC64NVME or ChecksumAlgorithm.XXHASH64 or ChecksumAlgorithm.XXHASH3 => 8,
        ChecksumAlgorithm.MD5 or ChecksumAlgorithm.XXHASH128 => 16,
        ChecksumAlgorithm.SHA1 => 20,
        ChecksumAlgorithm.SHA256 => 32,
        ChecksumAlgorithm.SHA512 => 64,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    public static bool TryParseAlgorithm(string? text, out ChecksumAlgorithm algorithm)
    {
        foreach (var candidate in Enum.GetValues<ChecksumAlgorithm>())
        {
            if (!candidate.ToString().Equals(text, StringComparison.OrdinalIgnoreCase)) continue;
            algorithm = candidate;
            return true;
        }
        algorithm = default;
        return false;
    }

    /// <summary>FULL_OBJECT or COMPOSITE.</summary>
    public static string Name(ChecksumType type) => type == ChecksumType.Composite ? "COMPOSITE" : "FULL_OBJECT";

    /// <exception cref="S3Exception">InvalidRequest: the value is not base64 of the algorithm's size.</exception>
    public static Checksum ParseValue(ChecksumAlgorithm algorithm, string value, string where = "header")
    {
        Span<byte> raw = stackalloc byte[64];
        value = value.Trim();
        if (!Convert.TryFromBase64String(value, raw, out var length) || length != Size(algorithm))
            throw new S3Exception(ErrorCode.InvalidRequest, $"Value for {Name(algorithm)} {where} is invalid.");
        return new Checksum(algorithm, ChecksumType.FullObject, value);
    }

    /// <summary>The one checksum among the headers, or <c>null</c>.</summary>
    /// <exception cref="S3Exception">InvalidRequest for several, for a bad value or an unknown algorithm.</exception>
    public static Checksum? Read(RequestHeaders headers) => Read(headers, static (algorithm, value) => ParseValue(algorithm, value));

    /// <summary>The checksum that CompleteMultipartUpload expects of the whole object, which may be a composite one: <c>value-N</c>.</summary>
    /// <exception cref="S3Exception">As <see cref="Read(RequestHeaders)"/>.</exception>
    public static Checksum? ReadExpected(RequestHeaders headers) => Read(headers, ParseExpected);

    private static Checksum ParseExpected(ChecksumAlgorithm algorithm, string value)
    {
        value = value.Trim();
        var dash = value.LastIndexOf('-'); // base64 has none
        if (dash < 0) return ParseValue(algorithm, value);
        if (dash == value.Length - 1 || value.AsSpan(dash + 1).ContainsAnyExceptInRange('0', '9'))
            throw new S3Exception(ErrorCode.InvalidRequest, $"Value for {Name(algorithm)} header is invalid.");
        return ParseValue(algorithm, value[..dash]) with { Type = ChecksumType.Composite, Value = value };
    }

    private static Checksum? Read(RequestHeaders headers, Func<ChecksumAlgorithm, string, Checksum> parse)
    {
        KeyValuePair<string, string>? found = null;
        foreach (var line in headers.Lines)
        {
            if (!line.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) continue;
            if (line.Key[Prefix.Length..].ToLowerInvariant() is "algorithm" or "type" or "mode") continue;
            if (found is not null) throw Several(); // before any of the values is judged
            found = line;
        }
        return found is { } one ? parse(ParseAlgorithm(one.Key[Prefix.Length..], one.Key), one.Value) : null;
    }

    internal static S3Exception Several() =>
        new(ErrorCode.InvalidRequest, "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");

    /// <summary>The algorithm that a header or trailer name ends with.</summary>
    internal static ChecksumAlgorithm ParseAlgorithm(string suffix, string header)
    {
        if (TryParseAlgorithm(suffix, out var algorithm)) return algorithm;
        throw new S3Exception(ErrorCode.InvalidRequest, $"The checksum algorithm of {header.ToLowerInvariant()} is not supported.");
    }
}
