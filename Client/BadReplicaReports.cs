using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Client;

/// <summary>
/// Tells a storage node that a reader met wrong bytes on it. The node looks for itself before anything is done, so a wire that flips bits costs a
/// verification and no replica. One report per replica and minute, a bounded number of replicas.
/// </summary>
internal sealed class BadReplicaReports(IGrainFactory grains, TimeProvider time, ILogger log)
{
    private const int MostRemembered = 4096;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(NodeId, ReplicaFile), long> _reportedAt = new();

    public void Report(BadReplica bad)
    {
        if (bad.Status is not (ChunkStatus.Corrupt or ChunkStatus.IoError or ChunkStatus.Damaged or ChunkStatus.UnknownReplica)) return;
        var file = new ReplicaFile(bad.Chunk, bad.Replica.Epoch);
        var key = (bad.Replica.Node, file);
        var now = time.GetTimestamp();
        if (_reportedAt.TryGetValue(key, out var before) && time.GetElapsedTime(before) < Interval) return;
        if (_reportedAt.Count >= MostRemembered) _reportedAt.Clear();
        _reportedAt[key] = now;
        _ = SendAsync(bad.Replica.Node, file, bad.Status);
    }

    private async Task SendAsync(NodeId node, ReplicaFile file, ChunkStatus status)
    {
        try
        {
            log.LogWarning("Replica {File} on node {Node} failed a reader: {Status}", file, node, status);
            await grains.StorageNode(node).Examine(file.Chunk, file.Epoch);
        }
        catch (Exception e) when (GrainCalls.IsTransient(e))
        {
            log.LogInformation("The bad replica {File} could not be reported; the scrub finds it: {Reason}", file, e.Message);
        }
    }
}
