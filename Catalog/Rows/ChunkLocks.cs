using OrleansDfs.Catalog.Engines;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Rows;

/// <summary>
/// P16 for fresh bytes: the chunk rows are locked shared (FOR KEY SHARE: seal and retire take FOR UPDATE against it, a renewed lease does not), in
/// the order of their
/// ids, and read **after** the lock in a statement of its own. So either this transaction sees the sealed length, or the seal sees its extents.
/// </summary>
internal sealed class ChunkLocks
{
    private readonly Dictionary<long, (ChunkState State, long? SealedLength)> _chunks = [];

    /// <summary>Collects the lock and the read.</summary>
    public static ChunkLocks Take(Session session, IEnumerable<WrittenBlob> blobs)
    {
        var locks = new ChunkLocks();
        var ids = blobs.SelectMany(b => b.Extents).Select(e => e.Chunk).Distinct().ToArray();
        Shared(session, ids);
        locks.Read(session, ids);
        return locks;
    }

    /// <summary>
    /// As <see cref="Take"/> for compaction (P25): the old chunk is locked against commits, the new ones shared, all in the order of their ids.
    /// </summary>
    public static ChunkLocks TakeFor(Session session, ChunkId old, IReadOnlyCollection<ChunkId> targets)
    {
        var locks = new ChunkLocks();
        Shared(session, targets.Where(t => t < old));
        session.Query("SELECT c.chunk_id FROM chunks c WHERE c.chunk_id = @old {for update of c}", _ => { }, ("old", old.Value));
        Shared(session, targets.Where(t => t > old));
        locks.Read(session, targets.Append(old));
        return locks;
    }

    public bool IsSealed(ChunkId chunk) => _chunks.TryGetValue(chunk.Value, out var found) && found.State == ChunkState.Sealed;

    /// <summary>Every extent lies in a chunk that is open, sealing, or sealed with at least that length.</summary>
    public bool Hold(WrittenBlob blob) => blob.Extents.All(Holds);

    public bool Holds(Extent extent) =>
        _chunks.TryGetValue(extent.Chunk.Value, out var chunk) && chunk.State != ChunkState.Retired &&
        (chunk.State != ChunkState.Sealed || chunk.SealedLength >= extent.End);

    private static void Shared(Session session, IEnumerable<ChunkId> chunks) =>
        session.QueryEach(
            "SELECT c.chunk_id FROM {rows} JOIN chunks c ON c.chunk_id = r.chunk ORDER BY c.chunk_id {for key share of c}",
            RowSet.Over(chunks.Select(c => c.Value).Order().ToArray()).With("chunk", c => c),
            _ => { });

    private void Read(Session session, IEnumerable<ChunkId> chunks) =>
        session.QueryEach(
            "SELECT c.chunk_id, c.state, c.sealed_length FROM {rows} JOIN chunks c ON c.chunk_id = r.chunk",
            RowSet.Over(chunks.Select(c => c.Value).ToArray()).With("chunk", c => c),
            r => _chunks[r.GetInt64(0)] = ((ChunkState)r.GetInt32(1), r.Number(2)));
}
