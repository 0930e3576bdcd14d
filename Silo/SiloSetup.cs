using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Runtime.Hosting;
using Orleans.Storage;
using OrleansDfs.Abstractions;
using OrleansDfs.Replication;
using OrleansDfs.Silo.Chunks;
using OrleansDfs.Silo.Files;
using OrleansDfs.Silo.Hosting;
using OrleansDfs.Silo.Lifecycle;
using OrleansDfs.Silo.Nodes;
using OrleansDfs.Silo.Placement;
using OrleansDfs.Silo.Supervision;

namespace OrleansDfs.Silo;

/// <summary>The one way in which a silo is put together; its own <c>Program</c> and the embedded server both call it.</summary>
public static class SiloSetup
{
    public const string DashboardPath = "/dashboard";

    /// <summary>
    /// Adds grains, placement directors, the storage node and Orleans itself. Clustering, grain storage, reminders, endpoints and the silo's name
    /// come from the configuration section <c>Orleans</c>, as Aspire and the launcher write it.
    /// </summary>
    public static void AddOrleansDfsSilo(this IHostApplicationBuilder builder, SiloHost host)
    {
        var services = builder.Services;
        services.AddSingleton(host.Options);
        services.AddSingleton(host.Catalog);
        services.AddSingleton(host.Vault);
        services.AddSingleton(host.Keys);
        services.AddSingleton(host.Peers);
        services.AddSingleton(host.Identity);
        services.AddSingleton(host.Identity.Tls);
        services.AddSingleton<Func<NodeAddress, IChunkPeer>>(host.Peers.Get);
        services.AddSingleton(host.Node);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<NodeBook>();
        services.AddSingleton(new NearPages(host.Node.Node, TimeProvider.System));
        services.AddSingleton<SiloNames>();
        services.AddSingleton<Suspects>();
        services.AddSingleton<ChunkOpener>();
        services.AddSingleton<ChunkSealer>();
        services.AddSingleton<ChunkRepairer>();
        services.AddSingleton<ReplicaMoves>();
        services.AddSingleton<ChunkCompactor>();
        services.AddSingleton(provider => new ReplicaExaminer(
            host.Catalog, provider.GetRequiredService<NodeBook>(), host.Node.Node, host.Peers.Get,
            new ByteRate(host.Options.Scrub.BytesPerSecond, TimeProvider.System), provider.GetRequiredService<ILogger<ReplicaExaminer>>()));
        services.AddSingleton(provider => new Scrubber(
            host.Catalog, provider.GetRequiredService<ReplicaExaminer>(), host.Node.Node.Address.Node, host.Options, TimeProvider.System));
        services.AddSingleton<GarbageSweep>();
        services.AddSingleton<ReplicaTrim>();
        services.AddSingleton<SupervisorRound>();
        services.AddSingleton<CompactionRound>();
        services.AddSingleton<LifecycleRound>();
        services.AddSingleton<IGrainStorageSerializer, JsonStateSerializer>();

        // Orleans' providers get deadlines and a connection pool of their own beside the catalog's.
        builder.Configuration.AddInMemoryCollection(
            new[] { "Clustering", "GrainStorage:Default", "Reminders" }.Select(
                section => KeyValuePair.Create($"Orleans:{section}:ConnectionString", (string?)host.Catalog.OrleansConnectionString)));
        builder.UseOrleans(silo =>
        {
            silo.AddPlacementDirector<StorageNodePlacement, StorageNodePlacementDirector>();
            silo.AddPlacementDirector<ChunkPlacement, ChunkPlacementDirector>();
            silo.AddGrainDirectory(NoDirectory.Name, (_, _) => new NoDirectory());
            silo.AddIncomingGrainCallFilter<CatalogFailures>();
            if (host.Options.Dashboard) silo.AddDashboard();
            silo.Configure<ClusterMembershipOptions>(membership =>
            {
                // Between Orleans' defaults (a stalled silo is declared dead after a minute) and what a busy two-core machine takes for a death.
                membership.ProbeTimeout = TimeSpan.FromSeconds(2);
                membership.TableRefreshTimeout = TimeSpan.FromSeconds(10);
                membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
            });
            silo.Configure<SiloConnectionOptions>(connections =>
            {
                connections.ConfigureSiloInboundConnection(Accept);
                connections.ConfigureGatewayInboundConnection(Accept);
                connections.ConfigureSiloOutboundConnection(Connect);
            });
            silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(10));
        });

        services.AddHostedService<NodeService>();
        services.AddHostedService<ScrubService>();
        services.AddHealthChecks().AddCheck<SiloHealth>("silo");
    }

    private static void Accept(IConnectionBuilder connection)
    {
        var cluster = connection.ApplicationServices.GetRequiredService<ClusterIdentity>();
        connection.UseSecured(
            (transport, remote, cancellation) =>
                cluster.Tls.AcceptOrleansAsync(transport, cluster.RequiresTls(remote), cancellation), Log(connection));
    }

    private static void Connect(IConnectionBuilder connection)
    {
        var cluster = connection.ApplicationServices.GetRequiredService<ClusterIdentity>();
        connection.UseSecured(
            (transport, remote, cancellation) =>
                cluster.Tls.ConnectOrleansAsync(transport, cluster.RequiresTls(remote), cancellation), Log(connection));
    }

    private static ILogger Log(IConnectionBuilder connection) => connection.ApplicationServices.GetRequiredService<ILogger<ClusterTls>>();

    /// <summary>The Orleans dashboard, for those who know the root key.</summary>
    public static void MapOrleansDfsSilo(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<SiloOptions>().Dashboard) return;
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments(DashboardPath),
            dashboard => dashboard.UseMiddleware<RootOnly>());
        app.MapOrleansDashboard(DashboardPath);
    }
}
