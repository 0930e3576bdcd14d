using Microsoft.Extensions.Logging;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Node;
using OrleansDfs.Replication;

namespace OrleansDfs.Silo.Nodes;

public enum Examination
{
    /// <summary>Every page was read from the medium and is right.</summary>
    Good,

    /// <summary>It is none of this node's live, sealed replicas (any more), or could not be judged now.</summary>
    None,

    /// <summary>Bad, and its row is gone; repair makes another from a good one.</summary>
    GivenUp,

    /// <summary>Bad, and no other replica is proven good: it stays, for most of its pages may be all there is.</summary>
    Kept,
}

/// <summary>
/// Proves one replica of this node page by page (scrub, or because a reader complained). Invariants: only what this node has read itself, twice,
/// counts as
/// bad, so neither a liar nor a bad wire destroys anything; a bad replica loses its row only after another one was proven good page by page just now,
/// and never as the last.
/// </summary>
public sealed class ReplicaExaminer(
    CatalogDatabase catalog, NodeBook nodes, StorageNode own, Func<NodeAddress, IChunkPeer> peers, ByteRate rate, ILogger<ReplicaExaminer> log)
{
    public async Task<Examination> ExamineAsync(ReplicaFile file, CancellationToken cancellation)
    {
        if (await catalog.Chunks.GetAsync(file.Chunk, cancellation) is not { State: ChunkState.Sealed, SealedLength: > 0 and var length } row)
            return Examination.None;
        if (!row.Replicas.Any(r => r.Epoch == file.Epoch && r.Node == own.Address.Node && r.State == ReplicaState.Live)) return Examination.None;

        var found = await own.VerifyAsync(file, length, rate, cancellation);
        if (IsBad(found.Status)) found = await own.VerifyAsync(file, length, rate, cancellation); // memory and buses err too
        if (found.Status == ChunkStatus.Ok)
        {
            await catalog.Scrubs.MarkVerifiedAsync(file, cancellation);
            return Examination.Good;
        }
        if (!IsBad(found.Status)) return Examination.None;
        if (!await AnotherIsGoodAsync(row, file, length, cancellation) ||
            !await catalog.Chunks.RemoveReplicaAsync(file.Chunk, file.Epoch, ReplicaState.Live, keep: 1, cancellation))
        {
            log.LogError("Replica {File} is bad here from byte {Offset} on ({Status}), and no other one is proven good; it is kept",
                file, found.BadOffset, found.Status);
            return Examination.Kept;
        }
        own.Withdraw(file);
        log.LogError("Replica {File} is bad here from byte {Offset} on ({Status}); its row was removed and repair replaces it",
            file, found.BadOffset, found.Status);
        return Examination.GivenUp;
    }

    private static bool IsBad(ChunkStatus status) => status is ChunkStatus.Corrupt or ChunkStatus.Absent or ChunkStatus.IoError;

    private async Task<bool> AnotherIsGoodAsync(ChunkRow row, ReplicaFile bad, long length, CancellationToken cancellation)
    {
        foreach (var other in row.Replicas.Where(r => r.State == ReplicaState.Live && r.Epoch != bad.Epoch))
        {
            if (await nodes.FindAsync(other.Node) is not { Alive: true, State: not NodeState.Decommissioned } node) continue;
            var file = new ReplicaFile(row.Chunk, other.Epoch);
            if ((await peers(NodeAddress.Of(node)).VerifyAsync(file, length, cancellation)).Status != ChunkStatus.Ok) continue;
            await catalog.Scrubs.MarkVerifiedAsync(file, cancellation);
            return true;
        }
        return false;
    }
}
