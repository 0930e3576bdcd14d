using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using OrleansDfs.S3;
using OrleansDfs.ServiceDefaults;

namespace OrleansDfs.Gateway.Tests.Logging;

public class AccessLineTests
{
    [Fact]
    public void Text_bytes_and_fields_say_the_same()
    {
        var http = new DefaultHttpContext();
        http.Request.Method = "PROPPATCHES";
        http.Connection.RemoteIpAddress = System.Net.IPAddress.Loopback;
        http.Response.StatusCode = 404;
        http.Response.ContentLength = 17;
        var line = new AccessLine(http, "0123456789ABCDEF", TimeProvider.System)
        {
            Target = RequestTarget.Parse("/bucket/a%20key%0Awith?versionId=secret", "", []),
            Operation = "GetObject",
            User = "alice",
            Note = "NoSuchKey",
        };
        var log = new Memory();
        line.Write(log);
        var text = line.ToString();
        Assert.Matches(@"^0123456789ABCDEF 127\.0\.0\.1 alice GetObject PROPPATC bucket a%20key%0Awith 404 17 \d+ ms NoSuchKey$", text);
        Assert.Equal([text], log.Lines);
        var bytes = new byte[text.Length];
        Assert.False(line.TryFormat(bytes.AsSpan(1), out _, default, null));
        Assert.True(line.TryFormat(bytes, out var written, default, null));
        Assert.Equal(text, Encoding.UTF8.GetString(bytes, 0, written));
        Assert.Equal(
            ["id", "peer", "user", "operation", "method", "bucket", "key", "status", "sent", "milliseconds", "note"],
            line.Select(field => field.Key));
        Assert.Equal(text, string.Join(' ', line.Select(field => field.Key == "milliseconds" ? $"{field.Value} ms" : $"{field.Value}")));
    }

    /// <summary>The same beginning as the console gives every other line.</summary>
    [Fact]
    public void A_line_begins_as_the_consoles_lines_do()
    {
        var prefix = new byte[256];
        var length = LineConsoleProvider.WritePrefix(prefix, new DateTime(2026, 1, 2, 3, 4, 5, 67, DateTimeKind.Utc), LogLevel.Information, "A.B", 4);
        Assert.Equal("2026-01-02T03:04:05.067Z info: A.B[4] ", Encoding.UTF8.GetString(prefix, 0, length));
    }

    [Fact]
    public void The_log_level_switches_it_as_any_other_line()
    {
        var off = new ConfigurationBuilder().AddInMemoryCollection([new("Logging:LogLevel:OrleansDfs.Gateway", "Warning")]).Build();
        using (var loggers = LineConsole.CreateLoggers(off)) Assert.False(loggers.CreateLogger<S3Endpoint>().IsEnabled(LogLevel.Information));
        var console = new ConfigurationBuilder().AddInMemoryCollection([new("Logging:Console:LogLevel:OrleansDfs.Gateway", "Warning")]).Build();
        using (var loggers = LineConsole.CreateLoggers(console)) Assert.False(loggers.CreateLogger<S3Endpoint>().IsEnabled(LogLevel.Information));
        using (var loggers = LineConsole.CreateLoggers(new ConfigurationBuilder().Build()))
            Assert.True(loggers.CreateLogger<S3Endpoint>().IsEnabled(LogLevel.Information));
    }

    private sealed class Memory : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
