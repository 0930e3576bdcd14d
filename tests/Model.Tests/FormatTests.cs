using OrleansDfs.Model;

namespace OrleansDfs.Model.Tests;

/// <summary>Record format v1 (docs/formats/chunk.md).</summary>
public class FormatTests
{
    private static readonly ChunkId Chunk = new(0x0102030405060708);
    private static readonly BlobId Blob = new(new Guid("00112233-4455-6677-8899-aabbccddeeff"));
    private static readonly UploadId Upload = new(new Guid("ffeeddcc-bbaa-9988-7766-554433221100"));
    private static readonly RecordOwner Plain = new(BucketName.Parse("abc"), ObjectKey.Parse("dir/ä"));
    private static readonly RecordOwner Part = Plain with { Upload = Upload, PartNumber = 10_000 };

    public static TheoryData<int> Payloads => [1, 7, 8, 4096, 65535, 65536, 65537, 131072, 1_048_575, 1_048_576];

    /// <summary>The bytes are a promise to every disk there is: this dump may only change with the version.</summary>
    [Fact]
    public void The_layout_is_the_documented_one()
    {
        var record = Unplaced(Part, [0xAA, 0xBB, 0xCC], blobOffset: 0x1122334455);
        Assert.Equal(
            "44465352" + "01" + "01" + "6000" + "03000000" + "00000000" + // magic, version, flags, header size 96, payload, reserved
            "00112233445566778899aabbccddeeff" + "5544332211000000" + // blob, offset in the blob
            "0000000000000000" + "0000000000000000" + "20000000" + "823a6670" + // chunk and offset not given yet, owner length, checksum
            "03616263" + "0600" + "6469722fc3a4" + "ffeeddccbbaa99887766554433221100" + "10270000" + // owner
            "aabbcc" + "aa2989e1", // page, checksum
            Convert.ToHexStringLower(record));

        Format.Place(record, Chunk, 64);
        Assert.Equal("0807060504030201" + "4000000000000000", Convert.ToHexStringLower(record.AsSpan(40, 16)));
        Assert.Equal(PageChecksum.Compute(Chunk, 64 + 96, [0xAA, 0xBB, 0xCC]), BitConverter.ToUInt32(record.AsSpan(^4)));

        var header = new byte[64];
        Format.WriteChunkHeader(header, Blob.Value, Chunk);
        Assert.Equal(
            "44465343" + "01000000" + "00112233445566778899aabbccddeeff" + "0807060504030201" + new string('0', 56) + "e879a526",
            Convert.ToHexStringLower(header));
    }

    [Theory]
    [MemberData(nameof(Payloads))]
    public void A_record_goes_from_writer_to_primary_to_reader(int payload)
    {
        var bytes = RandomBytes(payload);
        var record = Unplaced(Plain, bytes, blobOffset: 5);
        Assert.True(Format.CheckUnplaced(record));
        Assert.False(Format.Verify(record, Chunk, 64));
        var before = record.ToArray();

        Format.Place(record, Chunk, 4096);
        Assert.False(Format.CheckUnplaced(record));
        Assert.True(Format.Verify(record, Chunk, 4096));
        Assert.False(Format.Verify(record, Chunk, 4104)); // misdirected
        Assert.False(Format.Verify(record, new ChunkId(1), 4096));
        Assert.False(Format.Verify(record.AsSpan(..^1), Chunk, 4096));
        Assert.True(Format.TryReadHeader(record, Chunk, 4096, out var header));
        Assert.Equal(new RecordHeader(Format.HeaderSize(Plain), payload, Blob, 5, Chunk, 4096), header);
        Assert.Equal(record.Length, header.RecordSize);
        Assert.Equal(Plain, Format.ReadOwner(record));

        var pages = record.AsMemory(header.HeaderSize);
        Assert.Equal(bytes, Enumerable.Range(0, RecordLayout.PageCount(payload)).SelectMany(p => Format.PagePayload(pages, payload, p).ToArray()));
        var middle = new byte[payload - payload / 3];
        Format.CopyPayload(pages.Span, payload, payload / 3, middle);
        Assert.Equal(bytes[(payload / 3)..], middle);

        Format.Unplace(record, Chunk, 4096);
        Assert.Equal(before, record);
    }

    /// <summary>A reader takes any run of pages that <see cref="ExtentLayout"/> names and finds it right, but not at another place.</summary>
    [Fact]
    public void A_run_of_pages_verifies_alone()
    {
        var bytes = RandomBytes(300_000);
        var record = Unplaced(Plain, bytes);
        Format.Place(record, Chunk, 64);
        var layout = new ExtentLayout(new Extent(Chunk, 64, 64 + record.Length, bytes.Length));
        var run = layout.Locate(100_000, 150_000);
        var pages = record.AsMemory((int)run.Offset - 64, run.Length);
        Assert.True(Format.VerifyPages(pages.Span, run.Payload, Chunk, run.Offset));
        Assert.False(Format.VerifyPages(pages.Span, run.Payload, Chunk, run.Offset + RecordLayout.PageStride));
        Assert.False(Format.VerifyPages(pages.Span, run.Payload, new ChunkId(7), run.Offset));
        Assert.False(Format.VerifyPages(pages.Span[..^1], run.Payload, Chunk, run.Offset));
        Assert.False(Format.VerifyPages([], 0, Chunk, run.Offset));
        var got = new byte[run.Take];
        Format.CopyPayload(pages.Span, run.Payload, run.Skip, got);
        Assert.Equal(bytes[100_000..250_000], got);
    }

    [Fact]
    public void Every_flipped_bit_is_found()
    {
        var record = Unplaced(Part, RandomBytes(70_000));
        Format.Place(record, Chunk, 64);
        var header = Format.HeaderSize(Part);
        var random = new Random(1);
        var anywhere = Enumerable.Range(0, 100).Select(_ => random.Next(record.Length));
        foreach (var at in Enumerable.Range(0, header).Concat(Enumerable.Range(record.Length - 8, 8)).Concat(anywhere))
        {
            var mask = (byte)(1 << random.Next(8));
            record[at] ^= mask;
            Assert.False(Format.Verify(record, Chunk, 64), $"byte {at}");
            record[at] ^= mask;
        }
        Assert.True(Format.Verify(record, Chunk, 64));
    }

    [Fact]
    public void The_longest_names_fit()
    {
        var owner = new RecordOwner(BucketName.Parse(new string('b', 63)), ObjectKey.Parse(new string('ä', 512)), Upload, 1);
        Assert.InRange(Format.HeaderSize(owner), 1024 + 63 + 64, RecordLayout.MaxHeaderSize);
        var record = Unplaced(owner, [1]);
        Assert.True(Format.CheckUnplaced(record));
        Assert.Equal(owner, Format.ReadOwner(record));
        Assert.Equal(0, Format.HeaderSize(Plain) % 8);
    }

    /// <summary>Bytes from the wire: whatever they are, they are refused without an exception.</summary>
    [Fact]
    public void Rubbish_is_refused()
    {
        var random = new Random(2);
        var good = Unplaced(Part, RandomBytes(500));
        for (var i = 0; i < 2000; i++)
        {
            var bytes = good[..random.Next(good.Length + 1)];
            for (var flips = random.Next(1, 4); flips > 0 && bytes.Length > 0; flips--)
                bytes[random.Next(Math.Min(bytes.Length, 64))] = (byte)random.Next(256);
            if (bytes.AsSpan().SequenceEqual(good)) continue;
            Assert.False(Format.CheckUnplaced(bytes));
            Assert.False(Format.Verify(bytes, Chunk, 64));
        }
        Assert.Throws<InvalidDataException>(() => Format.Place(new byte[100], Chunk, 64));
        Assert.Throws<ArgumentOutOfRangeException>(() => Format.Place(good, default, 64));
        Assert.Throws<ArgumentOutOfRangeException>(() => Format.WriteHeader(new byte[2000], Plain, Blob, 0, RecordLayout.MaxPayload + 1));
    }

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private static byte[] Unplaced(RecordOwner owner, byte[] payload, long blobOffset = 0)
    {
        var record = new byte[Format.RecordSize(owner, payload.Length)];
        var header = Format.HeaderSize(owner);
        for (var page = 0; page < RecordLayout.PageCount(payload.Length); page++)
            payload.AsSpan(page * RecordLayout.PageSize, Format.PageLength(payload.Length, page))
                .CopyTo(record.AsSpan(header + Format.PageStart(page)));
        Format.SealPages(record.AsSpan(header), payload.Length);
        Format.WriteHeader(record, owner, Blob, blobOffset, payload.Length);
        return record;
    }
}
