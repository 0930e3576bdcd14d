using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Silo.Supervision;

/// <summary>Looks for chunks with many dead bytes and has storage nodes compact them (PROTOCOL P24). What it remembers only keeps two nodes from
/// doing the
/// same work: the transaction of P25 decides.</summary>
public sealed class CompactionRound(
    IGrainFactory grains, CatalogDatabase catalog, SiloOptions options, TimeProvider time, ILogger<CompactionRound> log)
{
    private const int ChunksLookedAt = 1024;

    /// <summary>Chunks measured in one transaction, and in one round: 20 with 60,000 small files each take a second.</summary>
    private const int Measured = 20, MeasuresPerRound = 50;

    /// <summary>A chunk that could not be compacted (no good replica, a node away) is left alone for so long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<NodeId, CompactionPlan> _running = new();
    private readonly ConcurrentDictionary<ChunkId, long> _failedAt = new();
    private long _lookedAt;

    public async Task RunAsync(CancellationToken cancellation)
    {
        if (_lookedAt != 0 && time.GetElapsedTime(_lookedAt) < options.Compaction.Period) return;
        _lookedAt = time.GetTimestamp();
        for (var i = 0; i < MeasuresPerRound; i++)
            if (await catalog.Compaction.MeasureAsync(options.Grace, Measured, cancellation) < Measured) break;

        var table = await catalog.Nodes.TableAsync(options.NodeTimeout, cancellation);
        var rules = new CompactionRules(options.Compaction.DeadPercent, options.Compaction.DeadPercentWhenFull, options.Compaction.FullPercent);
        var percent = CompactionDecision.Threshold(table.Nodes, rules);
        var candidates = await catalog.Compaction.CandidatesAsync(options.Grace, percent, ChunksLookedAt, cancellation);
        foreach (var (chunk, at) in _failedAt)
            if (time.GetElapsedTime(at) >= Patience) _failedAt.TryRemove(chunk, out _);
        var plans = CompactionDecision.Next(
            candidates.Where(c => !_failedAt.ContainsKey(c.Chunk)), table.Nodes, [.. _running.Values], options.ChunkSize, percent);
        foreach (var plan in plans)
            if (_running.TryAdd(plan.Worker, plan)) _ = CompactAsync(plan);
    }

    private async Task CompactAsync(CompactionPlan plan)
    {
        ChunkId[] retired = [];
        try
        {
            retired = (await grains.StorageNode(plan.Worker).Compact([.. plan.Chunks], plan.DeadPercent)).Retired;
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or CatalogException)
        {
            log.LogWarning("Compaction of {Count} chunks on node {Node} failed and will be tried again: {Reason}",
                plan.Chunks.Count, plan.Worker, e.Message);
        }
        finally
        {
            foreach (var chunk in plan.Chunks.Except(retired)) _failedAt[chunk] = time.GetTimestamp();
            if (retired.Length > 0) _lookedAt = 0; // there may be more to do at once
            _running.TryRemove(plan.Worker, out _);
        }
    }
}
