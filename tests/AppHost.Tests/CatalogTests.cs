using OrleansDfs.AppHost.Setup;

namespace OrleansDfs.AppHost.Tests;

public class CatalogTests
{
    static readonly Dictionary<string, string> _nothing = [];

    [Fact]
    public void The_order_is_container_programs_SQLite()
    {
        using var temporary = new TemporaryFolder();
        using var data = DataFolder.Take(temporary.Path);
        Assert.Equal([CatalogKind.Container, CatalogKind.Postgres, CatalogKind.Sqlite], Catalog.Candidates(data, _nothing));
        Assert.Equal([CatalogKind.Configured], Catalog.Candidates(data, Given("ConnectionStrings__catalog", "Host=db")));
        Assert.Equal([CatalogKind.Sqlite], Catalog.Candidates(data, Given("ORLEANSDFS_CATALOG", "SQLite")));
    }

    [Fact]
    public void A_folders_choice_is_kept_and_another_is_refused()
    {
        using var temporary = new TemporaryFolder();
        using var data = DataFolder.Take(temporary.Path);
        Catalog.Keep(data, CatalogKind.Postgres);
        Assert.Equal([CatalogKind.Postgres], Catalog.Candidates(data, _nothing));
        Assert.Throws<SetupException>(() => Catalog.Candidates(data, Given("ORLEANSDFS_CATALOG", "sqlite")));
        Assert.Throws<SetupException>(() => Catalog.Candidates(data, Given("ConnectionStrings__catalog", "Host=db")));
    }

    [Fact]
    public void A_folder_with_a_configured_catalog_does_not_start_without_it()
    {
        using var temporary = new TemporaryFolder();
        using var data = DataFolder.Take(temporary.Path);
        Catalog.Keep(data, CatalogKind.Configured);
        Assert.Contains("ConnectionStrings__catalog", Assert.Throws<SetupException>(() => Catalog.Candidates(data, _nothing)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mysql")]
    [InlineData("configured")]
    public void An_unknown_kind_is_refused(string kind)
    {
        using var temporary = new TemporaryFolder();
        using var data = DataFolder.Take(temporary.Path);
        Assert.Throws<SetupException>(() => Catalog.Candidates(data, Given("ORLEANSDFS_CATALOG", kind)));
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=5432;Database=x", "Npgsql")]
    [InlineData("Server=db;Database=x", "Npgsql")]
    [InlineData("Data Source=/d/catalog.db", "System.Data.SQLite")]
    public void The_invariant_follows_the_connection_string(string connectionString, string invariant) =>
        Assert.Equal(invariant, Catalog.Invariant(connectionString));

    static Dictionary<string, string> Given(string name, string value) => new() { [name] = value };
}
