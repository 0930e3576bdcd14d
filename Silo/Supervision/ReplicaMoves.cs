using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Replication;
using OrleansDfs.Silo.Nodes;
using PlacementStrategy = OrleansDfs.Replication.Placement.PlacementStrategy;

namespace OrleansDfs.Silo.Supervision;

/// <summary>
/// Carries out what an operator has asked for: empties nodes that leave, levels nodes in a rebalance. The order and what is left are rows of the
/// catalog, so another
/// supervisor goes on where this one dies. A move is a repair (P27) followed by the removal of the old row (P29); dying between the two leaves one
/// replica too many,
/// never one too few. The file itself goes as every file that the catalog does not know: by quarantine, after the grace period (P28).
/// </summary>
public sealed class ReplicaMoves(
    IGrainFactory grains,
    CatalogDatabase catalog,
    Func<NodeAddress, IChunkPeer> peers,
    SiloOptions options,
    TimeProvider time,
    ILogger<ReplicaMoves> log)
{
    private const int LookedAt = 256;
    private const int CopiesAtOnce = 4;
    private const int CopiesPerTarget = 2;
    private static readonly TimeSpan SharesPeriod = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<ChunkId, (NodeId From, NodeId Target, long Bytes)> _running = new();
    private readonly Dictionary<NodeId, ChunkId> _cursors = [];
    private readonly HashSet<NodeId> _emptied = [];
    private Dictionary<NodeId, long> _bytes = [];
    private long _bytesAt;
    private bool _idleCycle;

    /// <summary>Copies under way.</summary>
    public int Running => _running.Count;

    public async Task RunAsync(CancellationToken cancellation)
    {
        var table = await catalog.Nodes.TableAsync(options.NodeTimeout, cancellation);
        foreach (var node in table.Nodes.Where(n => n.State != NodeState.Registered)) await EmptyAsync(node, table.Nodes, cancellation);
        foreach (var node in table.Nodes.Where(n => n.State == NodeState.Registered)) _emptied.Remove(node.Node);
        if (await catalog.Moves.RebalanceAsync(cancellation) is not null) await RebalanceAsync(table.Nodes, cancellation);
    }

    private async Task EmptyAsync(StorageNodeInfo node, IReadOnlyList<StorageNodeInfo> nodes, CancellationToken cancellation)
    {
        var chunks = await PageAsync(node.Node, cancellation);
        if (chunks.Count == 0)
        {
            if (_emptied.Add(node.Node)) log.LogInformation("Storage node {Node} ({Silo}) is empty: the catalog has 0 replicas there", node.Node,
                node.SiloName);
            return;
        }
        _emptied.Remove(node.Node);
        var lately = await catalog.Nodes.TableAsync(options.RepairAfter, cancellation);
        var gone = lately.Nodes.Where(n => !n.Alive).Select(n => n.Node).ToHashSet();
        var plans = LeaveDecision.Next(
            node.Node, chunks, nodes, gone, _running.Keys.ToHashSet(), Writing(), CopiesPerTarget, options.Replicas, PlacementStrategy.Default,
            options.ChunkSize, Random.Shared);
        var wanted = Replication.Placement.PlacementRules.Wanted(options.Replicas, nodes);
        foreach (var plan in plans)
        {
            switch (plan.Step)
            {
                case LeaveStep.Seal:
                    await log.ObserveAsync($"seal of chunk {plan.Chunk}", grains.Chunk(plan.Chunk).Seal($"node {node.Node} leaves"));
                    break;
                case LeaveStep.Drop:
                    await catalog.Chunks.RemoveReplicaAsync(plan.Chunk, plan.From.Epoch, plan.From.State, wanted, cancellation);
                    break;
                case LeaveStep.DropRetired:
                    await DropRetiredAsync(node, new ReplicaFile(plan.Chunk, plan.From.Epoch), cancellation);
                    break;
                case LeaveStep.Copy when _running.Count < CopiesAtOnce:
                    Start(plan.Chunk, plan.From, plan.Target!.Value, plan.Bytes, wanted, counts: false);
                    break;
            }
        }
    }

    private async Task RebalanceAsync(IReadOnlyList<StorageNodeInfo> nodes, CancellationToken cancellation)
    {
        if (_bytesAt == 0 || time.GetElapsedTime(_bytesAt) > SharesPeriod)
        {
            _bytes = (await catalog.Moves.LoadsAsync(null, cancellation)).ToDictionary(l => l.Node, l => l.Bytes);
            _bytesAt = time.GetTimestamp();
            // What runs is counted by its rows only when it is done.
            foreach (var move in _running.Values) Count(move.From, move.Target, move.Bytes);
        }
        var wanted = Replication.Placement.PlacementRules.Wanted(options.Replicas, nodes);
        while (_running.Count < CopiesAtOnce)
        {
            var shares = RebalanceDecision.Shares(nodes, _bytes);
            var move = default(RebalanceMove);
            foreach (var full in RebalanceDecision.Givers(shares))
            {
                var chunks = await PageAsync(full.Node.Node, cancellation);
                move = RebalanceDecision.Next(full, shares, chunks, _running.Keys.ToHashSet());
                if (move is not null) break;
                if (chunks.Count == LookedAt) return; // its next page in the next round
            }
            if (move is null)
            {
                await EndIfIdleAsync(cancellation);
                return;
            }
            _idleCycle = false;
            Count(move.From.Node, move.Target, move.Bytes);
            Start(move.Chunk, move.From, move.Target, move.Bytes, wanted, counts: true);
        }
    }

    /// <summary>Two looks with fresh figures, for a cursor may have stood in the middle of a node.</summary>
    private async Task EndIfIdleAsync(CancellationToken cancellation)
    {
        if (!_running.IsEmpty) return;
        _bytesAt = 0;
        (var again, _idleCycle) = (_idleCycle, true);
        if (!again) return;
        _idleCycle = false;
        if (await catalog.Moves.EndRebalanceAsync(cancellation))
            log.LogInformation("The rebalance is done: no node is fuller than its fair share by a chunk that could move");
    }

    /// <summary>The next page of a node's chunks; after the last one it begins anew.</summary>
    private async Task<IReadOnlyList<ChunkRow>> PageAsync(NodeId node, CancellationToken cancellation)
    {
        var after = _cursors.GetValueOrDefault(node);
        var page = await catalog.Moves.OnNodeAsync(node, after, LookedAt, cancellation);
        if (page.Count == 0 && after.Value > 0) page = await catalog.Moves.OnNodeAsync(node, default, LookedAt, cancellation);
        _cursors[node] = page.Count == LookedAt ? page[^1].Chunk : default;
        return page;
    }

    private Dictionary<NodeId, int> Writing() => _running.Values.GroupBy(m => m.Target).ToDictionary(g => g.Key, g => g.Count());

    private void Count(NodeId from, NodeId target, long bytes)
    {
        _bytes[from] = _bytes.GetValueOrDefault(from) - bytes;
        _bytes[target] = _bytes.GetValueOrDefault(target) + bytes;
    }

    /// <summary>Goes on beside the rounds; what fails is logged and planned again.</summary>
    private void Start(ChunkId chunk, Replica from, NodeId target, long bytes, int wanted, bool counts)
    {
        if (!_running.TryAdd(chunk, (from.Node, target, bytes))) return;
        var move = log.ObserveAsync($"move of chunk {chunk} from node {from.Node} to {target}", MoveAsync(chunk, from, target, wanted, counts));
        move.ContinueWith(_ => _running.TryRemove(chunk, out var _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private async Task MoveAsync(ChunkId chunk, Replica from, NodeId target, int wanted, bool counts)
    {
        var copied = await grains.Chunk(chunk).Repair(target);
        if (copied.Status != DfsStatus.Ok) return;
        var removed = await catalog.Chunks.RemoveReplicaAsync(chunk, from.Epoch, from.State, wanted, CancellationToken.None);
        if (removed && counts) await catalog.Moves.AddMovedAsync(copied.Bytes, CancellationToken.None);
    }

    /// <summary>The file first, then the row (P26). Of a node that is gone for good only the row is left to remove.</summary>
    private async Task DropRetiredAsync(StorageNodeInfo node, ReplicaFile file, CancellationToken cancellation)
    {
        if (!node.Alive && node.State != NodeState.Decommissioned) return;
        if (node.Alive)
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            deadline.CancelAfter(options.CloseDeadline);
            if (await peers(NodeAddress.Of(node)).DeleteAsync(file, deadline.Token) != ChunkStatus.Ok) return;
        }
        await catalog.Chunks.DeleteRetiredAsync(file.Chunk, file.Epoch, cancellation);
    }
}
