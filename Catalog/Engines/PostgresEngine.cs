using System.Data.Common;
using Npgsql;

namespace OrleansDfs.Catalog.Engines;

/// <summary>PostgreSQL through one pooled data source. Statements prepare themselves on their second use in a connection.</summary>
internal sealed class PostgresEngine : Engine
{
    private readonly NpgsqlDataSource _source;

    public PostgresEngine(CatalogOptions options)
    {
        _source = NpgsqlDataSource.Create(WithDeadlines(options));
    }

    public override Dialect Dialect => PostgresDialect.Instance;

    /// <summary>The caller's connection string with our pool, name and deadlines; a setting that it names itself stays.</summary>
    public static string WithDeadlines(CatalogOptions options)
    {
        var builder = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            MaxPoolSize = options.MaxPoolSize,
            ApplicationName = options.ApplicationName,
            Timeout = 5,
            CommandTimeout = 5,
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
            IncludeErrorDetail = true,
        };
        // P16: a lock that is not to be had in time. P19: a server with synchronous_commit=off would acknowledge what a crash loses.
        builder.Options = $"{builder.Options} -c lock_timeout={(int)options.LockTimeout.TotalMilliseconds} -c synchronous_commit=on".TrimStart();
        return builder.ConnectionString;
    }

    public override async Task<T> ReadAsync<T>(Func<Session, Task<T>> body, CancellationToken cancellation = default)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellation);
            return await body(new PostgresSession(connection, null, cancellation));
        }
        catch (DbException e) when (Classify(e) != FaultKind.Data)
        {
            throw new CatalogUnavailableException(e.Message, e);
        }
    }

    public override FaultKind Classify(DbException error) => error switch
    {
        PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected } => FaultKind.Retry,
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } => FaultKind.LockTimeout,
        // Classes: 08 connection, 53 resources, 57 operator intervention and shutdown, 58 system errors, XX internal.
        PostgresException p when p.SqlState[..2] is "08" or "53" or "57" or "58" or "XX" => FaultKind.Unavailable,
        PostgresException { SqlState: "25006" } => FaultKind.Unavailable, // read-only: a standby during a failover
        PostgresException => FaultKind.Data,
        _ => FaultKind.Unavailable,
    };

    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    protected override async Task<T> TransactAsync<T>(Func<Session, Task<T>> body, CancellationToken cancellation)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellation);
        // Npgsql sends BEGIN with the first statement. READ COMMITTED and nothing else: P16 tells what the other levels break.
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.ReadCommitted, cancellation);
        var result = await body(new PostgresSession(connection, transaction, cancellation));
        await CommitAsync(() => transaction.CommitAsync(CancellationToken.None));
        return result;
    }
}
