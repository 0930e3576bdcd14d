using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Schema;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Tests;

/// <summary>Migrations, users, and what an opened catalog refuses.</summary>
public abstract class OpeningContract : CatalogContract
{
    [SkippableFact]
    public async Task Opening_again_and_at_once_finds_the_same_cluster()
    {
        Need();
        await BucketAsync();
        var opened = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => OpenAsync()));
        foreach (var catalog in opened)
        {
            Assert.Equal(Catalog.ClusterId, catalog.ClusterId);
            Assert.NotNull(await catalog.Buckets.FindAsync(BucketName.Parse("bucket")));
            await catalog.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task A_fresh_database_that_several_processes_open_is_made_once()
    {
        Need();
        await using var fresh = Fresh();
        Assert.True(await fresh.CreateAsync());
        var options = new CatalogOptions { Invariant = fresh.Invariant, ConnectionString = fresh.ConnectionString, MaxPoolSize = 4 };
        var opened = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => CatalogDatabase.OpenAsync(options, TimeProvider.System))));
        Assert.Single(opened.Select(c => c.ClusterId).Distinct());
        foreach (var catalog in opened) await catalog.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_newer_schema_is_refused_with_one_sentence()
    {
        Need();
        await Catalog.Engine.WriteAsync(s => s.ExecuteAsync("UPDATE settings SET value = '99' WHERE name = 'schema_version'"));
        var refused = await Assert.ThrowsAsync<CatalogUnusableException>(() => OpenAsync());
        Assert.Contains("schema version 99", refused.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task The_first_secret_is_the_clusters()
    {
        Need();
        Assert.True(await Catalog.IsSecretMarkAsync("first"));
        Assert.False(await Catalog.IsSecretMarkAsync("second"));
        Assert.True(await Catalog.IsSecretMarkAsync("first"));
    }

    [SkippableFact]
    public async Task Configured_users_come_and_go_with_the_configuration()
    {
        Need();
        var root = new UserInfo("root", "root@example.com", true);
        var anna = new UserInfo("anna", "anna@example.com", false);
        await Catalog.Users.UpsertConfiguredAsync([new(root, "ROOT", [1, 2, 3]), new(anna, "ANNA", [4]), new(anna, "ANNA2", [5])]);
        Assert.Equal([anna, root], await Catalog.Users.ListAsync());
        var found = (await Catalog.Users.FindByAccessKeyAsync("ROOT"))!;
        Assert.Equal(root, found.User);
        Assert.Equal([1, 2, 3], found.WrappedSecret);
        await Catalog.Users.UpsertConfiguredAsync([new(root, "ROOT", [9]), new(anna with { Email = "new@example.com" }, "ANNA2", [5])]);
        Assert.Null(await Catalog.Users.FindByAccessKeyAsync("ANNA"));
        Assert.Equal([9], (await Catalog.Users.FindByAccessKeyAsync("ROOT"))!.WrappedSecret);
        Assert.Equal("new@example.com", (await Catalog.Users.FindAsync("anna"))!.Email);
        Assert.Null(await Catalog.Users.FindAsync("none"));
    }

    [SkippableTheory]
    [InlineData(1)]
    public async Task A_catalog_of_every_released_schema_opens_with_what_it_held(int version)
    {
        Need();
        await using var fresh = Fresh();
        Assert.True(await fresh.CreateAsync());
        var options = new CatalogOptions { Invariant = fresh.Invariant, ConnectionString = fresh.ConnectionString, MaxPoolSize = 4 };
        Guid id;
        await using (var old = EngineOf(options))
        {
            id = await old.WriteAsync(s => Migrations.RunAsync(s, version));
            await old.WriteAsync(s => s.ExecuteAsync(
                "INSERT INTO buckets (id, name, revision, owner, region, created, versioning, object_lock) " +
                    "VALUES (7, 'kept', 3, 'root', 'us-east-1', 1000000, 1, @no)", ("no", false)));
        }
        await using var opened = await CatalogDatabase.OpenAsync(options, TimeProvider.System);
        Assert.Equal(id, opened.ClusterId);
        var bucket = (await opened.Buckets.FindAsync(BucketName.Parse("kept")))!;
        Assert.Equal((7L, "root", Versioning.Enabled), (bucket.Id, bucket.Owner, bucket.Versioning));
    }

    private static Engine EngineOf(CatalogOptions options) =>
        options.Invariant == CatalogInvariants.Sqlite ? new SqliteEngine(options, TimeProvider.System) : new PostgresEngine(options);

    private protected abstract TestDatabase Fresh();
}

public sealed class SqliteOpeningTests : OpeningContract
{
    internal override TestDatabase Database { get; } = new SqliteTestDatabase();

    private protected override TestDatabase Fresh() => new SqliteTestDatabase();
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresOpeningTests(PostgresFixture fixture) : OpeningContract
{
    internal override TestDatabase Database { get; } = new PostgresTestDatabase(fixture);

    private protected override TestDatabase Fresh() => new PostgresTestDatabase(fixture);

    [SkippableFact]
    public async Task A_database_that_is_not_there_is_waited_for_and_then_told()
    {
        Need();
        var missing = await Assert.ThrowsAsync<CatalogUnavailableException>(() => OpenAsync(o => o with
        {
            ConnectionString = fixture.Server!.ConnectionString("nowhere"),
            WaitForDatabase = TimeSpan.FromMilliseconds(300),
        }));
        Assert.Contains("did not answer within", missing.Message, StringComparison.Ordinal);
    }
}
