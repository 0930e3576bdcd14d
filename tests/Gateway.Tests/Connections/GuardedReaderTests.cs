using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using OrleansDfs.Gateway.Connections;

namespace OrleansDfs.Gateway.Tests.Connections;

public sealed class GuardedReaderTests
{
    const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData("GET / HTTP/1.1\nHost: a\r\n\r\n", nameof(HeadVerdict.BareLineFeed))]
    [InlineData("GET / HTTP/1.1\r\nHost: a\n\r\n", nameof(HeadVerdict.BareLineFeed))]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\n", nameof(HeadVerdict.BareLineFeed))]
    [InlineData("PUT / HTTP/1.1\r\nContent-Length: +5\r\n\r\nhello", nameof(HeadVerdict.BadLength))]
    [InlineData("PUT / HTTP/1.1\r\nContent-Length: \r\n\r\n", nameof(HeadVerdict.BadLength))]
    [InlineData("PUT / HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\nhello", nameof(HeadVerdict.BadLength))]
    [InlineData("PUT / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", nameof(HeadVerdict.BadLength))]
    [InlineData("PUT / HTTP/1.1\r\ncontent-length: 5\r\nContent-Length: 6\r\n\r\nhello", nameof(HeadVerdict.TwoLengths))]
    [InlineData("PUT / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", nameof(HeadVerdict.TwoLengths))]
    public async Task A_head_that_kestrel_would_let_pass_is_refused_however_it_arrives(string bytes, string verdict)
    {
        foreach (var piece in new[] { 1, 3, int.MaxValue })
        {
            var seen = await Play(bytes, piece, [0]);
            Assert.Equal(verdict, seen.Refused?.ToString());
            Assert.Empty(seen.Messages);
        }
    }

    [Fact]
    public async Task Pipelined_requests_are_shown_one_message_at_a_time()
    {
        var put = "PUT /k HTTP/1.1\r\nContent-Length: 5\r\n\r\n";
        foreach (var piece in new[] { 1, 7, int.MaxValue })
        {
            var seen = await Play(Get + put + "hello" + Get, piece, [0, 5, 0]);
            Assert.Null(seen.Refused);
            Assert.Equal([Get, put + "hello", Get], seen.Messages);
        }
    }

    [Fact]
    public async Task A_bad_head_behind_a_good_request_is_refused_and_the_good_one_shown()
    {
        var seen = await Play("PUT /k HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello" + "GET / HTTP/1.1\nHost: a\r\n\r\n", 4, [5, 0]);
        Assert.Single(seen.Messages);
        Assert.Equal(HeadVerdict.BareLineFeed, seen.Refused);
    }

    [Fact]
    public async Task Behind_a_chunked_body_the_next_head_is_judged()
    {
        const string put = "PUT /k HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        const string body = "5;x=\"y\"\r\nhello\r\n00A\r\n0123456789\r\n0\r\nx-trailer: 1\r\n\r\n";
        foreach (var piece in new[] { 1, 5, int.MaxValue })
        {
            var seen = await Play(put + body + "GET / HTTP/1.1\r\nHost: a\n\r\n", piece, [body.Length, 0]);
            Assert.Equal([put + body], seen.Messages);
            Assert.Equal(HeadVerdict.BareLineFeed, seen.Refused);
        }
    }

    [Fact]
    public async Task A_line_feed_inside_a_body_is_nobodys_business()
    {
        var put = "PUT /k HTTP/1.1\r\nContent-Length: 14\r\n\r\n";
        var seen = await Play(put + "GET /\nHost:\n\n\n" + Get, int.MaxValue, [14, 0]);
        Assert.Null(seen.Refused);
        Assert.Equal(2, seen.Messages.Count);
    }

    [Fact]
    public async Task A_tls_connection_passes_untouched()
    {
        var pipe = new Pipe();
        var reader = new GuardedReader(pipe.Reader, _ => throw new InvalidOperationException("refused"));
        await pipe.Writer.WriteAsync(new byte[] { 0x16, 3, 1, 0, (byte)'\n', 5 });
        var read = await reader.ReadAsync();
        Assert.Equal(6, read.Buffer.Length);
        reader.AdvanceTo(read.Buffer.End);
        await pipe.Writer.WriteAsync("\nmore"u8.ToArray());
        Assert.Equal(5, (await reader.ReadAsync()).Buffer.Length);
    }

    /// <summary>Plays Kestrel: reads a head up to its empty line, then a body of known length, consuming as it goes.</summary>
    static async Task<(List<string> Messages, HeadVerdict? Refused)> Play(string bytes, int piece, int[] bodies)
    {
        var pipe = new Pipe();
        HeadVerdict? refused = null;
        var reader = new GuardedReader(pipe.Reader, verdict =>
        {
            refused = verdict;
            return ValueTask.CompletedTask;
        });
        var writing = Feed(pipe.Writer, Encoding.Latin1.GetBytes(bytes), piece);
        var messages = new List<string>();
        foreach (var body in bodies)
        {
            if (await ReadHead(reader) is not { } head) break;
            messages.Add(head + await ReadBytes(reader, body));
        }
        await reader.CompleteAsync();
        await writing;
        return (messages, refused);
    }

    static async Task Feed(PipeWriter writer, byte[] bytes, int piece)
    {
        for (var at = 0; at < bytes.Length; at += Math.Min(piece, bytes.Length))
            if ((await writer.WriteAsync(bytes.AsMemory(at, Math.Min(piece, bytes.Length - at)))).IsCompleted) return;
        await writer.CompleteAsync();
    }

    static async Task<string?> ReadHead(GuardedReader reader)
    {
        while (true)
        {
            var read = await reader.ReadAsync();
            var text = Encoding.Latin1.GetString(read.Buffer.ToArray());
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                reader.AdvanceTo(read.Buffer.GetPosition(end + 4));
                return text[..(end + 4)];
            }
            if (read.IsCompleted) return null;
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    static async Task<string> ReadBytes(GuardedReader reader, int count)
    {
        var text = new StringBuilder();
        while (text.Length < count)
        {
            if (!reader.TryRead(out var read)) read = await reader.ReadAsync();
            var take = Math.Min(read.Buffer.Length, count - text.Length);
            text.Append(Encoding.Latin1.GetString(read.Buffer.Slice(0, take).ToArray()));
            reader.AdvanceTo(read.Buffer.GetPosition(take));
            Assert.False(read.IsCompleted && text.Length < count);
        }
        return text.ToString();
    }
}
