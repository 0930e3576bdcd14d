namespace OrleansDfs.Model;

/// <summary>Checksum algorithms of S3 (AWS, "Checking object integrity"). Names are those of <c>x-amz-checksum-*</c>, upper case.
/// Values are stored.</summary>
public enum ChecksumAlgorithm
{
    CRC32 = 0,
    CRC32C = 1,
    CRC64NVME = 2,
    SHA1 = 3,
    SHA256 = 4,
    SHA512 = 5,
    MD5 = 6,
    XXHASH64 = 7,
    XXHASH3 = 8,
    XXHASH128 = 9,
}

/// <summary>Whether a multipart checksum covers the object's bytes or the list of its parts' checksums.</summary>
public enum ChecksumType
{
    FullObject = 0,
    Composite = 1,
}

/// <summary>A checksum as S3 shows it: base64 of the big-endian value; <c>-N</c> is appended for a composite of N parts.</summary>
public sealed record Checksum(ChecksumAlgorithm Algorithm, ChecksumType Type, string Value);
