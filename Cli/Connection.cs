using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansDfs.Client;

namespace OrleansDfs.Cli;

/// <summary>The way to the cluster could not be found; the message is one sentence with what to do.</summary>
internal sealed class ConnectionException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A client of the cluster that the settings name.</summary>
internal sealed class Connection : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly IHost _host;

    private Connection(IHost host) => _host = host;

    public IDfsClient Client => _host.Services.GetRequiredService<IDfsClient>();

    public DfsOperations Operations => _host.Services.GetRequiredService<DfsOperations>();

    public DfsAccounts Accounts => _host.Services.GetRequiredService<DfsAccounts>();

    /// <summary>The settings: the file named, else <c>client.json</c> of the data folder, else the environment. Same keys in all three.</summary>
    public static IConfiguration Settings(Source source)
    {
        if (source.Config is { } config && !File.Exists(config)) throw new ConnectionException($"There is no file '{config}'.");
        var file = source.Config ?? Path.Combine(source.Data, "client.json");
        var builder = new ConfigurationBuilder();
        if (File.Exists(file)) builder.AddJsonFile(Path.GetFullPath(file));
        else builder.AddEnvironmentVariables();
        IConfiguration settings;
        try
        {
            settings = builder.Build();
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new ConnectionException($"The settings in '{file}' cannot be read: {(e.InnerException ?? e).Message}", e);
        }
        if (settings["Orleans:Clustering:ProviderType"] is null)
        {
            throw new ConnectionException(
                File.Exists(file)
                    ? $"'{file}' names no cluster: it has no Orleans:Clustering section."
                    : $"No cluster is known: there is no '{file}'. Start one with 'dotnet run --project AppHost', "
                        + "or name its folder with --data or its settings with --config.");
        }
        return settings;
    }

    public static async Task<Connection> OpenAsync(Source source, CancellationToken cancellation)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "odfs" });
        builder.Configuration.AddConfiguration(Settings(source));
        builder.Logging.ClearProviders();
        builder.AddOrleansDfsClient(options =>
        {
            options.ConnectTimeout = Patience;
            // A program of one command keeps no chunks in reserve: each that it opens has to be sealed when it ends.
            (options.SharedChunks, options.SpareChunks) = (1, 0);
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync(cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            host.Dispose();
            throw new ConnectionException($"The cluster does not answer: {e.GetBaseException().Message}", e);
        }
        return new Connection(host);
    }

    public async ValueTask DisposeAsync()
    {
        // The open chunks first: giving them back is a call to the cluster, which the host's stop disconnects from.
        await _host.Services.GetRequiredService<DfsConnections>().DisposeAsync();
        await _host.StopAsync();
        _host.Dispose();
    }
}
