using System.Data.Common;
using Npgsql;

namespace OrleansDfs.Catalog.Engines;

/// <summary>
/// PostgreSQL through two pools. Statements prepare themselves on their second use in a connection. Those of the batching writer and reader are a few
/// index probes for each row of their arrays, whatever is in the tables, and run thousands of times a second; left to itself PostgreSQL plans them
/// anew for every call, because a plan for the length of this very array looks cheaper than the general one by more than planning is thought to cost,
/// and reads whole tables while it takes them for empty. So their connections plan once, and by indexes only.
/// </summary>
internal sealed class PostgresEngine : Engine
{
    // Of PostgreSQL 12 or later. With the joins in the order of the text each row of the arrays goes from probe to probe.
    private const string ProbesOnly =
        " -c plan_cache_mode=force_generic_plan -c join_collapse_limit=1 -c enable_seqscan=off -c enable_bitmapscan=off" +
        " -c enable_hashjoin=off -c enable_mergejoin=off -c enable_material=off";

    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlDataSource _probes;

    public PostgresEngine(CatalogOptions options)
    {
        var own = options.Committers + options.Readers;
        _source = NpgsqlDataSource.Create(WithDeadlines(options, Math.Max(4, options.MaxPoolSize - own)));
        _probes = NpgsqlDataSource.Create(WithDeadlines(options, own, ProbesOnly));
    }

    public override Dialect Dialect => PostgresDialect.Instance;

    /// <summary>The caller's connection string with our pool, name and deadlines; a setting that it names itself stays.</summary>
    public static string WithDeadlines(CatalogOptions options, int poolSize, string more = "")
    {
        var builder = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            MaxPoolSize = poolSize,
            ApplicationName = options.ApplicationName,
            Timeout = 5,
            CommandTimeout = 5,
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
            IncludeErrorDetail = true,
            IncludeFailedBatchedCommand = true, // tells an error of COMMIT from one in front of it
            // Nothing here leaves anything behind in a session (a transaction left open is rolled back all the same), and the reset is four
            // statements before every use.
            NoResetOnClose = true,
        };
        // P16: a lock that is not to be had in time. P19: a server with synchronous_commit=off would acknowledge what a crash loses.
        // JIT: compiling a statement takes longer than any of ours runs.
        builder.Options =
            $"{builder.Options} -c lock_timeout={(int)options.LockTimeout.TotalMilliseconds} -c synchronous_commit=on -c jit=off{more}".TrimStart();
        return builder.ConnectionString;
    }

    public override Task<T> ReadAsync<T>(Func<Session, Task<T>> body, CancellationToken cancellation = default) =>
        ReadAsync(_source, body, cancellation);

    public override Task<T> ReadByProbesAsync<T>(Func<Session, Task<T>> body) => ReadAsync(_probes, body, CancellationToken.None);

    private async Task<T> ReadAsync<T>(NpgsqlDataSource source, Func<Session, Task<T>> body, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancellation);
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

    protected override bool IsBeforeCommit(DbException error) =>
        error is PostgresException { BatchCommand: { } command } && command.CommandText != PostgresSession.Commit;

    public override async ValueTask DisposeAsync()
    {
        await _probes.DisposeAsync();
        await _source.DisposeAsync();
    }

    protected override Task<T> TransactAsync<T>(Func<Session, Task<T>> body, CancellationToken cancellation) =>
        TransactAsync(_source, body, cancellation);

    protected override Task<T> TransactByProbesAsync<T>(Func<Session, Task<T>> body) => TransactAsync(_probes, body, CancellationToken.None);

    private async Task<T> TransactAsync<T>(NpgsqlDataSource source, Func<Session, Task<T>> body, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        // Npgsql sends BEGIN with the first statement. READ COMMITTED and nothing else: P16 tells what the other levels break.
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.ReadCommitted, cancellation);
        var session = new PostgresSession(connection, transaction, cancellation);
        var result = await body(session);
        await CommitAsync(session.CommitAsync);
        return result;
    }
}
