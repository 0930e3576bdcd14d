using OrleansDfs.Model;

namespace OrleansDfs.Model.Tests;

public class ExtentLayoutTests
{
    private static readonly ChunkId Chunk = new(7);

    private static Extent Run(long start, int header, long length)
    {
        long end = start, left = length;
        while (left > 0)
        {
            var payload = (int)Math.Min(left, RecordLayout.MaxPayload);
            end += header + RecordLayout.BodySize(payload);
            left -= payload;
        }
        return new Extent(Chunk, start, end, length);
    }

    [Theory]
    [InlineData(1, 64)]
    [InlineData(65536, 128)]
    [InlineData(65537, 136)]
    [InlineData(1048576, 1280)]
    [InlineData(1048577, 72)]
    [InlineData(10_000_000, 200)]
    public void Header_size_is_found_again(long length, int header) =>
        Assert.Equal(header, new ExtentLayout(Run(64, header, length)).HeaderSize);

    [Fact]
    public void Every_payload_byte_is_located_once_and_in_order()
    {
        var extent = Run(640, 104, 3 * RecordLayout.MaxPayload + 70_001);
        var layout = new ExtentLayout(extent);
        long position = 0;
        while (position < extent.Length)
        {
            var run = layout.Locate(position, 100_000);
            Assert.True(run.Take > 0);
            Assert.True(run.Skip + run.Take <= run.Payload);
            var record = position / RecordLayout.MaxPayload;
            var recordStart = extent.Start + record * (104 + RecordLayout.BodySize(RecordLayout.MaxPayload));
            var page = position % RecordLayout.MaxPayload / RecordLayout.PageSize;
            Assert.Equal(recordStart + 104 + page * RecordLayout.PageStride, run.Offset);
            Assert.True(run.Offset + run.Length <= extent.End);
            position += run.Take;
        }
        Assert.Equal(extent.Length, position);
    }

    [Fact]
    public void Last_page_of_the_last_record_ends_where_the_extent_ends()
    {
        var extent = Run(64, 80, 1_048_576 + 5);
        var run = new ExtentLayout(extent).Locate(1_048_576, 5);
        Assert.Equal(extent.End, run.Offset + run.Length);
        Assert.Equal(5, run.Take);
    }

    [Fact]
    public void An_extent_that_cannot_be_records_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => new ExtentLayout(new Extent(Chunk, 64, 100, 36)));
        Assert.Throws<InvalidDataException>(() => new ExtentLayout(new Extent(Chunk, 0, 200, 100)));
        Assert.Throws<InvalidDataException>(() => new ExtentLayout(new Extent(Chunk, 64, 64 + 3_000_001, 3_000_000)));
    }

    [Fact]
    public void Runs_join_only_when_full_adjacent_and_alike()
    {
        var first = Run(64, 96, RecordLayout.MaxPayload);
        var second = Run(first.End, 96, 10);
        Assert.True(ExtentLayout.TryJoin(first, second, out var joined));
        Assert.Equal(new Extent(Chunk, 64, second.End, RecordLayout.MaxPayload + 10), joined);
        Assert.False(ExtentLayout.TryJoin(second, Run(second.End, 96, 10), out _));
        Assert.False(ExtentLayout.TryJoin(first, Run(first.End + 8, 96, 10), out _));
        Assert.False(ExtentLayout.TryJoin(first, Run(first.End, 104, 10), out _));
        Assert.False(ExtentLayout.TryJoin(first, Run(first.End, 96, 10) with { Chunk = new ChunkId(8) }, out _));
    }
}
