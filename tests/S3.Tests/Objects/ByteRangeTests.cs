namespace OrleansDfs.S3.Tests.Objects;

public class ByteRangeTests
{
    [Theory]
    [InlineData("bytes=0-9", 0, 10)]
    [InlineData("bytes=5-5", 5, 1)]
    [InlineData("bytes=90-", 90, 10)]
    [InlineData("bytes=90-1000", 90, 10)]
    [InlineData("bytes=-10", 90, 10)]
    [InlineData("bytes=-1000", 0, 100)]
    [InlineData("bytes=0-99999999999999999999999", 0, 100)]
    [InlineData("Bytes=0-0", 0, 1)]
    public void A_part(string header, long offset, long length)
    {
        var range = ByteRange.Parse(header, 100);
        Assert.Equal(new ByteRange(offset, length, true), range);
        Assert.Equal($"bytes {offset}-{offset + length - 1}/100", range.ContentRange(100));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bytes")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("bytes=5")]
    [InlineData("bytes=9-5")]
    [InlineData("bytes=0-1,5-6")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=+1-2")]
    [InlineData("bytes=1--2")]
    [InlineData("lines=1-2")]
    public void What_is_not_understood_is_the_whole(string? header) => Assert.Equal(ByteRange.Whole(100), ByteRange.Parse(header, 100));

    [Theory]
    [InlineData("bytes=100-", 100)]
    [InlineData("bytes=100-200", 100)]
    [InlineData("bytes=-0", 100)]
    [InlineData("bytes=0-", 0)]
    [InlineData("bytes=-5", 0)]
    [InlineData("bytes=99999999999999999999-", 100)]
    public void What_is_not_there_is_416(string header, long size)
    {
        var error = Expect.Refusal(ErrorCode.InvalidRange, () => ByteRange.Parse(header, size));
        Assert.Equal(416, error.Code.Status);
        Assert.Equal(size.ToString(), error.Detail("ActualObjectSize"));
    }

    [Fact]
    public void A_copys_range_is_strict()
    {
        Assert.Equal(new ByteRange(5, 95, true), ByteRange.ParseCopySource("bytes=5-99", 100));
        Assert.Equal(ByteRange.Whole(100), ByteRange.ParseCopySource(null, 100));
        foreach (var bad in new[] { "bytes=5-100", "bytes=5-", "bytes=-5", "0-5", "bytes=6-5", "bytes=0-1,3-4" })
            Expect.Refusal(ErrorCode.InvalidArgument, () => ByteRange.ParseCopySource(bad, 100));
    }
}
