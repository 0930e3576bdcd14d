using System.Security.Cryptography;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.Silo.Uploads;

namespace OrleansDfs.Silo.Tests;

public class MultipartAssemblyTests
{
    private const int Mega = 1024 * 1024;
    private static readonly ObjectKey Key = ObjectKey.Parse("k");

    private static UploadInfo Upload(ChecksumAlgorithm? algorithm = null, ChecksumType? type = null) => new(
        UploadId.New(), 1, Key, "root", DateTimeOffset.UnixEpoch, FileProperties.Empty, new Dictionary<string, string>(), algorithm, type);

    private static (byte[] Bytes, UploadPart Part) Part(int number, int size, ChecksumAlgorithm algorithm)
    {
        var bytes = new byte[size];
        new Random(number).NextBytes(bytes);
        using var digests = new DigestSet(Digests.Md5 | DigestsOf.Algorithm(algorithm));
        digests.Append(bytes);
        var values = digests.Finish();
        return (bytes, new UploadPart(number, BlobId.New(), size, values.ETag, DateTimeOffset.UnixEpoch, values.Checksum(algorithm)));
    }

    private static CompleteUpload Request(params UploadPart[] parts) => new(
        new BucketRef(1, 1), Key, [.. parts.Select(p => new CompletedPart(p.Number, p.ETag, p.Checksum))], null, null, WritePrecondition.None);

    private static Dictionary<int, UploadPart> Stored(params UploadPart[] parts) => parts.ToDictionary(p => p.Number);

    [Theory]
    [InlineData(ChecksumAlgorithm.CRC32)]
    [InlineData(ChecksumAlgorithm.CRC32C)]
    [InlineData(ChecksumAlgorithm.CRC64NVME)]
    public void A_full_object_checksum_is_that_of_the_bytes_in_a_row(ChecksumAlgorithm algorithm)
    {
        var (a, first) = Part(1, 5 * Mega, algorithm);
        var (b, second) = Part(7, 5 * Mega + 3, algorithm);
        var (c, third) = Part(9, 17, algorithm);
        var result = MultipartAssembly.Of(Upload(algorithm, ChecksumType.FullObject), Stored(first, second, third), Request(first, second, third));

        using var whole = new DigestSet(DigestsOf.Algorithm(algorithm));
        whole.Append(a);
        whole.Append(b);
        whole.Append(c);
        Assert.Equal(DfsStatus.Ok, result.Status);
        Assert.Equal(whole.Finish().Checksum(algorithm), result.Checksum);
        Assert.Equal(a.Length + b.Length + c.Length, result.Size);
    }

    [Fact]
    public void The_ETag_is_the_MD5_of_the_MD5s_and_a_composite_checksum_likewise()
    {
        var (a, first) = Part(1, 5 * Mega, ChecksumAlgorithm.SHA256);
        var (b, second) = Part(2, 3, ChecksumAlgorithm.SHA256);
        var result = MultipartAssembly.Of(Upload(ChecksumAlgorithm.SHA256, ChecksumType.Composite), Stored(first, second), Request(first, second));

        Assert.Equal(Convert.ToHexStringLower(MD5.HashData([.. MD5.HashData(a), .. MD5.HashData(b)])) + "-2", result.ETag);
        Assert.Equal(Convert.ToBase64String(SHA256.HashData([.. SHA256.HashData(a), .. SHA256.HashData(b)])) + "-2", result.Checksum!.Value);
        Assert.Equal(ChecksumType.Composite, result.Checksum.Type);
    }

    [Fact]
    public void Without_a_chosen_algorithm_the_object_gets_S3s_default()
    {
        var (bytes, part) = Part(1, 100, ChecksumAlgorithm.CRC64NVME);
        var result = MultipartAssembly.Of(Upload(), Stored(part), Request(part));
        var crc = Crc64Nvme.Create();
        crc.Append(bytes);
        Assert.Equal(ChecksumAlgorithm.CRC64NVME, result.Checksum!.Algorithm);
        Assert.Equal(ChecksumType.FullObject, result.Checksum.Type);
    }

    /// <summary>
    /// AWS: a composite value covers the parts' checksums and their order, so Complete must say both; a full-object one covers the bytes alone.
    /// </summary>
    [Fact]
    public void A_composite_upload_wants_the_checksum_of_each_part_from_1_without_gaps()
    {
        var (_, first) = Part(1, 5 * Mega, ChecksumAlgorithm.SHA256);
        var (_, third) = Part(3, 7, ChecksumAlgorithm.SHA256);
        var upload = Upload(ChecksumAlgorithm.SHA256, ChecksumType.Composite);
        var stored = Stored(first, third);
        var silent = Request(first) with { Parts = [new CompletedPart(1, first.ETag, first.Checksum), new CompletedPart(3, third.ETag, null)] };
        var missing = MultipartAssembly.Of(upload, stored, silent);
        Assert.Equal((DfsStatus.PartChecksumMissing, 3), (missing.Status, missing.Faulty!.Number));
        Assert.Equal(DfsStatus.PartsNotConsecutive, MultipartAssembly.Of(upload, stored, Request(first, third)).Status);
        Assert.Equal(DfsStatus.PartsNotConsecutive, MultipartAssembly.Of(upload, stored, Request(third)).Status);
        var (_, crc) = Part(1, 7, ChecksumAlgorithm.CRC32);
        var bare = Request(crc) with { Parts = [new CompletedPart(1, crc.ETag, null)] };
        Assert.Equal(DfsStatus.Ok, MultipartAssembly.Of(Upload(ChecksumAlgorithm.CRC32, ChecksumType.FullObject), Stored(crc), bare).Status);
    }

    [Theory]
    [InlineData(ChecksumAlgorithm.CRC32, ChecksumType.Composite, ChecksumType.FullObject, DfsStatus.ChecksumTypeDiffers)]
    [InlineData(ChecksumAlgorithm.CRC32, ChecksumType.FullObject, ChecksumType.Composite, DfsStatus.ChecksumTypeDiffers)]
    [InlineData(null, null, ChecksumType.Composite, DfsStatus.ChecksumTypeDiffers)]
    [InlineData(null, null, ChecksumType.FullObject, DfsStatus.Ok)]
    [InlineData(ChecksumAlgorithm.CRC32, ChecksumType.FullObject, ChecksumType.FullObject, DfsStatus.Ok)]
    public void The_type_must_be_the_uploads(ChecksumAlgorithm? algorithm, ChecksumType? type, ChecksumType said, DfsStatus status)
    {
        var (_, part) = Part(1, 7, algorithm ?? ChecksumAlgorithm.CRC64NVME);
        Assert.Equal(status, MultipartAssembly.Of(Upload(algorithm, type), Stored(part), Request(part) with { ChecksumType = said }).Status);
    }

    [Fact]
    public void What_is_not_there_or_too_small_or_other_than_promised_is_refused()
    {
        var (_, small) = Part(1, 100, ChecksumAlgorithm.CRC64NVME);
        var (_, last) = Part(2, 100, ChecksumAlgorithm.CRC64NVME);
        var stored = Stored(small, last);
        Assert.Equal(DfsStatus.InvalidRequest, MultipartAssembly.Of(Upload(), stored, Request()).Status);
        Assert.Equal(DfsStatus.PartTooSmall, MultipartAssembly.Of(Upload(), stored, Request(small, last)).Status);
        Assert.Equal(DfsStatus.InvalidPart, MultipartAssembly.Of(Upload(), stored, Request(small with { Number = 3 })).Status);
        Assert.Equal(DfsStatus.InvalidPart, MultipartAssembly.Of(Upload(), stored, Request(small with { ETag = last.ETag })).Status);
        var wrong = Request(small) with { Checksum = new Checksum(ChecksumAlgorithm.CRC64NVME, ChecksumType.FullObject, "AAAAAAAAAAA=") };
        Assert.Equal(DfsStatus.BadDigest, MultipartAssembly.Of(Upload(), stored, wrong).Status);
        Assert.Equal(DfsStatus.SizeDiffers, MultipartAssembly.Of(Upload(), stored, Request(small) with { ExpectedSize = 101 }).Status);
        Assert.Equal(DfsStatus.Ok, MultipartAssembly.Of(Upload(), stored, Request(small) with { ExpectedSize = 100 }).Status);
    }
}
