using System.Globalization;
using System.Text;
using System.Text.Unicode;
using OrleansDfs.ServiceDefaults;

namespace OrleansDfs.Gateway.Tests.Logging;

public class BatchedLinesTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public void Lines_come_whole_and_in_order_and_few_writes_carry_many()
    {
        using var output = new Output();
        using (var lines = new BatchedLines(output))
        {
            for (var i = 0; i < 1000; i++) lines.Add("x "u8, new Line($"line {i}"));
        }
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"x line {i}"), output.Lines);
        Assert.InRange(output.Writes, 1, 100);
    }

    [Fact]
    public async Task A_line_is_written_without_another_one_after_it()
    {
        using var output = new Output();
        using var lines = new BatchedLines(output);
        lines.Add(""u8, new Line("alone"));
        await output.Written.WaitAsync(Limit);
        Assert.Equal(["alone"], output.Lines);
    }

    [Fact]
    public void A_flush_returns_when_the_lines_are_written()
    {
        using var output = new Output();
        using var lines = new BatchedLines(output);
        lines.Add(""u8, new Line("first"));
        lines.Flush();
        Assert.Equal(["first"], output.Lines);
    }

    [Fact]
    public void What_a_client_sends_makes_no_line_of_its_own()
    {
        using var output = new Output();
        using (var lines = new BatchedLines(output)) lines.Add(""u8, new Line("a\nb\r\nc"));
        Assert.Equal(["a b  c"], output.Lines);
    }

    /// <summary>Nobody waits for an output that is not read; memory is bounded, and the loss is told.</summary>
    [Fact]
    public async Task Lines_without_room_are_counted_and_nobody_waits_for_them()
    {
        using var output = new Output();
        output.Block();
        using (var lines = new BatchedLines(output))
        {
            lines.Add(""u8, new Line("stuck"));
            await output.Blocked.WaitAsync(Limit);
            var line = new Line(new string('a', 1023));
            for (var i = 0; i < 3 * BatchedLines.Capacity / 1024; i++) lines.Add(""u8, line);
            output.Unblock();
        }
        Assert.Equal("stuck", output.Lines[0]);
        Assert.Equal($"{2 * BatchedLines.Capacity / 1024} lines were lost, for the output was not read.", output.Lines[1]);
        Assert.Equal(BatchedLines.Capacity / 1024, output.Lines.Length - 2);
    }

    private sealed record Line(string Text) : IBatchedLine
    {
        public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
            Utf8.TryWrite(utf8Destination, CultureInfo.InvariantCulture, $"{Text}", out bytesWritten);
    }

    private sealed class Output : MemoryStream
    {
        private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _open = new(true);

        public int Writes { get; private set; }

        public Task Written => _written.Task;

        public Task Blocked => _blocked.Task;

        public string[] Lines => Encoding.UTF8.GetString(ToArray()).Split('\n')[..^1];

        public void Block() => _open.Reset();

        public void Unblock() => _open.Set();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (!_open.IsSet) _blocked.TrySetResult();
            _open.Wait();
            base.Write(buffer);
            Writes++;
            _written.TrySetResult();
        }

        protected override void Dispose(bool disposing)
        {
            _open.Dispose();
            base.Dispose(disposing);
        }
    }
}
