using Microsoft.Extensions.Logging;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Node;
using OrleansDfs.Replication;

namespace OrleansDfs.Silo.Nodes;

/// <summary>
/// Compares what is on the disk with what the catalog has there (PROTOCOL P13, P14, P28). A node that comes back is untrusted until this has run: it
/// serves only what the catalog has as live, cuts what is longer than its sealed length, proves what is unverified page by page, and gives up the row
/// of what is missing or bad, so that repair replaces it.
/// <para>Order: the inventory is read before the rows. Rows come before files (P4, P27), so a file in the inventory whose row is not found has
/// none.</para>
/// </summary>
public sealed class Reconciler(CatalogDatabase catalog, StorageNode node, TimeProvider time, ILogger<Reconciler> log) : IDisposable
{
    private const int RowsPerRead = 5000;

    /// <summary>Longer than the longest copy: its coordinator waits half an hour for it.</summary>
    private static readonly TimeSpan CopyIsDead = TimeSpan.FromMinutes(40);

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Dictionary<ReplicaFile, long> _copyingSince = [];

    /// <param name="atStart">Nothing runs yet: a copy that the catalog still has here ended with the incarnation before.</param>
    /// <param name="cancellation">Cancels.</param>
    public async Task<ReconcileResult> RunAsync(bool atStart, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            return await CompareAsync(atStart, cancellation);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<ReconcileResult> CompareAsync(bool atStart, CancellationToken cancellation)
    {
        var files = await InventoryAsync(cancellation);
        var rows = await RowsAsync(cancellation);
        var states = new Dictionary<ReplicaFile, ReplicaState>(rows.Count);
        var copying = new List<ReplicaFile>();
        int verified = 0, lost = 0;
        foreach (var row in rows)
        {
            var file = new ReplicaFile(row.Chunk, row.Epoch);
            var onDisk = files.TryGetValue(file, out var length) ? length : (long?)null;
            switch (row.State)
            {
                case ReplicaState.Live when row.ChunkState is ChunkState.Sealed
                    && !await FitsAsync(file, onDisk, row.SealedLength!.Value, cancellation):
                    if (await GiveUpAsync(file, ReplicaState.Live, cancellation)) lost++;
                    else states[file] = row.State; // still the catalog's: a file taken for unknown would be deleted after the grace period
                    break;
                case ReplicaState.Unverified when row.ChunkState is ChunkState.Sealed:
                    // No file proves as much as a bad one: the node was away when it should have made it, and its row would bar it as a target for
                    // ever.
                    if (await ProveAsync(file, row.SealedLength!.Value, cancellation))
                    {
                        states[file] = ReplicaState.Live;
                        verified++;
                    }
                    else if (await GiveUpAsync(file, ReplicaState.Unverified, cancellation)) lost++;
                    else states[file] = row.State;
                    break;
                case ReplicaState.Copying:
                    copying.Add(file);
                    states[file] = row.State;
                    break;
                default:
                    states[file] = row.State;
                    break;
            }
        }
        await EndStaleCopiesAsync(copying, atStart, files, cancellation);
        var outcome = node.Reconcile(files.Keys, states);
        foreach (var file in outcome.Deletable)
        {
            var deleted = await node.DeleteUnknownAsync(file);
            log.LogInformation("Replica file {File}, which the catalog has not known for the whole grace period, was deleted: {Status}",
                file, deleted);
        }
        return new ReconcileResult(outcome.Served, verified, outcome.Unknown.Count, lost);
    }

    private async Task<Dictionary<ReplicaFile, long>> InventoryAsync(CancellationToken cancellation)
    {
        var files = new Dictionary<ReplicaFile, long>();
        ReplicaFile after = default;
        while (true)
        {
            var page = await node.InventoryAsync(after, cancellation);
            foreach (var item in page.Items) files[after = item.File] = item.Length;
            if (!page.More) return files;
        }
    }

    private async Task<List<NodeReplica>> RowsAsync(CancellationToken cancellation)
    {
        var rows = new List<NodeReplica>();
        var after = new ChunkId(0);
        while (true)
        {
            var page = await catalog.Chunks.ReplicasOnAsync(node.Address.Node, after, RowsPerRead, cancellation);
            rows.AddRange(page);
            if (page.Count < RowsPerRead) return rows;
            after = page[^1].Chunk;
        }
    }

    /// <summary>
    /// A sealed, live replica must reach the sealed length; what is longer is cut now (P14). Its pages are proven by readers and the scrub.
    /// </summary>
    private async Task<bool> FitsAsync(ReplicaFile file, long? onDisk, long sealedLength, CancellationToken cancellation)
    {
        if (onDisk == sealedLength) return true;
        // Asked of the file itself: a repair may have finished it after the inventory was taken.
        var closed = await node.CloseAsync(file, cancellation);
        if (closed.Status != ChunkStatus.Ok || closed.Length < sealedLength) return false;
        return closed.Length == sealedLength || await node.TruncateAsync(file, sealedLength, cancellation) == ChunkStatus.Ok;
    }

    private async Task<bool> ProveAsync(ReplicaFile file, long sealedLength, CancellationToken cancellation)
    {
        var closed = await node.CloseAsync(file, cancellation);
        if (closed.Status != ChunkStatus.Ok || closed.Length < sealedLength) return false;
        if ((await node.VerifyAsync(file, sealedLength, cancellation)).Status != ChunkStatus.Ok) return false;
        if (closed.Length > sealedLength && await node.TruncateAsync(file, sealedLength, cancellation) != ChunkStatus.Ok) return false;
        return await catalog.Chunks.MakeLiveAsync(file.Chunk, file.Epoch, ReplicaState.Unverified, cancellation);
    }

    /// <summary>The last copy is never given up: with its row would go the only trace of where the bytes may still be.</summary>
    private async Task<bool> GiveUpAsync(ReplicaFile file, ReplicaState state, CancellationToken cancellation)
    {
        var removed = await catalog.Chunks.RemoveReplicaAsync(file.Chunk, file.Epoch, state, keep: 1, cancellation);
        if (removed) log.LogWarning("Replica {File} is missing, short or corrupt here; its row was removed and repair will replace it", file);
        else log.LogError("Replica {File} is missing, short or corrupt here, and no other live copy is known", file);
        return removed;
    }

    /// <summary>P27: a copy whose coordinator died leaves its row behind; no copy takes as long as <see cref="CopyIsDead"/>.</summary>
    private async Task EndStaleCopiesAsync(List<ReplicaFile> copying, bool atStart, Dictionary<ReplicaFile, long> files,
        CancellationToken cancellation)
    {
        foreach (var file in _copyingSince.Keys.Except(copying).ToList()) _copyingSince.Remove(file);
        foreach (var file in copying)
        {
            _copyingSince.TryAdd(file, time.GetTimestamp());
            if (!atStart && time.GetElapsedTime(_copyingSince[file]) < CopyIsDead) continue;
            if (!await catalog.Chunks.RemoveReplicaAsync(file.Chunk, file.Epoch, ReplicaState.Copying, keep: 0, cancellation)) continue;
            log.LogInformation("The copy {File} was never finished; its row was removed", file);
            if (files.ContainsKey(file)) await node.DeleteAsync(file, cancellation);
        }
    }
}
