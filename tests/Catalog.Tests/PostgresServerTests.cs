using Npgsql;
using OrleansDfs.Testing;

namespace OrleansDfs.Catalog.Tests;

public class PostgresServerTests
{
    [SkippableFact]
    public async Task A_private_server_starts_serves_and_stops()
    {
        var server = await PostgresServer.TryStartAsync();
        Skip.If(server is null, PostgresServer.Missing);
        string connectionString;
        await using (server)
        {
            connectionString = await server.CreateDatabaseAsync() + ";Pooling=false";
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync();
        }
        await using var late = new NpgsqlConnection(connectionString);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => late.OpenAsync());
    }
}
