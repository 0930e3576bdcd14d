using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;
using OrleansDfs.Catalog;

namespace OrleansDfs.Listing;

/// <summary>A catalog's database, reached beside the catalog: filled and emptied in bulk, and asked what statements cost.</summary>
interface IStore : IAsyncDisposable
{
    string Invariant { get; }
    string ConnectionString { get; }

    Task FillAsync(long bucket, IEnumerable<Row> rows);

    /// <summary>Removes all versions of keys before <paramref name="key"/>, as mass deletes leave them: nothing is tidied up after it.</summary>
    Task DeleteBeforeAsync(long bucket, string key);

    /// <summary>Statistics, and nothing else.</summary>
    Task AnalyzeAsync();

    /// <summary>What autovacuum does in its time.</summary>
    Task VacuumAsync();

    Task ClearAsync();

    /// <summary>8 KiB blocks that all statements have touched so far; <c>null</c>: this engine does not tell.</summary>
    Task<long?> BlocksAsync();
}

static class RowText
{
    public const string Properties =
        """{"ContentType":"binary/octet-stream","Owner":"root","UserMetadata":{},"Checksum":{"Algorithm":2,"Type":0,"Value":"AAAAAAAAAAA="}}""";

    public const string ETag = "d41d8cd98f00b204e9800998ecf8427e";
}

sealed class PostgresStore(string connectionString) : IStore
{
    readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(connectionString + ";Command Timeout=0;Application Name=listing-store");

    public string Invariant => CatalogInvariants.PostgreSql;
    public string ConnectionString => connectionString;

    public Task PrepareAsync() => RunAsync("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");

    public async Task FillAsync(long bucket, IEnumerable<Row> rows)
    {
        await using var connection = await _source.OpenConnectionAsync();
        await using (var import = await connection.BeginBinaryImportAsync(
            """
            COPY versions (bucket_id, key, version_id, revision, is_current, is_null, is_delete_marker, size, etag, last_modified, part_count,
                attempt_id, owner, properties, tags) FROM STDIN BINARY
            """))
        {
            foreach (var row in rows)
            {
                await import.StartRowAsync();
                await import.WriteAsync(bucket, NpgsqlDbType.Bigint);
                await import.WriteAsync(row.Key, NpgsqlDbType.Text);
                await import.WriteAsync(row.Version, NpgsqlDbType.Bigint);
                await import.WriteAsync(1L, NpgsqlDbType.Bigint);
                await import.WriteAsync(row.IsCurrent, NpgsqlDbType.Boolean);
                await import.WriteAsync(false, NpgsqlDbType.Boolean);
                await import.WriteAsync(row.IsMarker, NpgsqlDbType.Boolean);
                await import.WriteAsync(1000L, NpgsqlDbType.Bigint);
                await import.WriteAsync(RowText.ETag, NpgsqlDbType.Text);
                await import.WriteAsync(1_760_000_000_000_000L, NpgsqlDbType.Bigint);
                await import.WriteAsync(0, NpgsqlDbType.Integer);
                await import.WriteAsync(Guid.NewGuid(), NpgsqlDbType.Uuid);
                await import.WriteAsync("root", NpgsqlDbType.Text);
                await import.WriteAsync(RowText.Properties, NpgsqlDbType.Text);
                await import.WriteAsync("{}", NpgsqlDbType.Text);
            }
            await import.CompleteAsync();
        }
        await RunAsync(
            "INSERT INTO keys SELECT bucket_id, key, max(version_id), max(version_id), 0 FROM versions WHERE bucket_id = $1 GROUP BY 1, 2", bucket);
    }

    public async Task DeleteBeforeAsync(long bucket, string key)
    {
        await RunAsync("DELETE FROM versions WHERE bucket_id = $1 AND key < $2", bucket, key);
        await RunAsync("DELETE FROM keys WHERE bucket_id = $1 AND key < $2", bucket, key);
    }

    public async Task AnalyzeAsync()
    {
        await RunAsync("ANALYZE versions");
        await RunAsync("ANALYZE keys");
    }

    public async Task VacuumAsync()
    {
        await RunAsync("VACUUM (ANALYZE) versions");
        await RunAsync("VACUUM (ANALYZE) keys");
    }

    public Task ClearAsync() => RunAsync("TRUNCATE versions, keys");

    public async Task<long?> BlocksAsync()
    {
        await using var command = _source.CreateCommand(
            "SELECT COALESCE(SUM(shared_blks_hit + shared_blks_read), 0)::bigint FROM pg_stat_statements WHERE query ~ '(versions|keys) [tv]\\M'");
        return (long?)await command.ExecuteScalarAsync();
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    async Task RunAsync(string sql, params object[] values)
    {
        await using var command = _source.CreateCommand(sql);
        foreach (var value in values) command.Parameters.AddWithValue(value);
        await command.ExecuteNonQueryAsync();
    }
}

sealed class SqliteStore(string file) : IStore
{
    readonly SqliteConnection _connection = Open(file);

    public string Invariant => CatalogInvariants.Sqlite;
    public string ConnectionString => $"Data Source={file}";

    public Task FillAsync(long bucket, IEnumerable<Row> rows)
    {
        using var transaction = _connection.BeginTransaction();
        using var command = _connection.CreateCommand();
        command.CommandText =
            $"""
            INSERT INTO versions (bucket_id, key, version_id, revision, is_current, is_null, is_delete_marker, size, etag, last_modified, part_count,
                attempt_id, owner, properties, tags)
            VALUES ({bucket}, $key, $version, 1, $current, 0, $marker, 1000, '{RowText.ETag}', 1760000000000000, 0,
                '{Guid.NewGuid()}', 'root', '{RowText.Properties}', '{"{}"}')
            """;
        var (key, version) = (command.Parameters.Add("$key", SqliteType.Text), command.Parameters.Add("$version", SqliteType.Integer));
        var (current, marker) = (command.Parameters.Add("$current", SqliteType.Integer), command.Parameters.Add("$marker", SqliteType.Integer));
        foreach (var row in rows)
        {
            (key.Value, version.Value, current.Value, marker.Value) = (row.Key, row.Version, row.IsCurrent, row.IsMarker);
            command.ExecuteNonQuery();
        }
        transaction.Commit();
        Run($"INSERT INTO keys SELECT bucket_id, key, max(version_id), max(version_id), 0 FROM versions WHERE bucket_id = {bucket} GROUP BY 1, 2");
        return Task.CompletedTask;
    }

    public Task DeleteBeforeAsync(long bucket, string key)
    {
        foreach (var table in new[] { "versions", "keys" }) Run($"DELETE FROM {table} WHERE bucket_id = {bucket} AND key < '{key}'");
        return Task.CompletedTask;
    }

    public Task AnalyzeAsync() => Task.CompletedTask; // the catalog keeps no statistics on SQLite

    public Task VacuumAsync() => Task.CompletedTask;

    public Task ClearAsync()
    {
        foreach (var table in new[] { "versions", "keys" }) Run($"DELETE FROM {table}");
        return Task.CompletedTask;
    }

    public Task<long?> BlocksAsync() => Task.FromResult<long?>(null);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    static SqliteConnection Open(string file)
    {
        var connection = new SqliteConnection($"Data Source={file};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; PRAGMA busy_timeout = 60000";
        command.ExecuteNonQuery();
        return connection;
    }

    void Run(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
