using System.Security.Cryptography;
using OrleansDfs.Gateway.Sse;

namespace OrleansDfs.Gateway.Tests.Sse;

/// <summary>The layout of encrypted blobs, and what the construction must notice (docs/formats/encryption.md).</summary>
public class SegmentTests
{
    static readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    static readonly byte[] _salt = RandomNumberGenerator.GetBytes(SegmentLayout.HeaderSize);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(SegmentLayout.First - 1)]
    [InlineData(SegmentLayout.First)]
    [InlineData(SegmentLayout.First + 1)]
    [InlineData(SegmentLayout.First + SegmentLayout.Plain)]
    [InlineData(SegmentLayout.First + SegmentLayout.Plain + 1)]
    [InlineData(5L * 1024 * 1024 * 1024)]
    public void Segments_cover_the_plaintext_and_fill_pages(long length)
    {
        var count = SegmentLayout.Count(length);
        var last = count - 1;
        Assert.Equal(length, SegmentLayout.PlainStart(last) + SegmentLayout.PlainLength(last, length));
        Assert.Equal(SegmentLayout.StoredLength(length),
            SegmentLayout.StoredStart(last) + SegmentLayout.PlainLength(last, length) + SegmentLayout.TagSize);
        foreach (var segment in new[] { 0, 1, last / 2, last }.Where(s => s < last))
        {
            // A full segment ends with a page of the store: a range reads no page that it does not need.
            var end = SegmentLayout.StoredStart(segment) + SegmentLayout.PlainLength(segment, length) + SegmentLayout.TagSize;
            Assert.Equal(0, end % SegmentLayout.Stored);
            Assert.Equal(segment, SegmentLayout.SegmentOf(SegmentLayout.PlainStart(segment)));
            Assert.Equal(segment, SegmentLayout.SegmentOf(SegmentLayout.PlainStart(segment + 1) - 1));
        }
    }

    [Fact]
    public void A_segment_opens_at_its_place_only()
    {
        using var cipher = new SegmentCipher(_key, _salt);
        var plain = RandomNumberGenerator.GetBytes(1000);
        var stored = new byte[plain.Length + SegmentLayout.TagSize];
        cipher.Seal(3, isLast: false, plain, stored);
        Assert.Equal(-1, stored.AsSpan().IndexOf(plain.AsSpan(0, 16)));
        var opened = new byte[plain.Length];
        Assert.True(cipher.TryOpen(3, isLast: false, stored, opened));
        Assert.Equal(plain, opened);

        Assert.False(cipher.TryOpen(2, isLast: false, stored, opened)); // reordered
        Assert.False(cipher.TryOpen(3, isLast: true, stored, opened)); // cut off behind it
        for (var at = 0; at < stored.Length; at += 97)
        {
            stored[at] ^= 1;
            Assert.False(cipher.TryOpen(3, isLast: false, stored, opened));
            stored[at] ^= 1;
        }
        using var otherSalt = new SegmentCipher(_key, RandomNumberGenerator.GetBytes(SegmentLayout.HeaderSize));
        Assert.False(otherSalt.TryOpen(3, isLast: false, stored, opened)); // of another part of the same upload
        using var otherKey = new SegmentCipher(RandomNumberGenerator.GetBytes(32), _salt);
        Assert.False(otherKey.TryOpen(3, isLast: false, stored, opened));
    }
}
