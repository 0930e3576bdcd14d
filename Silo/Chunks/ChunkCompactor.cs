using Microsoft.Extensions.Logging;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Node;
using OrleansDfs.Replication;
using OrleansDfs.Silo.Nodes;

namespace OrleansDfs.Silo.Chunks;

/// <summary>
/// Gives dead bytes back (PROTOCOL P24–P26). Order that never changes: live records, each checked, to a new chunk, durable on all its replicas → one
/// transaction moves the extents and retires the old chunk → its files go after the grace period. Whatever ends it in between leaves the old chunk as
/// it was, and the copies are dead bytes of the new one. It may run twice for one chunk: the transaction decides.
/// </summary>
public sealed class ChunkCompactor(
    CatalogDatabase catalog,
    NodeBook nodes,
    ChunkOpener opener,
    ChunkSealer sealer,
    Func<NodeAddress, IChunkPeer> peers,
    SiloOptions options,
    TimeProvider time,
    ILogger<ChunkCompactor> log)
{
    /// <summary>
    /// Late commits into a chunk sealed longer ago than the grace period are rare; a chunk that still gets some is left for another time.
    /// </summary>
    private const int Looks = 3;

    // 4 MiB in flight keep three disks busy; more would only stand in the way of users.
    private readonly RecordMover _mover = new(
        peers, new RecordBufferPool(4, 1), new ByteRate(options.Compaction.BytesPerSecond, time), ChunkDeadlines.Default, time);

    public async Task<CompactionResult> CompactAsync(IReadOnlyList<ChunkId> chunks, int deadPercent, CancellationToken cancellation)
    {
        var retired = new List<ChunkId>();
        long copied = 0, freed = 0;
        await using var target = new CompactionTarget(opener, sealer, options, cancellation);
        foreach (var chunk in chunks)
        {
            var step = await CompactAsync(chunk, deadPercent, target, cancellation);
            copied += step.Copied;
            if (step.Retired)
            {
                retired.Add(chunk);
                freed += step.Freed;
            }
            if (target.IsLost) break; // the supervisor plans the rest anew
        }
        if (retired.Count > 0)
            log.LogInformation("Compaction retired {Chunks} chunks: {Freed} bytes will be free, {Copied} were copied", retired.Count, freed, copied);
        return new CompactionResult([.. retired], copied, freed);
    }

    private readonly record struct Step(bool Retired, long Copied, long Freed);

    private async Task<Step> CompactAsync(ChunkId chunk, int deadPercent, CompactionTarget target, CancellationToken cancellation)
    {
        var nothing = default(Step);
        if (await catalog.Chunks.GetAsync(chunk, cancellation) is not { State: ChunkState.Sealed, SealedLength: { } length } row) return nothing;
        var live = await catalog.Compaction.LiveExtentsAsync(chunk, cancellation);
        var liveBytes = live.Sum(e => e.Extent.End - e.Extent.Start);
        if ((length - RecordLayout.ChunkHeaderSize - liveBytes) * 100 < length * deadPercent)
        {
            await catalog.Compaction.MeasureAsync(chunk, cancellation); // the estimate was too high
            return nothing;
        }

        var moved = new Dictionary<LiveExtent, MovedExtent>();
        long copied = 0;
        for (var look = 1; look <= Looks; look++)
        {
            var missing = live.Where(e => !moved.ContainsKey(e)).ToList();
            if (missing.Count > 0)
            {
                var result = await MoveAsync(row, missing, target, cancellation);
                copied += result.Bytes;
                if (result.Status != ChunkStatus.Ok) return nothing with { Copied = copied };
                for (var i = 0; i < missing.Count; i++) moved[missing[i]] = new MovedExtent(missing[i], result.To[i]);
            }
            switch (await catalog.Compaction.RetireAsync(chunk, [.. live.Select(e => moved[e])], cancellation))
            {
                case CompactionStatus.Retired:
                    return new Step(true, copied, length - liveBytes);
                case CompactionStatus.MoreFound: // P25: roll back and look again
                    live = await catalog.Compaction.LiveExtentsAsync(chunk, cancellation);
                    break;
                case CompactionStatus.TargetLost:
                    target.Lose();
                    return nothing with { Copied = copied };
                default:
                    return nothing with { Copied = copied };
            }
        }
        log.LogInformation("Chunk {Chunk} still gets commits and is compacted another time", chunk);
        return nothing with { Copied = copied };
    }

    private async Task<MoveResult> MoveAsync(ChunkRow row, IReadOnlyList<LiveExtent> extents, CompactionTarget target, CancellationToken cancellation)
    {
        var sources = new List<PeerReplica>();
        foreach (var replica in row.Replicas.Where(r => r.State == ReplicaState.Live))
            if (await nodes.FindAsync(replica.Node) is { Alive: true } from) sources.Add(new PeerReplica(NodeAddress.Of(from), replica.Epoch));
        var bytes = extents.Sum(e => e.Extent.End - e.Extent.Start);
        if (sources.Count == 0 || await target.OpenAsync(bytes) is not { } open || await nodes.FindAsync(open.Primary) is not { } primary)
        {
            target.Lose();
            log.LogWarning("Chunk {Chunk} cannot be compacted now: {Reason}", row.Chunk,
                sources.Count == 0 ? "no replica can be read" : target.Explanation);
            return new MoveResult(ChunkStatus.Unreachable, [], 0, []);
        }
        var result = await _mover.MoveAsync(
            row.Chunk, [.. extents.Select(e => new ExtentToMove(e.Blob, e.Extent))], sources, open, NodeAddress.Of(primary), cancellation);
        foreach (var bad in result.BadSources)
            log.LogError("Replica of chunk {Chunk} on node {Node} failed its checksums while it was compacted", row.Chunk, bad);
        if (result.Status == ChunkStatus.Ok) return result;
        log.LogWarning("Compaction of chunk {Chunk} into {Target} ended with {Status}", row.Chunk, open.Chunk, result.Status);
        if (result.Status != ChunkStatus.Corrupt) target.Lose(); // no good replica of one chunk is no reason to leave the others
        return result;
    }
}
