using Microsoft.Extensions.Hosting;

namespace OrleansDfs.Client;

/// <summary>
/// Gives the open chunks back when the host stops, while silos can still be called: the container is disposed only after the Orleans client has
/// stopped.
/// Hosted services stop in the reverse order of their registration, so this one goes before Orleans and after the web server.
/// </summary>
internal sealed class LeaseFarewell : IHostedService
{
    /// <summary>Set when they are made: a program that wrote nothing has nothing to give back.</summary>
    public DfsConnections? Connections { get; set; }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Connections is { } connections) await connections.Leases.DisposeAsync();
    }
}
