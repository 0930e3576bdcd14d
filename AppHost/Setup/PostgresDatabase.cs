using Npgsql;

namespace OrleansDfs.AppHost.Setup;

/// <summary>Waits for a PostgreSQL server and makes the catalog's database. The tables are the silos' business.</summary>
public static class PostgresDatabase
{
    /// <summary>
    /// True if the server accepts connections to the database, which is made if the server has none of that name. False while the server
    /// starts, recovers or is away: a silo started then would end at once, so the launcher asks again.
    /// </summary>
    /// <exception cref="SetupException">The server answers and refuses us: waiting will not help.</exception>
    public static async Task<bool> EnsureAsync(string connectionString, CancellationToken cancel)
    {
        var settings = Settings(connectionString);
        try
        {
            await using var connection = new NpgsqlConnection(settings.ConnectionString);
            await connection.OpenAsync(cancel);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            return await CreateAsync(settings, cancel);
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("28", StringComparison.Ordinal))
        {
            throw new SetupException($"The catalog's PostgreSQL refuses user '{settings.Username}' ({e.MessageText}): check its connection string.",
                e);
        }
        catch (Exception e) when (IsNotReady(e))
        {
            return false;
        }
    }

    static async Task<bool> CreateAsync(NpgsqlConnectionStringBuilder settings, CancellationToken cancel)
    {
        var name = settings.Database!;
        settings.Database = "postgres";
        try
        {
            await using var connection = new NpgsqlConnection(settings.ConnectionString);
            await connection.OpenAsync(cancel);
            await using var command = connection.CreateCommand();
            command.CommandText = $"CREATE DATABASE \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\" ENCODING 'UTF8' TEMPLATE template0";
            await command.ExecuteNonQueryAsync(cancel);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DuplicateDatabase)
        {
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new SetupException($"The database '{name}' does not exist and user '{settings.Username}' may not create it: create it first.", e);
        }
        catch (Exception e) when (IsNotReady(e))
        {
            return false;
        }
    }

    static NpgsqlConnectionStringBuilder Settings(string connectionString)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString) { Timeout = 5, CommandTimeout = 30, Pooling = false };
        }
        catch (ArgumentException e)
        {
            throw new SetupException($"The connection string 'catalog' is not one of PostgreSQL ({e.Message}).", e);
        }
    }

    static bool IsNotReady(Exception e) => e is NpgsqlException or TimeoutException or IOException;
}
