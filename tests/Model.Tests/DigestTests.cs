using System.Text;
using OrleansDfs.Model;

namespace OrleansDfs.Model.Tests;

public class DigestTests
{
    /// <summary>NVM Command Set specification, and the catalogue's check value.</summary>
    [Fact]
    public void Crc64Nvme_gives_the_published_values()
    {
        Assert.Equal(0xAE8B14860A799888UL, Crc64Nvme.Compute("123456789"u8));
        Assert.Equal(0x6482D367EB22B64EUL, Crc64Nvme.Compute(new byte[4096]));
        Assert.Equal(0xC0DDBA7302ECA3ACUL, Crc64Nvme.Compute(Enumerable.Repeat((byte)0xff, 4096).ToArray()));
        Assert.Equal(0UL, Crc64Nvme.Compute([]));
    }

    [Fact]
    public void Folding_and_tables_agree_for_every_length_and_cut()
    {
        var bytes = new byte[700];
        new Random(1).NextBytes(bytes);
        for (var length = 0; length <= bytes.Length; length++)
        {
            var whole = ~Crc64Nvme.UpdateByTable(ulong.MaxValue, bytes.AsSpan(0, length));
            var cut = Crc64Nvme.Create();
            cut.Append(bytes.AsSpan(0, length / 3));
            cut.Append(bytes.AsSpan(length / 3, length - length / 3));
            Assert.Equal(whole, Crc64Nvme.Compute(bytes.AsSpan(0, length)));
            Assert.Equal(whole, cut.Value);
        }
    }

    [Theory]
    [InlineData(ChecksumAlgorithm.CRC32)]
    [InlineData(ChecksumAlgorithm.CRC32C)]
    [InlineData(ChecksumAlgorithm.CRC64NVME)]
    public void Combining_gives_the_crc_of_the_whole(ChecksumAlgorithm algorithm)
    {
        var bytes = new byte[5000];
        new Random(2).NextBytes(bytes);
        foreach (var cut in new[] { 0, 1, 7, 1024, 4999, 5000 })
            Assert.Equal(
                Crc(algorithm, bytes),
                CrcCombine.Combine(algorithm, Crc(algorithm, bytes.AsSpan(0, cut)), Crc(algorithm, bytes.AsSpan(cut)), bytes.Length - cut));
    }

    [Fact]
    public void Only_crcs_combine() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => CrcCombine.Combine(ChecksumAlgorithm.SHA1, 0, 0, 1));

    /// <summary>
    /// Values of "123456789" from the CRC catalogue and of the hashes from OpenSSL, as S3 shows them: base64 of the big-endian value.
    /// </summary>
    [Fact]
    public void A_set_computes_what_was_asked_and_nothing_else()
    {
        using var all = new DigestSet(Digests.Md5 | Digests.Sha256 | Digests.Sha1 | Digests.Crc32 | Digests.Crc32C | Digests.Crc64Nvme);
        all.Append("12345"u8);
        all.Append("6789"u8);
        var values = all.Finish();
        Assert.Equal(9, values.Length);
        Assert.Equal("25f9e794323b453885f5181f1b624d0b", values.ETag);
        Assert.Equal("y/Q5Jg==", values.Checksum(ChecksumAlgorithm.CRC32)!.Value);
        Assert.Equal("4waSgw==", values.Checksum(ChecksumAlgorithm.CRC32C)!.Value);
        Assert.Equal("rosUhgp5mIg=", values.Checksum(ChecksumAlgorithm.CRC64NVME)!.Value);
        Assert.Equal("98O8HYCOBHMq32eZZczDTKeuNEE=", values.Checksum(ChecksumAlgorithm.SHA1)!.Value);
        Assert.Equal("FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=", values.Checksum(ChecksumAlgorithm.SHA256)!.Value);
        Assert.Equal("d41d8cd98f00b204e9800998ecf8427e", all.Finish().ETag);

        using var one = new DigestSet(Digests.Crc32);
        one.Append(Encoding.ASCII.GetBytes("123456789"));
        Assert.Null(one.Finish().Checksum(ChecksumAlgorithm.SHA256));
    }

    /// <summary>Nothing, as FIPS 180-4, RFC 1321 and the xxHash specification digest it.</summary>
    [Theory]
    [InlineData(ChecksumAlgorithm.SHA512, "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==")]
    [InlineData(ChecksumAlgorithm.MD5, "1B2M2Y8AsgTpgAmY7PhCfg==")]
    [InlineData(ChecksumAlgorithm.XXHASH64, "70bbN1HY6Zk=")]
    [InlineData(ChecksumAlgorithm.XXHASH3, "LQaABTjTlMI=")]
    [InlineData(ChecksumAlgorithm.XXHASH128, "maoG0wFHmNhgAcMkRo1Jfw==")]
    public void The_younger_algorithms_give_the_published_values_and_start_anew(ChecksumAlgorithm algorithm, string ofNothing)
    {
        using var set = new DigestSet(DigestsOf.Algorithm(algorithm));
        set.Append("something"u8);
        Assert.NotEqual(ofNothing, set.Finish().Checksum(algorithm)!.Value);
        Assert.Equal(ofNothing, set.Finish().Checksum(algorithm)!.Value);
    }

    private static ulong Crc(ChecksumAlgorithm algorithm, ReadOnlySpan<byte> bytes)
    {
        using var set = new DigestSet(DigestsOf.Algorithm(algorithm));
        set.Append(bytes);
        var values = set.Finish();
        return values.Crc32 ?? values.Crc32C ?? values.Crc64Nvme ?? throw new InvalidOperationException();
    }
}
