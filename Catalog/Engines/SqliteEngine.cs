using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace OrleansDfs.Catalog.Engines;

/// <summary>SQLite in WAL mode: one writer thread, a few reader threads. Several processes of one host may share the file.</summary>
internal sealed class SqliteEngine : Engine
{
    private const int Busy = 5, Locked = 6, Constraint = 19, Mismatch = 20, Misuse = 21, Range = 25, Error = 1;

    private readonly SqliteThreads _writer;
    private readonly SqliteThreads _readers;
    private readonly CatalogOptions _options;
    private readonly TimeProvider _time;
    private long _lastTime;

    public SqliteEngine(CatalogOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _writer = new SqliteThreads("catalog writer", 1, Open, options.Simulated is not null);
        _readers = new SqliteThreads("catalog reader", Math.Max(1, options.Readers), Open, options.Simulated is not null);
    }

    public override Dialect Dialect => SqliteDialect.Instance;

    /// <summary>The connection string with pooling off: each thread keeps its own connection.</summary>
    public static string WithDeadlines(CatalogOptions options) => new SqliteConnectionStringBuilder(options.ConnectionString)
    {
        Pooling = false,
        DefaultTimeout = Math.Max(1, (int)options.LockTimeout.TotalSeconds),
    }.ConnectionString;

    public override async Task<T> ReadAsync<T>(Func<Session, Task<T>> body, CancellationToken cancellation = default)
    {
        try
        {
            return await _readers.RunAsync(session => body(session), cancellation);
        }
        catch (DbException e) when (Classify(e) != FaultKind.Data)
        {
            throw new CatalogUnavailableException(e.Message, e);
        }
    }

    public override FaultKind Classify(DbException error) => (error as SqliteException)?.SqliteErrorCode switch
    {
        Busy or Locked => FaultKind.LockTimeout,
        Error or Constraint or Mismatch or Misuse or Range => FaultKind.Data,
        _ => FaultKind.Unavailable, // full disk, I/O error, file gone
    };

    public override async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _readers.DisposeAsync();
    }

    protected override Task<T> TransactAsync<T>(Func<Session, Task<T>> body, CancellationToken cancellation) =>
        _writer.RunAsync(session => InTransactionAsync(session, body), cancellation);

    private async Task<T> InTransactionAsync<T>(SqliteSession session, Func<Session, Task<T>> body)
    {
        session.Execute("BEGIN IMMEDIATE"); // never upgrades from reading: no deadlock, and what is read is what is changed
        var open = true;
        try
        {
            var result = await body(session);
            await session.RunAsync();
            await CommitAsync(() =>
            {
                session.Execute("COMMIT");
                open = false;
                return Task.CompletedTask;
            });
            return result;
        }
        catch when (open)
        {
            Rollback(session);
            throw;
        }
    }

    private static void Rollback(SqliteSession session)
    {
        try
        {
            session.Execute("ROLLBACK");
        }
        catch (SqliteException e) when (e.SqliteErrorCode == Error)
        {
            // SQLite had rolled back by itself (full disk, I/O error): the first error is the one to tell.
        }
    }

    private SqliteSession Open()
    {
        var connection = new SqliteConnection(WithDeadlines(_options));
        connection.Open();
        connection.CreateFunction("now_us", Now, isDeterministic: false);
        var session = new SqliteSession(connection);
        session.Execute($"PRAGMA busy_timeout = {(int)_options.LockTimeout.TotalMilliseconds}");
        session.Execute("PRAGMA journal_mode = WAL");
        session.Execute("PRAGMA synchronous = FULL"); // P19: COMMIT returns after the fsync
        session.Execute("PRAGMA wal_autocheckpoint = 4000");
        session.Execute("PRAGMA cache_size = -16384");
        return session;
    }

    /// <summary>The clock of this process; it never goes back, so that a step of the system clock does not reorder what it stamps.</summary>
    private long Now()
    {
        var now = MicrosecondClock.ToMicroseconds(_time.GetUtcNow());
        while (true)
        {
            var last = Interlocked.Read(ref _lastTime);
            if (now <= last) return last;
            if (Interlocked.CompareExchange(ref _lastTime, now, last) == last) return now;
        }
    }
}
