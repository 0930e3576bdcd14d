using OrleansDfs.Model;

namespace OrleansDfs.Model.Tests;

public class ChecksumTests
{
    /// <summary>RFC 3720, appendix B.4, and the catalogue's check value.</summary>
    [Fact]
    public void Crc32C_gives_the_published_values()
    {
        Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));
        Assert.Equal(0x8A9136AAu, Crc32C.Compute(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Compute(Enumerable.Repeat((byte)0xff, 32).ToArray()));
        Assert.Equal(0x46DD794Eu, Crc32C.Compute(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray()));
    }

    [Fact]
    public void A_page_elsewhere_does_not_match()
    {
        byte[] page = [1, 2, 3, 4];
        var here = PageChecksum.Compute(new ChunkId(1), 128, page);
        Assert.NotEqual(here, PageChecksum.Compute(new ChunkId(2), 128, page));
        Assert.NotEqual(here, PageChecksum.Compute(new ChunkId(1), 192, page));
        Assert.NotEqual(here, PageChecksum.Compute(new ChunkId(1), 128, [1, 2, 3, 4, 0]));
    }
}
