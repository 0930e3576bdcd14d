using OrleansDfs.Testing;

namespace OrleansDfs.Catalog.Tests;

/// <summary>A fresh database for one test.</summary>
internal abstract class TestDatabase : IAsyncDisposable
{
    public abstract string Invariant { get; }
    public string ConnectionString { get; protected set; } = "";

    /// <summary><c>false</c>: this machine has no such engine.</summary>
    public abstract Task<bool> CreateAsync();

    public abstract ValueTask DisposeAsync();
}

internal sealed class SqliteTestDatabase : TestDatabase
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"orleansdfs-catalog-{Guid.NewGuid():N}");

    public override string Invariant => CatalogInvariants.Sqlite;

    public override Task<bool> CreateAsync()
    {
        Directory.CreateDirectory(_folder);
        ConnectionString = $"Data Source={Path.Combine(_folder, "catalog.db")}";
        return Task.FromResult(true);
    }

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}

internal sealed class PostgresTestDatabase(PostgresFixture fixture) : TestDatabase
{
    public override string Invariant => CatalogInvariants.PostgreSql;

    public override async Task<bool> CreateAsync()
    {
        if (fixture.Server is null) return false;
        ConnectionString = await fixture.Server.CreateDatabaseAsync();
        return true;
    }

    /// <summary>The whole server goes at the end.</summary>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>One PostgreSQL server for all tests of this assembly that need it.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    public PostgresServer? Server { get; private set; }

    /// <summary>The server has <c>pg_stat_statements</c>, which Debian brings with PostgreSQL and others in a package of its own.</summary>
    public bool CountsStatements { get; } = PostgresServer.FindPrograms() is { } programs
        && File.Exists(Path.Combine(programs, "..", "lib", "pg_stat_statements.so"));

    public async Task InitializeAsync() =>
        Server = await PostgresServer.TryStartAsync(CountsStatements ? ["shared_preload_libraries=pg_stat_statements"] : []);

    public async Task DisposeAsync()
    {
        if (Server is not null) await Server.DisposeAsync();
    }
}

[CollectionDefinition(Name)]
public sealed class PostgresCollection : ICollectionFixture<PostgresFixture>
{
    public const string Name = "PostgreSQL";
}
