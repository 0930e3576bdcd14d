using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using OrleansDfs.Catalog;
using OrleansDfs.Client;
using OrleansDfs.Gateway;
using OrleansDfs.ServiceDefaults;
using OrleansDfs.Silo;

namespace OrleansDfs.Embedded;

/// <summary>
/// Silo, storage node and S3 gateway in one process, with the catalog in SQLite: the single-binary server, and the server that tests start. One node
/// means one copy of the bytes: what it acknowledges survives any crash of the process and the machine, not the loss of the disk.
/// </summary>
/// <example><code>
/// await using var server = await EmbeddedServer.StartAsync(new EmbeddedOptions { Directory = folder, Port = 0 });
/// var s3 = new AmazonS3Client(server.AccessKey, server.SecretKey, new AmazonS3Config { ServiceURL = server.Endpoint.ToString(), ForcePathStyle =
/// true });
/// </code></example>
public sealed class EmbeddedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly SiloHost _silo;
    private readonly ILoggerFactory _loggers;

    private EmbeddedServer(WebApplication app, SiloHost silo, ILoggerFactory loggers, EmbeddedSecrets secrets)
    {
        (_app, _silo, _loggers) = (app, silo, loggers);
        (AccessKey, SecretKey) = (secrets.AccessKey, secrets.SecretKey);
        Endpoints = [.. app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Select(address =>
            new Uri(address.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("[::]", "127.0.0.1", StringComparison.Ordinal)))];
    }

    /// <summary>Where S3 is answered: the first address.</summary>
    public Uri Endpoint => Endpoints[0];

    /// <summary>All of them; the setting <c>urls</c> may name several, HTTPS too.</summary>
    public IReadOnlyList<Uri> Endpoints { get; }

    /// <summary>The root user's.</summary>
    public string AccessKey { get; }

    public string SecretKey { get; }

    /// <summary>For tests and programs that want <see cref="IDfsClient"/> or grains in the same process.</summary>
    public IServiceProvider Services => _app.Services;

    /// <exception cref="SiloStartException">Something that the operator has to put right; the message says what.</exception>
    public static async Task<EmbeddedServer> StartAsync(EmbeddedOptions options, CancellationToken cancellation = default)
    {
        Directory.CreateDirectory(options.Directory);
        var secrets = EmbeddedSecrets.Load(options);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = typeof(EmbeddedServer).Assembly.GetName().Name });
        builder.Configuration.AddInMemoryCollection(Configuration(options, secrets));
        builder.Configuration.AddInMemoryCollection(options.Settings);
        builder.AddServiceDefaults();
        if (!options.Log) builder.Logging.ClearProviders();
        var loggers = options.Log ? LineConsole.CreateLoggers(builder.Configuration) : LoggerFactory.Create(_ => { });
        if (options.LogProvider is { } sink)
        {
            builder.Logging.AddProvider(sink);
            loggers.AddProvider(sink);
        }
        var silo = await SiloHost.OpenAsync(builder.Configuration, loggers, TimeProvider.System, cancellation);
        try
        {
            builder.AddOrleansDfsSilo(silo);
            builder.Services.AddOrleansDfsClient();
            builder.AddOrleansDfsGateway();
            var app = builder.Build();
            app.MapOrleansDfsGateway();
            await app.StartAsync(cancellation);
            ClientFile.Write(options.Directory, builder.Configuration);
            return new EmbeddedServer(app, silo, loggers, secrets);
        }
        catch
        {
            await silo.DisposeAsync();
            loggers.Dispose();
            throw;
        }
    }

    /// <summary>Ends when the process is told to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellation = default) => _app.WaitForShutdownAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _silo.DisposeAsync();
        _loggers.Dispose();
    }

    private static Dictionary<string, string?> Configuration(EmbeddedOptions options, EmbeddedSecrets secrets)
    {
        var settings = new Dictionary<string, string?>
        {
            ["urls"] = $"http://{options.Address}:{options.Port.ToString(CultureInfo.InvariantCulture)}",
            ["ConnectionStrings:catalog"] = $"Data Source={Path.Combine(Path.GetFullPath(options.Directory), "catalog.db")}",
            ["Orleans:ClusterId"] = "orleansdfs",
            ["Orleans:ServiceId"] = "orleansdfs",
            ["Orleans:Name"] = "embedded",
            ["Orleans:Endpoints:AdvertisedIPAddress"] = "127.0.0.1",
            ["Orleans:Endpoints:SiloPort"] = FreePort(),
            ["Orleans:Endpoints:GatewayPort"] = FreePort(),
            ["OrleansDfs:Node:Directory"] = Path.Combine(options.Directory, "node"),
            ["OrleansDfs:Node:Endpoint"] = "127.0.0.1:0",
            ["OrleansDfs:Node:Domain"] = "embedded",
            ["OrleansDfs:ClusterSecretFile"] = secrets.ClusterSecretFile,
            ["OrleansDfs:RootAccessKey"] = secrets.AccessKey,
            ["OrleansDfs:RootSecretKey"] = secrets.SecretKey,
        };
        foreach (var section in new[] { "Clustering", "GrainStorage:Default", "Reminders" })
        {
            settings[$"Orleans:{section}:ProviderType"] = "AdoNet";
            settings[$"Orleans:{section}:Invariant"] = CatalogInvariants.Sqlite;
            settings[$"Orleans:{section}:ConnectionName"] = "catalog";
        }
        return settings;
    }

    /// <summary>Below Linux's ephemeral range, where an outgoing connection cannot take it first.</summary>
    private static string FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20000, 32000);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port.ToString(CultureInfo.InvariantCulture);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                continue; // somebody else's
            }
        }
    }
}
