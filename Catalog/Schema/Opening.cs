using System.Data;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Npgsql;
using OrleansDfs.Catalog.Engines;

namespace OrleansDfs.Catalog.Schema;

/// <summary>From a connection string to an engine on the latest schema. A silo would abort at once when the database is not there yet, so the wait
/// is here.</summary>
internal static partial class Opening
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    public static Task<(Engine Engine, Guid ClusterId)> OpenAsync(CatalogOptions options, TimeProvider time, ILogger log,
        CancellationToken cancellation) =>
        options.Invariant switch
        {
            CatalogInvariants.PostgreSql => PostgresAsync(options, time, log, cancellation),
            CatalogInvariants.Sqlite => SqliteAsync(options, time, cancellation),
            _ => throw new CatalogUnusableException(
                $"'{options.Invariant}' is no catalog engine; use '{CatalogInvariants.PostgreSql}' or '{CatalogInvariants.Sqlite}'."),
        };

    /// <summary>Orleans opens connections of its own: fewer, under a name of their own. SQLite's wait for a lock is the provider's default.</summary>
    public static string OrleansConnectionString(CatalogOptions options) => options.Invariant == CatalogInvariants.Sqlite
        ? new SqliteConnectionStringBuilder(options.ConnectionString) { DefaultTimeout = 30 }.ConnectionString
        : new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            ApplicationName = options.ApplicationName + "-orleans",
            MaxPoolSize = Math.Max(4, options.MaxPoolSize / 2),
            Timeout = 5,
            CommandTimeout = 5,
        }.ConnectionString;

    private static async Task<(Engine, Guid)> PostgresAsync(CatalogOptions options, TimeProvider time, ILogger log, CancellationToken cancellation)
    {
        // A connection of its own: a migration may take longer than the deadlines of service, and waits for another process's.
        var text = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            ApplicationName = options.ApplicationName + "-migration",
            Pooling = false,
            Timeout = 5,
            CommandTimeout = 0,
        }.ConnectionString;
        await using var connection = await ConnectAsync(text, options, time, log, cancellation);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellation);
        var session = new PostgresSession(connection, transaction, cancellation);
        var encoding = (await session.QueryAsync("SHOW server_encoding", r => r.GetString(0))).Single();
        if (encoding != "UTF8") throw new CatalogUnusableException($"The catalog's database has encoding {encoding}; make one with ENCODING 'UTF8'.");
        var clusterId = await Migrations.RunAsync(session);
        await transaction.CommitAsync(cancellation);
        return (new PostgresEngine(options), clusterId);
    }

    private static async Task<NpgsqlConnection> ConnectAsync(
        string text, CatalogOptions options, TimeProvider time, ILogger log, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var connection = new NpgsqlConnection(text);
            try
            {
                await connection.OpenAsync(cancellation);
                return connection;
            }
            catch (NpgsqlException e)
            {
                await connection.DisposeAsync();
                if (e is PostgresException p && p.SqlState.StartsWith("28", StringComparison.Ordinal))
                    throw new CatalogUnusableException($"The catalog's PostgreSQL refuses the user: {p.MessageText}", e);
                if (time.GetElapsedTime(started) > options.WaitForDatabase)
                    throw new CatalogUnavailableException($"The catalog's PostgreSQL did not answer within " +
                        $"{options.WaitForDatabase.TotalSeconds:0} s: {e.Message}", e);
                LogWaiting(log, e.Message);
                await Task.Delay(Pause, time, cancellation);
            }
        }
    }

    private static async Task<(Engine, Guid)> SqliteAsync(CatalogOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var file = new SqliteConnectionStringBuilder(options.ConnectionString).DataSource;
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder) Directory.CreateDirectory(folder);
        var started = time.GetTimestamp();
        while (true)
        {
            SqliteEngine? engine = null;
            try
            {
                engine = new SqliteEngine(options, time);
                return (engine, await engine.WriteAsync(s => Migrations.RunAsync(s), cancellation));
            }
            catch (Exception e) when (IsBusy(e) && time.GetElapsedTime(started) <= options.WaitForDatabase)
            {
                // Another process has the file for itself for a moment: switching to WAL, or migrating.
                if (engine is not null) await engine.DisposeAsync();
                await Task.Delay(Pause, time, cancellation);
            }
            catch (SqliteException e)
            {
                if (engine is not null) await engine.DisposeAsync();
                throw new CatalogUnavailableException($"The catalog file {file} cannot be used: {e.Message}", e);
            }
            catch (CatalogException)
            {
                if (engine is not null) await engine.DisposeAsync();
                throw;
            }
        }
    }

    private static bool IsBusy(Exception e) => (e as SqliteException ?? e.InnerException as SqliteException) is { SqliteErrorCode: 5 or 6 };

    [LoggerMessage(Level = LogLevel.Information, Message = "Waiting for the catalog's database: {Reason}")]
    private static partial void LogWaiting(ILogger log, string reason);
}
