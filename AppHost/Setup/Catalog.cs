namespace OrleansDfs.AppHost.Setup;

/// <summary>The kinds of catalog, in the order they are tried.</summary>
public enum CatalogKind
{
    /// <summary>An existing database, by the connection string <c>catalog</c>.</summary>
    Configured,

    /// <summary>PostgreSQL in a container.</summary>
    Container,

    /// <summary>PostgreSQL programs of this machine, as a cluster under the data folder.</summary>
    Postgres,

    /// <summary>One SQLite file in the data folder.</summary>
    Sqlite,
}

/// <summary>
/// Which catalog this data folder has. Invariant: the choice is made once and kept in the folder. A machine that has got a container runtime
/// since the first start must not come up with an empty catalog beside nodes full of chunks.
/// </summary>
public static class Catalog
{
    /// <summary>The name of the connection string, and of the resource under Aspire.</summary>
    public const string Name = "catalog";

    public const string ConnectionVariable = "ConnectionStrings__catalog";
    public const string KindVariable = "ORLEANSDFS_CATALOG";

    const string File = "catalog";

    /// <summary>The kinds to try, in order; one alone where it is forced, configured or kept.</summary>
    /// <exception cref="SetupException">An unknown kind, or another than the folder's.</exception>
    public static IReadOnlyList<CatalogKind> Candidates(DataFolder folder, IReadOnlyDictionary<string, string> environment)
    {
        var kept = Kept(folder);
        var wanted = Wanted(environment);
        if (kept is not null && wanted is not null && kept != wanted)
        {
            throw new SetupException(
                $"The data folder {folder.Root} has its catalog in '{Text(kept.Value)}', not in '{Text(wanted.Value)}': "
                + "leave that setting out, or take another folder with --data.");
        }
        if (kept == CatalogKind.Configured && wanted is null)
            throw new SetupException($"The catalog of {folder.Root} is a database of your own: give its connection string in {ConnectionVariable}.");
        return (wanted ?? kept) is { } one ? [one] : [CatalogKind.Container, CatalogKind.Postgres, CatalogKind.Sqlite];
    }

    /// <summary>Keeps the choice, before anything is written to that catalog.</summary>
    public static void Keep(DataFolder folder, CatalogKind kind) => System.IO.File.WriteAllText(folder.Combine(File), Text(kind) + "\n");

    public static CatalogKind? Kept(DataFolder folder)
    {
        var file = folder.Combine(File);
        if (!System.IO.File.Exists(file))
            return null;
        var text = System.IO.File.ReadAllText(file).Trim();
        return Parse(text) ?? throw new SetupException($"{file} names the unknown catalog '{text}'.");
    }

    /// <summary>The invariant that Orleans' ADO.NET providers know the database's client by (Microsoft.Data.Sqlite goes by the older name).</summary>
    public static string Invariant(string connectionString) =>
        connectionString.Contains("Data Source=", StringComparison.OrdinalIgnoreCase)
        && !connectionString.Contains("Host=", StringComparison.OrdinalIgnoreCase)
        && !connectionString.Contains("Server=", StringComparison.OrdinalIgnoreCase)
            ? SqliteInvariant
            : PostgresInvariant;

    public const string SqliteInvariant = "System.Data.SQLite";
    public const string PostgresInvariant = "Npgsql";

    public static string SqliteConnectionString(DataFolder folder) => $"Data Source={folder.Combine("catalog.db")}";

    public static string Text(CatalogKind kind) => kind.ToString().ToLowerInvariant();

    static CatalogKind? Wanted(IReadOnlyDictionary<string, string> environment)
    {
        var text = environment.GetValueOrDefault(KindVariable);
        var isConfigured = !string.IsNullOrWhiteSpace(environment.GetValueOrDefault(ConnectionVariable));
        if (string.IsNullOrWhiteSpace(text))
            return isConfigured ? CatalogKind.Configured : null;
        var kind = Parse(text);
        if (kind is null or CatalogKind.Configured)
            throw new SetupException($"{KindVariable} is 'container', 'postgres' or 'sqlite', not '{text}'.");
        return isConfigured
            ? throw new SetupException($"{KindVariable} and {ConnectionVariable} exclude each other: unset one of them.")
            : kind;
    }

    static CatalogKind? Parse(string text) =>
        Enum.GetValues<CatalogKind>().Where(kind => string.Equals(Text(kind), text, StringComparison.OrdinalIgnoreCase))
            .Select(kind => (CatalogKind?)kind).FirstOrDefault();
}
