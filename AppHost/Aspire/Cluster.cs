using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using OrleansDfs.AppHost.Aspire;
using OrleansDfs.AppHost.Setup;

namespace OrleansDfs.AppHost;

/// <summary>
/// The cluster as an Aspire application. The same entry point exists in <c>Local/</c>; the build compiles one of the two. Names, ports and
/// environment come from <c>Setup/</c> in both, so that a data folder can go from one to the other.
/// </summary>
static class Cluster
{
    /// <summary>Runs until <paramref name="cancel"/>; the exit code.</summary>
    public static async Task<int> RunAsync(Start start, CancellationToken cancel)
    {
        var builder = DistributedApplication.CreateBuilder([.. start.Options.Others]);
        var catalog = await AspireCatalog.ChooseAsync(builder, start, cancel);
        start.Ports.Save();

        var provider = new AdoNetProvider(catalog.Connection, catalog.Invariant);
        var orleans = builder.AddOrleans("cluster")
            .WithClusterId(ClusterPlan.ClusterId)
            .WithServiceId(ClusterPlan.ServiceId)
            .WithClustering(provider)
            .WithGrainStorage("Default", provider)
            .WithReminders(provider);

        // One resource each and not replicas: a silo owns a disk, and replicas would share a proxy.
        List<IResourceBuilder<ProjectResource>> silos = [];
        foreach (var silo in start.Plan.Silos)
        {
            var resource = Host(builder.AddProject<Projects.Silo>(silo.Name, launchProfileName: null), catalog, start)
                .WithReference(orleans)
                .WithHttpEndpoint(name: "http")
                .WithHttpHealthCheck("/health", endpointName: "http");
            if (ClusterEnvironment.HasDashboard(start.Environment))
                resource.WithUrlForEndpoint("http",
                    endpoint => new ResourceUrlAnnotation { Url = endpoint.Url + "/dashboard", DisplayText = "Orleans" });
            silos.Add(With(resource, ClusterEnvironment.Silo(start.Plan, silo, start.Environment)));
        }

        // Unproxied: file bytes need no detour through DCP, and the gateway must know which of its ports is the one for health.
        var gateway = Host(builder.AddProject<Projects.Gateway>("gateway", launchProfileName: null), catalog, start)
            .WithReference(orleans.AsClient())
            .WithHttpEndpoint(port: start.Plan.Gateway.Port, targetPort: start.Plan.Gateway.Port, name: "s3", isProxied: false)
            .WithHttpEndpoint(port: start.Plan.Gateway.HealthPort, targetPort: start.Plan.Gateway.HealthPort, name: "health", isProxied: false)
            .WithHttpHealthCheck("/health", endpointName: "health")
            .WithEndpoint("s3", endpoint => endpoint.IsExternal = true, createIfNotExists: false);
        if (start.Plan.Gateway.Https is { } https)
            gateway.WithHttpsEndpoint(port: https.Port, targetPort: https.Port, name: "s3s", isProxied: false);
        With(gateway, ClusterEnvironment.Gateway(start.Plan, start.Environment));
        foreach (var silo in silos)
            gateway.WaitFor(silo);

        Console.WriteLine($"S3 will be at {start.Plan.Gateway.Url} as soon as the gateway is healthy:\n\n{Instructions.ForShell(start.Plan)}\n");
        await builder.Build().RunAsync(cancel);
        return 0;
    }

    /// <summary>What silos and gateway have in common. Only the connection string of the catalog, which is asked for before the reference.</summary>
    static IResourceBuilder<ProjectResource> Host(IResourceBuilder<ProjectResource> resource, AspireCatalog catalog, Start start)
    {
        resource
            .WithReferenceEnvironment(ReferenceEnvironmentInjectionFlags.ConnectionString)
            .WithReference(catalog.Connection)
            .WithEnvironment("DOTNET_ENVIRONMENT", start.Environment.GetValueOrDefault("DOTNET_ENVIRONMENT", "Production"));
        return catalog.Server is null ? resource : resource.WaitFor(catalog.Server);
    }

    static IResourceBuilder<ProjectResource> With(IResourceBuilder<ProjectResource> resource, Dictionary<string, string> variables)
    {
        foreach (var (name, value) in variables)
            resource.WithEnvironment(name, value);
        return resource;
    }
}
