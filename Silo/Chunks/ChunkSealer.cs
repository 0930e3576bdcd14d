using Microsoft.Extensions.Logging;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Replication;
using OrleansDfs.Silo.Nodes;
using Verdict = OrleansDfs.Replication.SealOutcome;

namespace OrleansDfs.Silo.Chunks;

/// <summary>
/// The seal coordinator (PROTOCOL §4, P10–P14). Two may run at once for one chunk: the catalog's transaction decides, and who comes second uses the
/// length that is there. Invariant: the sealed length is the smallest undamaged answer and never below the floor, so no acknowledged byte is cut.
/// </summary>
public sealed class ChunkSealer(
    CatalogDatabase catalog,
    NodeBook nodes,
    Func<NodeAddress, IChunkPeer> peers,
    SiloOptions options,
    TimeProvider time,
    ILogger<ChunkSealer> log)
{
    public async Task<SealResult> SealAsync(ChunkId chunk, string reason)
    {
        // P10: the row first, so that no writer is given the chunk any more.
        var row = await catalog.Chunks.BeginSealAsync(chunk);
        if (row is null) return new SealResult(DfsStatus.NotFound, null, "no such chunk");
        if (row.State is ChunkState.Sealed or ChunkState.Retired) return new SealResult(DfsStatus.Ok, row.SealedLength, "was sealed before");

        var answers = await Task.WhenAll(row.Replicas.Select(CloseAsync(row)));
        var floor = await catalog.Chunks.FloorAsync(chunk);
        while (true)
        {
            switch (SealDecision.Decide(floor, answers))
            {
                case Verdict.StaySealing stay:
                    log.LogError("Chunk {Chunk} stays sealing: {Reason}", chunk, stay.Reason);
                    return new SealResult(DfsStatus.Unavailable, null, stay.Reason);
                case Verdict.Empty empty:
                    if (await FixAsync(row, 0, [], empty.Unverified, empty.Bad, reason) is { Result: { } none }) return none;
                    floor = await catalog.Chunks.FloorAsync(chunk);
                    continue;
                case Verdict.Sealed at:
                    var fixedAt = await FixAsync(row, at.Length, at.Live, at.Unverified, at.Bad, reason);
                    if (fixedAt.Result is { } result) return result;
                    floor = fixedAt.Floor; // P12: a commit came in between; the same answers are judged anew
                    continue;
            }
        }
    }

    private readonly record struct Fixed(SealResult? Result, long Floor);

    private async Task<Fixed> FixAsync(
        ChunkRow row, long length, IReadOnlyList<SealAnswer> live, IReadOnlyList<SealAnswer> unverified, IReadOnlyList<SealAnswer> bad, string reason)
    {
        var outcome = await catalog.Chunks.SealAsync(row.Chunk, length, Epochs(live), Epochs(unverified), Epochs(bad));
        switch (outcome.Status)
        {
            case SealStatus.Sealed:
                log.LogInformation("Chunk {Chunk} sealed at {Length} bytes with {Live} live replicas ({Reason})",
                    row.Chunk, length, live.Count, reason);
                await CutAsync(row, live.Where(a => a.Length > length), length);
                return new Fixed(new SealResult(DfsStatus.Ok, length, reason), 0);
            case SealStatus.AlreadySealed:
                return new Fixed(new SealResult(DfsStatus.Ok, outcome.Row?.SealedLength, "another coordinator sealed it"), 0);
            case SealStatus.FloorAbove:
                return new Fixed(null, outcome.Floor);
            case SealStatus.NoSuchChunk:
                return new Fixed(new SealResult(DfsStatus.NotFound, null, "the chunk is gone"), 0);
            default:
                return new Fixed(new SealResult(DfsStatus.Conflict, null, "the chunk's row changed while its replicas were asked"), 0);
        }
    }

    private static List<long> Epochs(IReadOnlyList<SealAnswer> answers) => [.. answers.Select(a => a.Epoch)];

    private Func<Replica, Task<SealAnswer>> CloseAsync(ChunkRow row) => async replica =>
    {
        var info = await nodes.FindAsync(replica.Node);
        if (info is null) return SealAnswer.Of(replica, new CloseResult(ChunkStatus.Unreachable, 0), fsyncFailed: false, exists: false);
        using var deadline = new CancellationTokenSource(options.CloseDeadline, time);
        CloseResult close;
        try
        {
            close = await peers(NodeAddress.Of(info)).CloseAsync(new ReplicaFile(row.Chunk, replica.Epoch), deadline.Token);
        }
        catch (OperationCanceledException)
        {
            close = new CloseResult(ChunkStatus.Deadline, 0);
        }
        return SealAnswer.Of(replica, close, info.FsyncFailed, info.State != NodeState.Decommissioned);
    };

    /// <summary>P14: only now, and to the row's length. A replica that misses this is cut when its node reconciles.</summary>
    private async Task CutAsync(ChunkRow row, IEnumerable<SealAnswer> longer, long length)
    {
        foreach (var answer in longer)
        {
            if (await nodes.FindAsync(answer.Node) is not { } info) continue;
            using var deadline = new CancellationTokenSource(options.CloseDeadline, time);
            try
            {
                var status = await peers(NodeAddress.Of(info)).TruncateAsync(new ReplicaFile(row.Chunk, answer.Epoch), length, deadline.Token);
                if (status != ChunkStatus.Ok)
                    log.LogWarning("Replica {Chunk}.{Epoch} on {Node} was not cut: {Status}", row.Chunk, answer.Epoch, answer.Node, status);
            }
            catch (OperationCanceledException)
            {
                log.LogWarning("Replica {Chunk}.{Epoch} on {Node} was not cut in time", row.Chunk, answer.Epoch, answer.Node);
            }
        }
    }
}
