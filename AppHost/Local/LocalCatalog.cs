using OrleansDfs.AppHost.Setup;

namespace OrleansDfs.AppHost.Local;

/// <summary>The catalog that was chosen: how to reach it, and the child process that serves it if it is ours to run.</summary>
sealed record LocalCatalog(string ConnectionString, string Description, ResourceSpec? Server)
{
    const string ServerName = "postgres";

    // PostgreSQL's fast shutdown takes a fraction of a second; a container's somewhat more.
    static readonly TimeSpan _stopGrace = TimeSpan.FromSeconds(3);

    public string Invariant => Catalog.Invariant(ConnectionString);

    /// <summary>Takes the first kind that this machine has, and says why others were passed over.</summary>
    /// <exception cref="SetupException">The only kind allowed is not to be had.</exception>
    public static async Task<LocalCatalog> ChooseAsync(
        DataFolder data, Ports ports, IReadOnlyDictionary<string, string> environment, Terminal terminal, CancellationToken cancel)
    {
        var candidates = Catalog.Candidates(data, environment);
        foreach (var kind in candidates)
        {
            var (catalog, whyNot) = await PrepareAsync(kind, data, ports, environment, cancel);
            if (catalog is not null)
            {
                Catalog.Keep(data, kind);
                return catalog;
            }
            if (candidates.Count == 1)
                throw new SetupException($"The catalog '{Catalog.Text(kind)}' cannot be used: {whyNot}.");
            terminal.Say($"Catalog: not '{Catalog.Text(kind)}', {whyNot}.");
        }
        throw new SetupException("No catalog can be used.");
    }

    static async Task<(LocalCatalog? Catalog, string? WhyNot)> PrepareAsync(
        CatalogKind kind, DataFolder data, Ports ports, IReadOnlyDictionary<string, string> environment, CancellationToken cancel)
    {
        switch (kind)
        {
            case CatalogKind.Configured:
                return (new LocalCatalog(environment[Catalog.ConnectionVariable], "the configured connection string", null), null);
            case CatalogKind.Container:
                var (container, noContainer) = await PostgresContainer.PrepareAsync(data, ports, cancel);
                return container is null
                    ? (null, noContainer)
                    : (Served(container.ConnectionString, container.Description, container.Port, container.Command, container.Environment), null);
            case CatalogKind.Postgres:
                var (cluster, noCluster) = await PrivatePostgres.PrepareAsync(data, ports, cancel);
                return cluster is null
                    ? (null, noCluster)
                    : (Served(cluster.ConnectionString, cluster.Description, cluster.Port, cluster.Command, new Dictionary<string, string>()), null);
            default:
                return (new LocalCatalog(Catalog.SqliteConnectionString(data), "SQLite, " + data.Combine("catalog.db"), null), null);
        }
    }

    static LocalCatalog Served(
        string connectionString, string description, int port, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment) =>
        new(connectionString, description, new ResourceSpec
        {
            Name = ServerName,
            Command = ChildProcess.BoundToStdin(command),
            Environment = environment,
            Url = $"postgres://127.0.0.1:{port}",
            IsHealthy = cancel => PostgresDatabase.EnsureAsync(connectionString, cancel),
            StopGrace = _stopGrace,
        });
}
