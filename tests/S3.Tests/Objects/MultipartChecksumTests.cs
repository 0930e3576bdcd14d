using System.Security.Cryptography;
using OrleansDfs.Model;

namespace OrleansDfs.S3.Tests.Objects;

public class MultipartChecksumTests
{
    private static readonly byte[][] Parts = [Bytes(5000), Bytes(1), Bytes(777)];

    [Theory]
    [InlineData(ChecksumAlgorithm.CRC32)]
    [InlineData(ChecksumAlgorithm.CRC32C)]
    [InlineData(ChecksumAlgorithm.CRC64NVME)]
    public void A_full_object_checksum_is_that_of_the_joined_bytes(ChecksumAlgorithm algorithm) =>
        Assert.Equal(Of(algorithm, [.. Parts.SelectMany(p => p)]), MultipartChecksums.Combine(algorithm, ChecksumType.FullObject,
            Checked(algorithm)));

    /// <summary>AWS, "Checking object integrity": the checksum of the concatenated raw checksums, and the number of parts.</summary>
    [Fact]
    public void A_composite_checksum_is_over_the_parts_checksums()
    {
        var expected = Convert.ToBase64String(SHA256.HashData([.. Parts.SelectMany(SHA256.HashData)])) + "-3";
        Assert.Equal(new Checksum(ChecksumAlgorithm.SHA256, ChecksumType.Composite, expected),
            MultipartChecksums.Combine(ChecksumAlgorithm.SHA256, ChecksumType.Composite, Checked(ChecksumAlgorithm.SHA256)));
    }

    [Fact]
    public void The_etag_is_the_md5_of_the_md5s()
    {
        var etags = Parts.Select(part => Convert.ToHexStringLower(MD5.HashData(part))).ToArray();
        Assert.Equal(Convert.ToHexStringLower(MD5.HashData([.. Parts.SelectMany(MD5.HashData)])) + "-3", MultipartChecksums.ETag(etags));
    }

    [Fact]
    public void Create_names_algorithm_and_type()
    {
        Assert.Null(MultipartChecksums.Read(Http.Headers()));
        Assert.Equal((ChecksumAlgorithm.CRC64NVME, ChecksumType.FullObject), Read("CRC64NVME"));
        Assert.Equal((ChecksumAlgorithm.SHA1, ChecksumType.Composite), Read("sha1"));
        Assert.Equal((ChecksumAlgorithm.CRC32, ChecksumType.FullObject), Read("CRC32", "FULL_OBJECT"));
        Expect.Refusal(ErrorCode.InvalidRequest, () => Read("SHA256", "FULL_OBJECT"));
        Expect.Refusal(ErrorCode.InvalidRequest, () => Read("CRC64NVME", "COMPOSITE"));
        Expect.Refusal(ErrorCode.InvalidRequest, () => Read("CRC32", "full"));
        Expect.Refusal(ErrorCode.InvalidRequest, () => Read("CRC16"));
        Expect.Refusal(ErrorCode.InvalidRequest, () => Read("SHA384"));
        Expect.Refusal(ErrorCode.InvalidRequest, () => Read("XXHASH3", "FULL_OBJECT"));
        Expect.Refusal(ErrorCode.InvalidRequest, () => MultipartChecksums.Read(Http.Headers(("x-amz-checksum-type", "FULL_OBJECT"))));
    }

    private static (ChecksumAlgorithm, ChecksumType)? Read(string algorithm, string? type = null)
    {
        var headers = Http.Headers(("x-amz-checksum-algorithm", algorithm));
        if (type is not null) headers.Add("x-amz-checksum-type", type);
        return MultipartChecksums.Read(headers);
    }

    private static PartChecksum[] Checked(ChecksumAlgorithm algorithm) =>
        [.. Parts.Select(part => new PartChecksum(Of(algorithm, part), part.Length))];

    private static Checksum Of(ChecksumAlgorithm algorithm, byte[] bytes)
    {
        using var set = new DigestSet(DigestsOf.Algorithm(algorithm));
        set.Append(bytes);
        return set.Finish().Checksum(algorithm)!;
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}
