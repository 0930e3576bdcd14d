using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansDfs.Catalog;

namespace OrleansDfs.Silo.Nodes;

/// <summary>Runs the scrub beside the storage node.</summary>
public sealed class ScrubService(Scrubber scrubber, TimeProvider time, ILogger<ScrubService> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await scrubber.RunAsync(stoppingToken);
                }
                catch (CatalogException e)
                {
                    log.LogWarning("The scrub waits for the catalog: {Reason}", e.Message);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            log.LogDebug("The scrub stops with its silo");
        }
    }
}
