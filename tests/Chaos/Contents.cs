using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace OrleansDfs.Chaos;

/// <summary>
/// What was written under which number. Every byte follows from the run's seed, the number and the place, so that any range that is read can be
/// checked without having kept it.
/// </summary>
sealed class Contents(int seed)
{
    private readonly ConcurrentDictionary<long, Content> _contents = new();
    private readonly ConcurrentDictionary<string, long> _byETag = new();
    private long _last;

    /// <summary>Draws a number for a new content.</summary>
    /// <param name="size">Bytes.</param>
    /// <param name="partSize">Bytes of each part of a multipart upload but the last; 0: written at once.</param>
    public Content Make(int size, int partSize = 0)
    {
        var number = Draw();
        var bytes = Bytes(number, 0, size);
        var content = new Content(number, bytes, partSize, ETagOf(bytes, partSize));
        // The bytes themselves are not kept.
        _contents[number] = content with { Bytes = [], Size = size };
        _byETag[content.ETag] = number;
        return content with { Size = size };
    }

    /// <summary>A number for what has no content (a delete marker).</summary>
    public long Draw() => Interlocked.Increment(ref _last);

    public Content? Find(long number) => _contents.GetValueOrDefault(number);

    /// <summary>The content that a listing means; <c>null</c>: nobody wrote such a thing.</summary>
    public long? FindByETag(string etag) => _byETag.TryGetValue(etag.Trim('"'), out var number) ? number : null;

    public bool IsRight(long number, long offset, ReadOnlySpan<byte> read) => read.SequenceEqual(Bytes(number, offset, read.Length));

    private byte[] Bytes(long number, long offset, int length)
    {
        var start = offset & ~7L;
        var block = new byte[(offset - start + length + 7) & ~7L];
        for (var i = 0; i < block.Length; i += 8)
        {
            var place = (ulong)seed << 32 ^ (ulong)number * 0x9E3779B97F4A7C15UL ^ (ulong)(start + i);
            BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(i), Mix(place));
        }
        return block[(int)(offset - start)..(int)(offset - start + length)];
    }

    private static string ETagOf(byte[] bytes, int partSize)
    {
        if (partSize == 0) return Convert.ToHexStringLower(MD5.HashData(bytes));
        var digests = bytes.Chunk(partSize).SelectMany(MD5.HashData).ToArray();
        return $"{Convert.ToHexStringLower(MD5.HashData(digests))}-{digests.Length / 16}";
    }

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
        return x ^ (x >> 31);
    }
}

sealed record Content(long Number, byte[] Bytes, int PartSize, string ETag)
{
    public int Size { get; init; }
}
