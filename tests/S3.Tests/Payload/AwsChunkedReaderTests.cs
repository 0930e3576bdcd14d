using System.IO.Pipelines;
using System.Text;

namespace OrleansDfs.S3.Tests.Payload;

public class AwsChunkedReaderTests
{
    private static readonly byte[] Data = ChunkedBody.Bytes(1000);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(5000)]
    public async Task Framing_comes_off_however_the_bytes_arrive(int piece)
    {
        foreach (var chunk in new[] { 1, 17, 400, 1000 })
        {
            var signed = new AwsChunkedReader(
                ChunkedBody.Source(ChunkedBody.Signed(Data, chunk), piece), Data.Length, ChunkedBody.Signer(), false, minimumChunk: 0);
            Assert.Equal(Data, await ChunkedBody.ReadAll(signed));
            Assert.True(signed.IsVerified);

            var body = ChunkedBody.Signed(Data, chunk, ("x-amz-checksum-crc32", "AAAAAA=="));
            var trailer = new AwsChunkedReader(ChunkedBody.Source(body, piece), Data.Length, ChunkedBody.Signer(), true, minimumChunk: 0);
            Assert.Equal(Data, await ChunkedBody.ReadAll(trailer));
            Assert.Equal(new("x-amz-checksum-crc32", "AAAAAA=="), Assert.Single(trailer.Trailers));

            body = ChunkedBody.Unsigned(Data, chunk, "X-Amz-Checksum-Crc32: AAAAAA== \r\n");
            var unsigned = new AwsChunkedReader(ChunkedBody.Source(body, piece), Data.Length, null, true, minimumChunk: 0);
            Assert.Equal(Data, await ChunkedBody.ReadAll(unsigned));
            Assert.Equal(new("x-amz-checksum-crc32", "AAAAAA=="), Assert.Single(unsigned.Trailers));
        }
    }

    [Fact]
    public async Task An_empty_body_is_one_empty_chunk()
    {
        var reader = new AwsChunkedReader(ChunkedBody.Source(ChunkedBody.Signed([], 1), 100), 0, ChunkedBody.Signer(), false, minimumChunk: 0);
        Assert.Empty(await ChunkedBody.ReadAll(reader));
        Assert.True(reader.IsVerified);
    }

    [Fact]
    public async Task Part_of_a_read_may_be_left_for_the_next()
    {
        var reader = new AwsChunkedReader(
            ChunkedBody.Source(ChunkedBody.Signed(Data, 400), 5000), Data.Length, ChunkedBody.Signer(), false, minimumChunk: 0);
        var all = new MemoryStream();
        while (true)
        {
            var read = await reader.ReadAsync();
            if (read.IsCompleted) break;
            var some = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, 33));
            foreach (var segment in some) all.Write(segment.Span);
            reader.AdvanceTo(some.End);
        }
        Assert.Equal(Data, all.ToArray());
    }

    [Fact]
    public async Task It_can_be_read_as_a_stream()
    {
        var reader = new AwsChunkedReader(
            ChunkedBody.Source(ChunkedBody.Signed(Data, 400), 100), Data.Length, ChunkedBody.Signer(), false, minimumChunk: 0);
        var all = new MemoryStream();
        await reader.AsStream().CopyToAsync(all);
        Assert.Equal(Data, all.ToArray());
    }

    /// <summary>Any changed bit must end in an error before the end of the body is shown, wherever it is.</summary>
    [Fact]
    public async Task Every_flipped_bit_of_a_signed_body_is_found()
    {
        var data = ChunkedBody.Bytes(20);
        var body = ChunkedBody.Signed(data, 10, ("x-amz-checksum-crc32", "AAAAAA=="));
        for (var bit = 0; bit < body.Length * 8; bit++)
        {
            var changed = (byte[])body.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            var reader = new AwsChunkedReader(ChunkedBody.Source(changed, 5000), data.Length, ChunkedBody.Signer(), true, minimumChunk: 0);
            try
            {
                // Case of a size's hex digits or of names, and a CR at a line's end, may change without meaning anything else.
                Assert.Equal(data, await ChunkedBody.ReadAll(reader));
                Assert.Equal(new("x-amz-checksum-crc32", "AAAAAA=="), Assert.Single(reader.Trailers));
            }
            catch (S3Exception refused)
            {
                Assert.InRange(refused.Code.Status, 400, 403);
            }
        }
    }

    [Fact]
    public async Task Every_truncation_is_incomplete()
    {
        var body = ChunkedBody.Signed(Data[..30], 10, ("x-amz-checksum-crc32", "AAAAAA=="));
        for (var length = 0; length < body.Length; length++)
        {
            var reader = new AwsChunkedReader(ChunkedBody.Source(body[..length], 5000), 30, ChunkedBody.Signer(), true, minimumChunk: 0);
            var refused = await Assert.ThrowsAsync<S3Exception>(() => ChunkedBody.ReadAll(reader));
            Assert.Contains(refused.Code.Code, new[] { "IncompleteBody", "MalformedTrailerError", "SignatureDoesNotMatch" });
            Assert.False(reader.IsVerified);
        }
    }

    [Theory]
    [InlineData("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:a\r\n\r\nmore", "IncompleteBody")]
    [InlineData("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:a\r\n\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("4\r\nhello\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("6\r\nhello\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("4\r\nhell\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("ffffffffffffffff\r\nhello", "IncompleteBody")]
    [InlineData("7fffffffffffffff\r\nhello", "IncompleteBody")]
    [InlineData("00000000000000005\r\nhello", "IncompleteBody")]
    [InlineData("-5\r\nhello", "IncompleteBody")]
    [InlineData("+5\r\nhello", "IncompleteBody")]
    [InlineData(" 5\r\nhello", "IncompleteBody")]
    [InlineData("\r\nhello", "IncompleteBody")]
    [InlineData("5hello", "IncompleteBody")]
    [InlineData("5\r\nhello\r\n0\r\nno colon\r\n\r\n", "MalformedTrailerError")]
    [InlineData("5\r\nhello\r\n0\r\n:v\r\n\r\n", "MalformedTrailerError")]
    [InlineData("5\r\nhello\r\n0\r\na:1\r\na:2\r\n\r\n", "MalformedTrailerError")]
    public async Task Malformed_bodies_are_refused(string body, string code)
    {
        var reader = new AwsChunkedReader(ChunkedBody.Source(Encoding.ASCII.GetBytes(body), 5000), 5, null, true, minimumChunk: 0);
        Assert.Equal(code, (await Assert.ThrowsAsync<S3Exception>(() => ChunkedBody.ReadAll(reader))).Code.Code);
        Assert.Equal(code, (await Assert.ThrowsAsync<S3Exception>(() => ChunkedBody.ReadAll(reader))).Code.Code); // and it stays so
    }

    /// <summary>Seen directly at AWS: versitygw#1683.</summary>
    [Fact]
    public async Task Only_the_last_chunk_may_be_small()
    {
        var data = ChunkedBody.Bytes(8192 + 8191);
        var reader = new AwsChunkedReader(ChunkedBody.Source(ChunkedBody.Signed(data, 8192), 5000), data.Length, ChunkedBody.Signer(), false);
        Assert.Equal(data, await ChunkedBody.ReadAll(reader));
        reader = new AwsChunkedReader(ChunkedBody.Source(ChunkedBody.Signed(data, 8191), 5000), data.Length, ChunkedBody.Signer(), false);
        var error = (await Assert.ThrowsAsync<S3Exception>(() => ChunkedBody.ReadAll(reader))).Error;
        Assert.Equal((ErrorCode.InvalidChunkSizeError, "2", "8191"), (error.Code, error.Detail("Chunk"), error.Detail("BadChunkSize")));
    }

    [Fact]
    public async Task An_endless_header_line_is_not_buffered()
    {
        var reader = new AwsChunkedReader(ChunkedBody.Source(Encoding.ASCII.GetBytes("5;" + new string('x', 100_000)), 500), 5, null, true);
        Assert.Equal(ErrorCode.IncompleteBody, (await Assert.ThrowsAsync<S3Exception>(() => ChunkedBody.ReadAll(reader))).Code);
    }

    [Fact]
    public async Task After_a_refusal_the_source_can_still_be_drained()
    {
        var source = ChunkedBody.Source("zz\r\nhello"u8.ToArray(), 5000);
        var reader = new AwsChunkedReader(source, 5, null, true, minimumChunk: 0);
        await Assert.ThrowsAsync<S3Exception>(() => ChunkedBody.ReadAll(reader));
        Assert.Equal("zz\r\nhello".Length - 4, (await ChunkedBody.ReadAll(source)).Length); // the size line was taken
    }

    [Fact]
    public async Task Signed_chunks_without_or_with_anothers_signature_are_refused()
    {
        var unsigned = new AwsChunkedReader(
            ChunkedBody.Source("5\r\nhello\r\n0\r\n\r\n"u8.ToArray(), 99), 5, ChunkedBody.Signer(), false, minimumChunk: 0);
        Assert.Equal(ErrorCode.IncompleteBody, (await Assert.ThrowsAsync<S3Exception>(() => ChunkedBody.ReadAll(unsigned))).Code);

        // The second chunk sent first: its signature is right, but not there.
        var body = ChunkedBody.Signed(Data[..20], 10);
        var chunk = (body.Length - ("0;chunk-signature=".Length + 64 + 4)) / 2;
        var swapped = body[chunk..(2 * chunk)].Concat(body[..chunk]).Concat(body[(2 * chunk)..]).ToArray();
        var reader = new AwsChunkedReader(ChunkedBody.Source(swapped, 5000), 20, ChunkedBody.Signer(), false, minimumChunk: 0);
        Assert.Equal(ErrorCode.SignatureDoesNotMatch, (await Assert.ThrowsAsync<S3Exception>(() => ChunkedBody.ReadAll(reader))).Code);
    }

    /// <summary>The example of AWS's documentation has an empty line between trailer and signature.</summary>
    [Fact]
    public async Task A_signed_trailer_may_have_an_empty_line_before_its_signature()
    {
        var text = Encoding.Latin1.GetString(ChunkedBody.Signed(Data[..10], 10, ("x-amz-checksum-crc32", "AAAAAA==")));
        var body = Encoding.Latin1.GetBytes(text.Replace("==\r\n", "==\n\r\n"));
        var reader = new AwsChunkedReader(ChunkedBody.Source(body, 5000), 10, ChunkedBody.Signer(), true, minimumChunk: 0);
        Assert.Equal(Data[..10], await ChunkedBody.ReadAll(reader));
    }

    [Fact]
    public async Task A_cancelled_read_says_so_and_loses_nothing()
    {
        var pipe = new Pipe();
        var reader = new AwsChunkedReader(pipe.Reader, 5, null, true, minimumChunk: 0);
        await pipe.Writer.WriteAsync("5\r\nhe"u8.ToArray());
        var first = await reader.ReadAsync();
        reader.AdvanceTo(first.Buffer.End);
        var pending = reader.ReadAsync();
        reader.CancelPendingRead();
        var cancelled = await pending;
        Assert.True(cancelled.IsCanceled);
        reader.AdvanceTo(cancelled.Buffer.End);
        await pipe.Writer.WriteAsync("llo\r\n0\r\na:b\r\n\r\n"u8.ToArray());
        await pipe.Writer.CompleteAsync();
        Assert.Equal("llo"u8.ToArray(), await ChunkedBody.ReadAll(reader));
    }
}
