using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace OrleansDfs.ServiceDefaults;

/// <summary>
/// The console's lines: as <see cref="ConsoleLoggerProvider"/> writes them, but for those that come with every request (<see cref="IBatchedLine"/>):
/// the console's text, queue and system call for each cost as much as a tenth of the request. They look the same and go by <see
/// cref="BatchedLines"/>. Lines of the two kinds may come out of turn by its delay; their times tell the order.
/// </summary>
[ProviderAlias("Console")] // the same switches: Logging:Console:LogLevel
sealed class LineConsoleProvider(ConsoleLoggerProvider console, TimeProvider? time = null) : ILoggerProvider, ISupportExternalScope
{
    readonly Lazy<BatchedLines> _lines = new(() => new BatchedLines(Console.OpenStandardOutput()));

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName, console.CreateLogger(categoryName));

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => console.SetScopeProvider(scopeProvider);

    public void Dispose()
    {
        if (_lines.IsValueCreated) _lines.Value.Dispose();
    }

    void Write(LogLevel level, string category, int eventId, IBatchedLine message)
    {
        Span<byte> prefix = stackalloc byte[256];
        _lines.Value.Add(prefix[..WritePrefix(prefix, (time ?? TimeProvider.System).GetUtcNow().UtcDateTime, level, category, eventId)], message);
    }

    /// <summary>As the simple console formatter does on a single line.</summary>
    internal static int WritePrefix(Span<byte> destination, DateTime utc, LogLevel level, string category, int eventId)
    {
        const int upToMilliseconds = 23; // of yyyy-MM-ddTHH:mm:ss.fffffffZ, which is much quicker than a format of one's own
        utc.TryFormat(destination, out _, "O", CultureInfo.InvariantCulture);
        Utf8.TryWrite(destination[upToMilliseconds..], CultureInfo.InvariantCulture, $"Z {Name(level)}: {category}[{eventId}] ", out var written);
        return upToMilliseconds + written;
    }

    static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };

    sealed class Logger(LineConsoleProvider provider, string category, ILogger console) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => console.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => console.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is null && state is IBatchedLine message) provider.Write(logLevel, category, eventId.Id, message);
            else console.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
