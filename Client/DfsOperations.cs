using Orleans;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Client;

/// <summary>
/// What an operator does with storage nodes, for programs: drain, decommission, replace, rebalance. Each order is written down in the catalog and
/// carried out by the cluster;
/// ask for the progress as often as you like. Every method throws <see cref="DfsException"/> with the reason when an order is refused.
/// </summary>
public sealed class DfsOperations(IClusterClient client)
{
    /// <summary>Empties a node; with <paramref name="dryRun"/> only says what would move and whether it can end. Asked again it goes on.</summary>
    public Task<NodeProgress> DrainAsync(NodeId node, bool dryRun = false) => Take(Grain.Drain(node, dryRun));

    /// <summary>Stops a drain, or takes a decommissioned node back.</summary>
    public Task<NodeProgress> StayAsync(NodeId node) => Take(Grain.Stay(node));

    /// <summary>Takes a drained, empty node out for good; or a dead one whose disk is lost.</summary>
    public Task<NodeProgress> DecommissionAsync(NodeId node, bool isLost = false, bool dryRun = false) =>
        Take(Grain.Decommission(node, isLost, dryRun));

    /// <summary>Lifts the mark of a failed fsync (PROTOCOL P9).</summary>
    public Task<NodeProgress> TrustAsync(NodeId node) => Take(Grain.Trust(node));

    /// <summary>
    /// Puts <paramref name="with"/> in the place of <paramref name="old"/>: a living node is drained, a dead one is declared lost. Refused unless
    /// the new one is there, takes bytes
    /// and has room for what the old one holds.
    /// </summary>
    public async Task<NodeProgress> ReplaceAsync(NodeId old, NodeId with, bool dryRun = false)
    {
        var nodes = (await client.Cluster().Nodes()).Table.Nodes;
        var from = nodes.FirstOrDefault(n => n.Node == old) ?? throw new DfsException(DfsStatus.NotFound, $"There is no storage node {old}.");
        var to = nodes.FirstOrDefault(n => n.Node == with) ?? throw new DfsException(DfsStatus.NotFound, $"There is no storage node {with}.");
        if (old == with) throw new DfsException(DfsStatus.Conflict, "A node cannot replace itself.");
        if (to is not { Alive: true, State: NodeState.Registered, ReadOnly: false, FsyncFailed: false })
            throw new DfsException(DfsStatus.Conflict, $"Storage node {with} ({to.SiloName}) cannot take bytes now.");
        var ahead = from.Alive ? await DrainAsync(old, dryRun: true) : await DecommissionAsync(old, isLost: true, dryRun: true);
        if (to.FreeBytes < ahead.Bytes) throw new DfsException(DfsStatus.Conflict,
            $"Storage node {with} has {to.FreeBytes} bytes free; {ahead.Bytes} are on {old}.");
        if (dryRun) return ahead;
        return from.Alive ? await DrainAsync(old) : await DecommissionAsync(old, isLost: true);
    }

    /// <summary>Nodes that leave or have left, with what is left on them.</summary>
    public Task<NodeProgress[]> ProgressAsync() => Grain.Progress();

    /// <summary>Levels the nodes; with <paramref name="dryRun"/> only says what would move.</summary>
    public Task<RebalanceStatus> RebalanceAsync(bool dryRun = false) => Grain.Rebalance(dryRun);

    public Task<RebalanceStatus> StopRebalanceAsync() => Grain.StopRebalance();

    public Task<RebalanceStatus> RebalanceProgressAsync() => Grain.RebalanceProgress();

    /// <summary>Has every node read all its sealed replicas again, beginning now.</summary>
    public Task StartScrubAsync() => Grain.StartScrub();

    /// <summary>How far the scrub of each node is.</summary>
    public Task<NodeScrub[]> ScrubProgressAsync() => Grain.ScrubProgress();

    private IOperationsGrain Grain => client.Operations();

    private static async Task<NodeProgress> Take(Task<NodeOperation> call)
    {
        var done = await call;
        return done.Status == DfsStatus.Ok ? done.Progress! : throw new DfsException(done.Status, $"Refused: {done.Explanation}.");
    }
}
