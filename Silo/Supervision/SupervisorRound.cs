using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Replication;
using OrleansDfs.Replication.Placement;
using PlacementStrategy = OrleansDfs.Replication.Placement.PlacementStrategy;

namespace OrleansDfs.Silo.Supervision;

/// <summary>
/// One look at the cluster: abandoned chunks are sealed (PROTOCOL P5), under-replicated ones repaired, fewest replicas first (P27), what nobody
/// refers to is swept (P15, P24, P26). Repairs run on across rounds; this keeps their plans so that the limits hold.
/// </summary>
public sealed class SupervisorRound(
    IGrainFactory grains,
    CatalogDatabase catalog,
    GarbageSweep sweep,
    ReplicaTrim trim,
    ReplicaMoves moves,
    SiloOptions options,
    TimeProvider time,
    ILogger<SupervisorRound> log)
{
    private const int SealsPerRound = 64;
    private const int RepairsLookedAt = 256;
    private static readonly TimeSpan RateWindow = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<ChunkId, RepairPlan> _repairs = new();
    private readonly ConcurrentDictionary<NodeId, byte> _proving = new();
    private readonly Lock _gate = new();
    private readonly Queue<(long At, long Bytes)> _lately = new();
    private (long Chunks, long Bytes) _repaired;
    private long _sweptAt;

    /// <summary>Repairs that ended well since <see cref="TakeRepaired"/>.</summary>
    public (long Chunks, long Bytes) Repaired
    {
        get
        {
            lock (_gate) return _repaired;
        }
    }

    /// <summary>Repaired over the last minute.</summary>
    public long BytesPerSecond
    {
        get
        {
            lock (_gate)
            {
                while (_lately.TryPeek(out var oldest) && time.GetElapsedTime(oldest.At) > RateWindow) _lately.Dequeue();
                return _lately.Sum(r => r.Bytes) / (long)RateWindow.TotalSeconds;
            }
        }
    }

    /// <summary>Copies under way.</summary>
    public int Running => _repairs.Count;

    public (long Chunks, long Bytes) TakeRepaired()
    {
        lock (_gate)
        {
            var done = _repaired;
            _repaired = default;
            return done;
        }
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        await SealAbandonedAsync(cancellation);
        await StartRepairsAsync(cancellation);
        await moves.RunAsync(cancellation);
        if (_sweptAt != 0 && time.GetElapsedTime(_sweptAt) < options.Compaction.Period) return;
        _sweptAt = time.GetTimestamp();
        await log.ObserveAsync("wake of the lifecycle", grains.Lifecycle().Wake());
        await sweep.RunAsync(cancellation);
        await trim.RunAsync(cancellation);
    }

    private async Task SealAbandonedAsync(CancellationToken cancellation)
    {
        var chunks = await catalog.Chunks.FindToSealAsync(options.NodeTimeout, SealsPerRound, cancellation);
        await Task.WhenAll(chunks.Select(row =>
            log.ObserveAsync($"seal of chunk {row.Chunk}", grains.Chunk(row.Chunk).Seal("abandoned: found by the supervisor"))));
    }

    private async Task StartRepairsAsync(CancellationToken cancellation)
    {
        var chunks = await catalog.Chunks.UnderReplicatedAsync(options.Replicas, options.RepairAfter, RepairsLookedAt, cancellation);
        if (chunks.Count == 0) return;
        var present = await catalog.Nodes.TableAsync(options.NodeTimeout, cancellation);
        AskForProofs(chunks, present);
        var lately = await catalog.Nodes.TableAsync(options.RepairAfter, cancellation);
        var gone = lately.Nodes.Where(n => !n.Alive).Select(n => n.Node).ToHashSet();
        var plans = RepairDecision.Next(
            chunks, present.Nodes, [.. _repairs.Values], gone, options.Replicas, PlacementStrategy.Default,
            options.ChunkSize, new RepairLimits(options.Repair.PerNode, options.Repair.PerNode, options.Repair.Total), Random.Shared);
        foreach (var plan in plans)
            if (_repairs.TryAdd(plan.Chunk, plan)) Start(plan);
    }

    /// <summary>
    /// P13: an unverified replica on a node that is back needs a proof, not a repair, and bars its node as a target until it has one. The node would
    /// find it by itself within a minute; it is asked now.
    /// </summary>
    private void AskForProofs(IReadOnlyList<ChunkRow> chunks, NodeTable present)
    {
        var alive = present.Nodes.Where(n => n.Alive).Select(n => n.Node).ToHashSet();
        var nodes = chunks.SelectMany(c => c.Replicas).Where(r => r.State == ReplicaState.Unverified && alive.Contains(r.Node)).Select(r => r.Node);
        foreach (var node in nodes.Distinct())
            if (_proving.TryAdd(node, 0)) Prove(node);
    }

    private void Prove(NodeId node)
    {
        var proof = log.ObserveAsync($"reconciliation of node {node}", grains.StorageNode(node).Reconcile());
        proof.ContinueWith(_ => _proving.TryRemove(node, out byte _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>Goes on beside the rounds; what fails is logged, and the next round plans it again.</summary>
    private void Start(RepairPlan plan)
    {
        var repair = log.ObserveAsync($"repair of chunk {plan.Chunk}", RepairAsync(plan));
        repair.ContinueWith(_ => End(plan), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>This plan and no other: of a chunk that lacked two replicas the next copy may be under way already.</summary>
    private void End(RepairPlan plan) => _repairs.TryRemove(KeyValuePair.Create(plan.Chunk, plan));

    private async Task RepairAsync(RepairPlan plan)
    {
        var result = await grains.Chunk(plan.Chunk).Repair(plan.Target);
        if (result.Status != DfsStatus.Ok) return;
        lock (_gate)
        {
            _repaired = (_repaired.Chunks + 1, _repaired.Bytes + result.Bytes);
            _lately.Enqueue((time.GetTimestamp(), result.Bytes));
        }
        // Its place is free: with small chunks a copy takes less than the time until the next round.
        End(plan);
        await StartRepairsAsync(CancellationToken.None);
    }
}
