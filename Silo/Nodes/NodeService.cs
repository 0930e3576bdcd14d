using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Silo.Nodes;

/// <summary>
/// What ties the storage node to the cluster once Orleans runs: heartbeats with space and state, the mark of a failed fsync (PROTOCOL P9), seals of
/// chunks that broke here (P8), reconciliation now and then (P28). A node that learns that a later incarnation of it has registered ends its process:
/// two servers of one folder must not be (P1).
/// </summary>
public sealed class NodeService(
    NodeHost host,
    CatalogDatabase catalog,
    IGrainFactory grains,
    SiloOptions options,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<NodeService> log) : BackgroundService
{
    private static readonly TimeSpan ReconcilePeriod = TimeSpan.FromSeconds(60);

    private readonly Heartbeat _heartbeat = new(host.Node, catalog);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        host.Node.ChunkBroken += OnChunkBroken;
        // The first comparison comes at once: repairs that ended while this silo was still joining could not tell it what to serve.
        long? reconciledAt = null;
        using var timer = new PeriodicTimer(options.Heartbeat, time);
        do
        {
            try
            {
                if (!await BeatAsync(stoppingToken)) return;
                await grains.Supervisor().Wake();
                if (reconciledAt is { } at && time.GetElapsedTime(at) < ReconcilePeriod) continue;
                reconciledAt = time.GetTimestamp();
                await host.Reconciler.RunAsync(atStart: false, stoppingToken);
            }
            catch (CatalogException e)
            {
                log.LogWarning("Storage node {Node} cannot reach the catalog: {Reason}", host.Node.Address.Node, e.Message);
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                log.LogDebug("The supervisor was not reached: {Reason}", e.Message);
            }
        }
        while (await WaitAsync(timer, stoppingToken));
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stopping)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<bool> BeatAsync(CancellationToken cancellation)
    {
        if (await _heartbeat.BeatAsync(cancellation)) return true;
        log.LogCritical("A later start of storage node {Node} has registered; this one stops", host.Node.Address.Node);
        lifetime.StopApplication();
        return false;
    }

    private void OnChunkBroken(ChunkId chunk, ChunkStatus cause)
    {
        log.LogWarning("Chunk {Chunk} broke: {Cause}", chunk, cause);
        grains.Chunk(chunk).Seal($"an append failed with {cause}").ContinueWith(
            done => log.LogWarning("Sealing chunk {Chunk} failed; the supervisor will try again: {Reason}",
                chunk, done.Exception!.GetBaseException().Message),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);
    }
}
