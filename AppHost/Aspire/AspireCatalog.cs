using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OrleansDfs.AppHost.Setup;

namespace OrleansDfs.AppHost.Aspire;

/// <summary>The catalog as resources: the connection string, and what the silos wait for (null: nothing to wait for).</summary>
sealed record AspireCatalog(IResourceBuilder<IResourceWithConnectionString> Connection, string Invariant, IResourceBuilder<IResource>? Server)
{
    /// <summary>Takes the first kind that this machine has; the choice is kept in the data folder (see Catalog).</summary>
    public static async Task<AspireCatalog> ChooseAsync(IDistributedApplicationBuilder builder, Start start, CancellationToken cancel)
    {
        var candidates = Catalog.Candidates(start.Data, start.Environment);
        foreach (var kind in candidates)
        {
            var (catalog, whyNot) = await AddAsync(kind, builder, start, cancel);
            if (catalog is not null)
            {
                Catalog.Keep(start.Data, kind);
                return catalog;
            }
            if (candidates.Count == 1)
                throw new SetupException($"The catalog '{Catalog.Text(kind)}' cannot be used: {whyNot}.");
            Console.WriteLine($"Catalog: not '{Catalog.Text(kind)}', {whyNot}.");
        }
        throw new SetupException("No catalog can be used.");
    }

    static async Task<(AspireCatalog? Catalog, string? WhyNot)> AddAsync(
        CatalogKind kind, IDistributedApplicationBuilder builder, Start start, CancellationToken cancel)
    {
        switch (kind)
        {
            case CatalogKind.Configured:
                var invariant = Catalog.Invariant(start.Environment[Catalog.ConnectionVariable]);
                return (new AspireCatalog(builder.AddConnectionString(Catalog.Name), invariant, null), null);
            case CatalogKind.Container:
                return await ContainerRuntime.FindAsync(cancel) is null
                    ? (null, "no container runtime (docker or podman) works here")
                    : (Container(builder, start), null);
            case CatalogKind.Postgres:
                var (cluster, noCluster) = await PrivatePostgres.PrepareAsync(start.Data, start.Ports, cancel);
                return cluster is null ? (null, noCluster) : (Programs(builder, start, cluster), null);
            default:
                var file = ReferenceExpression.Create($"{Catalog.SqliteConnectionString(start.Data)}");
                return (new AspireCatalog(builder.AddConnectionString(Catalog.Name, file), Catalog.SqliteInvariant, null), null);
        }
    }

    /// <summary>Name, volume, image, role and password are the local launcher's, so that a data folder can go from one mode to the other.</summary>
    static AspireCatalog Container(IDistributedApplicationBuilder builder, Start start)
    {
        var name = PostgresContainer.NameFor(start.Data.Root);
        var role = builder.AddParameter("postgres-role", PrivatePostgres.Role);
        var password = builder.AddParameter("postgres-password", PostgresPassword.Of(start.Data), secret: true);
        var server = builder.AddPostgres("postgres", role, password)
            .WithImageTag(PostgresContainer.Tag)
            .WithContainerName(name)
            .WithDataVolume(name)
            .WithLifetime(ContainerLifetime.Persistent);
        var database = server.AddDatabase(Catalog.Name, PrivatePostgres.Database);
        return new AspireCatalog(database, Catalog.PostgresInvariant, database);
    }

    static AspireCatalog Programs(IDistributedApplicationBuilder builder, Start start, PrivatePostgres cluster)
    {
        const string Ready = "postgres-ready";
        // The check makes the database too: silos wait for it and find one.
        builder.Services.AddHealthChecks().AddAsyncCheck(Ready, async cancel =>
            await PostgresDatabase.EnsureAsync(cluster.ConnectionString, cancel) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
        IReadOnlyList<string> command = StoppedByTerminate(cluster.Command);
        var server = builder.AddExecutable("postgres", command[0], Path.GetTempPath(), [.. command.Skip(1)])
            .WithEndpoint(port: cluster.Port, targetPort: cluster.Port, scheme: "tcp", name: "tcp", isProxied: false)
            .WithHealthCheck(Ready);
        var password = builder.AddParameter("postgres-password", PostgresPassword.Of(start.Data), secret: true);
        var port = server.GetEndpoint("tcp").Property(EndpointProperty.Port);
        var connection = builder.AddConnectionString(Catalog.Name, ReferenceExpression.Create(
            $"Host=127.0.0.1;Port={port};Username={PrivatePostgres.Role};Password={password.Resource};Database={PrivatePostgres.Database}"));
        return new AspireCatalog(connection, Catalog.PostgresInvariant, server);
    }

    /// <summary>
    /// DCP stops a process with SIGTERM, at which PostgreSQL waits for its clients to leave. A shell in between turns it into SIGINT, the fast
    /// shutdown. Windows has neither; there the next start stops what is left over.
    /// </summary>
    static IReadOnlyList<string> StoppedByTerminate(IReadOnlyList<string> command)
    {
        if (OperatingSystem.IsWindows())
            return command;
        // The first wait ends with the signal, the second one with the program.
        const string Script = """"$@" & program=$!; trap 'kill -INT "$program"' TERM INT; wait "$program"; wait "$program"""";
        return ["/bin/sh", "-c", Script, "sh", .. command];
    }
}
