using System.Data.Common;
using Microsoft.Data.Sqlite;
using OrleansDfs.Catalog.Engines;
using SQLitePCL;

namespace OrleansDfs.Catalog.Tests;

/// <summary>What statements cost by what they touch, not by a clock.</summary>
internal interface IStatementCost : IAsyncDisposable
{
    /// <summary>Blocks (PostgreSQL) or virtual machine steps (SQLite) of the listings that <paramref name="body"/> asks for.</summary>
    Task<long> OfAsync(Func<Listings, Task> body);
}

/// <summary>Blocks of all statements over these tables in this database, as <c>pg_stat_statements</c> counts them.</summary>
internal sealed class PostgresStatementCost(CatalogDatabase catalog) : IStatementCost
{
    private const string Blocks = """
        SELECT CAST(COALESCE(SUM(shared_blks_hit + shared_blks_read), 0) AS BIGINT) FROM pg_stat_statements
        WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND (query LIKE '%versions t%' OR query LIKE '%versions v%'
            OR query LIKE '%keys t%')
        """;

    public async Task<long> OfAsync(Func<Listings, Task> body)
    {
        await catalog.Engine.ReadAsync(s => s.ExecuteAsync("CREATE EXTENSION IF NOT EXISTS pg_stat_statements"));
        var before = await BlocksAsync();
        await body(catalog.Listings);
        return await BlocksAsync() - before;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<long> BlocksAsync() => (await catalog.Engine.ReadAsync(s => s.QueryAsync(Blocks, r => r.GetInt64(0)))).Single();
}

/// <summary>Steps of SQLite's virtual machine, on a connection of its own to the same file.</summary>
internal sealed class SqliteStatementCost : Engine, IStatementCost
{
    private readonly SqliteConnection _connection;
    private readonly SqliteSession _session;
    private long _steps;

    public SqliteStatementCost(string connectionString)
    {
        _connection = new SqliteConnection(connectionString + ";Pooling=false");
        _connection.Open();
        _session = new SqliteSession(_connection);
        raw.sqlite3_progress_handler(_connection.Handle, 1, _ => Count(), null);
    }

    public override Dialect Dialect => SqliteDialect.Instance;

    public async Task<long> OfAsync(Func<Listings, Task> body)
    {
        _steps = 0;
        await body(new Listings(this));
        return _steps;
    }

    public override Task<T> ReadAsync<T>(Func<Session, Task<T>> body, CancellationToken cancellation = default) => body(_session);

    public override FaultKind Classify(DbException error) => FaultKind.Data;

    public override ValueTask DisposeAsync()
    {
        _session.Close(); // and the connection with it
        return ValueTask.CompletedTask;
    }

    protected override Task<T> TransactAsync<T>(Func<Session, Task<T>> body, CancellationToken cancellation) =>
        throw new NotSupportedException("Listings only read.");

    private int Count()
    {
        _steps++;
        return 0; // go on
    }
}
