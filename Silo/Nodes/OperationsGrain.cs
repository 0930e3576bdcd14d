using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.GrainDirectory;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Replication;
using OrleansDfs.Silo.Placement;
using PlacementStrategy = OrleansDfs.Replication.Placement.PlacementStrategy;

namespace OrleansDfs.Silo.Nodes;

/// <summary>
/// An operator's orders, checked and written down; <see cref="Supervision.ReplicaMoves"/> carries them out. Every figure is a catalog query's.
/// </summary>
[StatelessWorker, Reentrant, GrainDirectory(NoDirectory.Name)]
[GrainType("operations")]
public sealed class OperationsGrain(CatalogDatabase catalog, SiloOptions options, TimeProvider time, ILogger<OperationsGrain> log) : Grain,
    IOperationsGrain
{
    private const int PageSize = 1000;

    public async Task<NodeOperation> Drain(NodeId node, bool dryRun)
    {
        if (await FindAsync(node) is not { } found) return Unknown();
        if (dryRun) return new NodeOperation(DfsStatus.Ok, "", await LookAheadAsync(found));
        if (found.State == NodeState.Decommissioned) return Refused("it is decommissioned already");
        await catalog.Moves.SetStateAsync(node, NodeState.Draining);
        log.LogInformation("Storage node {Node} ({Silo}) is to be drained", node, found.SiloName);
        return await DoneAsync(node);
    }

    public Task StartScrub() => catalog.Scrubs.RequestAsync();

    public async Task<NodeScrub[]> ScrubProgress() =>
    [
        .. (await catalog.Scrubs.ProgressAsync(options.Scrub.Period)).Select(p => new NodeScrub(
            p.Node, p.SiloName, p.Replicas, p.Due, p.DueBytes, p.Oldest == DateTimeOffset.UnixEpoch ? null : p.Oldest)),
    ];

    public async Task<NodeOperation> Stay(NodeId node)
    {
        if (await FindAsync(node) is not { } found) return Unknown();
        await catalog.Moves.SetStateAsync(node, NodeState.Registered);
        log.LogInformation("Storage node {Node} ({Silo}) is to stay", node, found.SiloName);
        return await DoneAsync(node);
    }

    public async Task<NodeOperation> Decommission(NodeId node, bool isLost, bool dryRun)
    {
        if (await FindAsync(node) is not { } found) return Unknown();
        if (found.State == NodeState.Decommissioned) return await DoneAsync(node);
        if (!isLost)
        {
            if (found.State != NodeState.Draining) return Refused("it has not been drained; drain it first, or say that its disk is lost");
            if (dryRun) return await DoneAsync(node);
            if (await catalog.Moves.DecommissionDrainedAsync(node)) return await DoneAsync(node);
            var left = (await catalog.Moves.LoadsAsync(node)).Single();
            return Refused($"{left.Replicas} replicas are left on it");
        }
        if (found.Alive) return Refused("it is alive: drain it, or stop its silo if its disk is really lost");
        var ahead = await LookAheadAsync(found);
        if (ahead.OnlyCopies > 0) return new NodeOperation(DfsStatus.Conflict,
            $"{ahead.OnlyCopies} chunks have their only live copy on it: bring it back", ahead);
        if (dryRun) return new NodeOperation(DfsStatus.Ok, "", ahead);
        await catalog.Moves.SetStateAsync(node, NodeState.Decommissioned);
        log.LogWarning("Storage node {Node} ({Silo}) was declared lost with {Replicas} replicas; they are made anew elsewhere", node,
            found.SiloName, ahead.Replicas);
        return await DoneAsync(node);
    }

    public async Task<NodeOperation> Trust(NodeId node)
    {
        if (await FindAsync(node) is not { } found) return Unknown();
        await catalog.Nodes.LiftFsyncFailedAsync(node);
        log.LogWarning("The mark of a failed fsync on storage node {Node} ({Silo}) was lifted", node, found.SiloName);
        return await DoneAsync(node);
    }

    public async Task<RebalanceStatus> Rebalance(bool dryRun)
    {
        var status = await RebalanceProgress();
        if (dryRun || status.IsRunning || status.Left == 0) return status;
        await catalog.Moves.BeginRebalanceAsync(status.Left);
        log.LogInformation("A rebalance begins: {Bytes} bytes over the fair shares", status.Left);
        return await RebalanceProgress();
    }

    public async Task<RebalanceStatus> StopRebalance()
    {
        if (await catalog.Moves.EndRebalanceAsync()) log.LogInformation("The rebalance was stopped");
        return await RebalanceProgress();
    }

    public async Task<NodeProgress[]> Progress()
    {
        var table = await catalog.Nodes.TableAsync(options.NodeTimeout);
        var leaving = table.Nodes.Where(n => n.State != NodeState.Registered).ToList();
        var all = new List<NodeProgress>(leaving.Count);
        foreach (var node in leaving) all.Add(Of(node, (await catalog.Moves.LoadsAsync(node.Node)).Single()));
        return [.. all];
    }

    public async Task<RebalanceStatus> RebalanceProgress()
    {
        var table = await catalog.Nodes.TableAsync(options.NodeTimeout);
        var loads = (await catalog.Moves.LoadsAsync(null)).ToDictionary(l => l.Node, l => l.Bytes);
        var shares = RebalanceDecision.Shares(table.Nodes, loads);
        var left = RebalanceDecision.Planned(shares);
        var row = await catalog.Moves.RebalanceAsync();
        return new RebalanceStatus(
            row is not null, row?.Planned ?? left, row?.Moved ?? 0, left, row?.Since, row is null ? null : TimeLeft(row.Since, row.Moved, left),
            [.. shares.Select(s => new FairShare(s.Node.Node, s.Node.SiloName, s.Bytes, s.Fair))]);
    }

    private async Task<StorageNodeInfo?> FindAsync(NodeId node) =>
        (await catalog.Nodes.TableAsync(options.NodeTimeout)).Nodes.FirstOrDefault(n => n.Node == node);

    private async Task<NodeOperation> DoneAsync(NodeId node) =>
        new(DfsStatus.Ok, "", Of((await FindAsync(node))!, (await catalog.Moves.LoadsAsync(node)).Single()));

    /// <summary>Every chunk of the node is decided as the drain would, on nodes that fill up as it goes.</summary>
    private async Task<NodeProgress> LookAheadAsync(StorageNodeInfo node)
    {
        var table = await catalog.Nodes.TableAsync(options.NodeTimeout);
        var nodes = table.Nodes.Select(n => n.Node == node.Node && n.State == NodeState.Registered ? n with { State = NodeState.Draining } : n)
            .ToList();
        var gone = nodes.Where(n => !n.Alive).Select(n => n.Node).ToHashSet();
        long noTarget = 0, onlyCopies = 0;
        var after = default(ChunkId);
        while (true)
        {
            var page = await catalog.Moves.OnNodeAsync(node.Node, after, PageSize);
            if (page.Count == 0) break;
            after = page[^1].Chunk;
            onlyCopies += page.Count(c => c.SealedLength > 0
                && !c.Replicas.Any(r => r.State == ReplicaState.Live && r.Node != node.Node && !gone.Contains(r.Node)));
            var plans = LeaveDecision.Next(
                node.Node, page, nodes, gone, new HashSet<ChunkId>(), new Dictionary<NodeId, int>(), int.MaxValue, options.Replicas,
                    PlacementStrategy.Default,
                options.ChunkSize, Random.Shared);
            noTarget += plans.Count(p => p.Step == LeaveStep.NoTarget);
            foreach (var filled in plans.Where(p => p.Target is not null).GroupBy(p => p.Target!.Value))
            {
                var at = nodes.FindIndex(n => n.Node == filled.Key);
                nodes[at] = nodes[at] with { FreeBytes = nodes[at].FreeBytes - filled.Sum(p => p.Bytes) };
            }
        }
        return Of(node, (await catalog.Moves.LoadsAsync(node.Node)).Single()) with { NoTarget = noTarget, OnlyCopies = onlyCopies };
    }

    private NodeProgress Of(StorageNodeInfo node, NodeLoad load) => new(
        node.Node, node.SiloName, node.State, node.Alive, load.Replicas, load.Bytes, load.ReplicasThen, load.BytesThen, load.LeavingSince,
        load.LeavingSince is { } since ? TimeLeft(since, load.BytesThen - load.Bytes, load.Bytes) : null, 0, 0);

    /// <summary>At the mean speed so far; <c>null</c> while nothing has moved.</summary>
    private TimeSpan? TimeLeft(DateTimeOffset since, long moved, long left) =>
        left == 0 ? TimeSpan.Zero : moved <= 0 ? null : (time.GetUtcNow() - since) * ((double)left / moved);

    private static NodeOperation Unknown() => new(DfsStatus.NotFound, "there is no such storage node", null);

    private static NodeOperation Refused(string reason) => new(DfsStatus.Conflict, reason, null);
}
