using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using OrleansDfs.Abstractions;
using OrleansDfs.Replication;

namespace OrleansDfs.Client;

/// <summary>How a service gets its <see cref="IDfsClient"/>.</summary>
public static class DfsClientHosting
{
    /// <summary>Gateways of the cluster are looked up so often: a new silo is used soon, a dead one forgotten soon (ORLEANS §4).</summary>
    private static readonly TimeSpan GatewayRefresh = TimeSpan.FromSeconds(5);

    /// <summary>Calls that name no timeout of their own. Short: a call in flight to a dying silo waits for all of it (ORLEANS §0.4).</summary>
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan ConnectPause = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// A program that is only a client: connects to the cluster that the configuration describes (section <c>Orleans</c>: <c>ClusterId</c>,
    /// <c>ServiceId</c>,
    /// <c>Clustering</c> with the ADO.NET provider; <c>OrleansDfs:ClusterSecretFile</c>; <c>OrleansDfs:Client</c> for
    /// <see cref="DfsClientOptions"/>) and registers
    /// <see cref="IDfsClient"/> and <see cref="DfsConnections"/>. Starting the host waits for a silo, at most
    /// <see cref="DfsClientOptions.ConnectTimeout"/>.
    /// </summary>
    public static TBuilder AddOrleansDfsClient<TBuilder>(this TBuilder builder, Action<DfsClientOptions>? configure = null)
        where TBuilder : IHostApplicationBuilder
    {
        builder.UseOrleansClient(client =>
        {
            client.Configure<GatewayOptions>(o => o.GatewayListRefreshPeriod = GatewayRefresh);
            client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = ResponseTimeout);
            client.Services.AddSingleton<IClientConnectionRetryFilter, PatientConnection>();
            client.Services.AddSingleton<GatewayCountChangedHandler>(services => (_, count) =>
            {
                if (count.NumberOfConnectedGateways < count.PreviousNumberOfConnectedGateways) services.GetRequiredService<SiloWatch>().Lost();
            });
            client.Configure<ClientConnectionOptions>(o => o.ConfigureConnection(connection => connection.UseSecured(
                Secure(connection.ApplicationServices),
                connection.ApplicationServices.GetRequiredService<ILogger<ClusterTls>>())));
        });
        // After Orleans, so that it stops before: giving back the open chunks is a call.
        builder.Services.AddOrleansDfsClient(configure);
        return builder;
    }

    /// <summary>Only the client's own services, for a host that has an <c>IClusterClient</c> already: its own Orleans client, or a silo's (ORLEANS
    /// §0.11).</summary>
    public static IServiceCollection AddOrleansDfsClient(this IServiceCollection services, Action<DfsClientOptions>? configure = null)
    {
        services.AddOptions<DfsClientOptions>()
            .Configure<IServiceProvider>((options, provider) =>
            {
                if (provider.GetService<IConfiguration>() is not { } configuration) return;
                options.ClusterSecretFile = configuration["OrleansDfs:ClusterSecretFile"];
                options.ClusterTls = configuration.GetValue("OrleansDfs:ClusterTls", options.ClusterTls);
                configuration.GetSection("OrleansDfs:Client").Bind(options);
            })
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<DfsClientOptions>, SecretIsThere>();
        if (configure is not null) services.Configure(configure);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new ClusterTls(ReadSecret(provider)));
        services.TryAddSingleton<PeerSource>(provider => new TcpPeerSource(
            ReadSecret(provider),
            provider.GetRequiredService<IOptions<DfsClientOptions>>().Value.ClusterTls,
            ChunkPeerOptions.Default,
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<SiloWatch>();
        services.TryAddSingleton(provider => provider.GetRequiredService<DfsConnections>().Grains);
        services.TryAddSingleton<LeaseFarewell>();
        services.AddHostedService(provider => provider.GetRequiredService<LeaseFarewell>());
        services.TryAddSingleton(provider => provider.GetRequiredService<LeaseFarewell>().Connections = Connections(provider));
        services.TryAddSingleton<IDfsClient, DfsClient>();
        services.TryAddSingleton(provider => new DfsOperations(provider.GetRequiredService<IClusterClient>()));
        services.TryAddSingleton(provider =>
            new DfsAccounts(provider.GetRequiredService<IClusterClient>(), provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    private static DfsConnections Connections(IServiceProvider provider)
    {
        var grains = provider.GetRequiredService<IClusterClient>();
        var time = provider.GetRequiredService<TimeProvider>();
        var loggers = provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
        var reports = new BadReplicaReports(grains, time, loggers.CreateLogger<DfsConnections>());
        var options = provider.GetRequiredService<IOptions<DfsClientOptions>>().Value;
        return new DfsConnections(
            grains, options, provider.GetRequiredService<PeerSource>(), time, loggers, provider.GetRequiredService<SiloWatch>())
        { OnBadReplica = reports.Report };
    }

    private static byte[] ReadSecret(IServiceProvider provider) =>
        ClusterSecret.Read(provider.GetRequiredService<IOptions<DfsClientOptions>>().Value.ClusterSecretFile);

    private static SecureStream Secure(IServiceProvider provider)
    {
        var tls = provider.GetRequiredService<ClusterTls>();
        var mode = provider.GetRequiredService<IOptions<DfsClientOptions>>().Value.ClusterTls;
        return (transport, remote, cancellation) => tls.ConnectOrleansAsync(transport, mode.RequiresTls(remote), cancellation);
    }

    /// <summary>A program without the secret stops at its start with one sentence, and does not try for a minute.</summary>
    private sealed class SecretIsThere : IValidateOptions<DfsClientOptions>
    {
        public ValidateOptionsResult Validate(string? name, DfsClientOptions options) =>
            ClusterSecret.Problem(options.ClusterSecretFile) is { } problem ? ValidateOptionsResult.Fail(problem) : ValidateOptionsResult.Success;
    }

    /// <summary>Silos may start after their clients, and all of them may be away for a while.</summary>
    private sealed class PatientConnection(IOptions<DfsClientOptions> options, TimeProvider time, ILogger<DfsConnections> log)
        : IClientConnectionRetryFilter
    {
        private readonly long _started = time.GetTimestamp();

        public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
        {
            if (time.GetElapsedTime(_started) >= options.Value.ConnectTimeout) return false;
            log.LogInformation("No silo can be reached yet: {Reason}", exception.Message);
            await Task.Delay(ConnectPause, time, cancellationToken);
            return true;
        }
    }
}
