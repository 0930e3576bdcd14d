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
        var ids = RowSet.Over(blobs.SelectMany(b => b.Extents).Select(e => e.Chunk.Value).Distinct().Order().ToArray()).With("chunk", c => c);
        session.QueryEach(
            "SELECT c.chunk_id FROM {rows} JOIN chunks c ON c.chunk_id = r.chunk ORDER BY c.chunk_id {for key share of c}", ids, _ => { });
        session.QueryEach(
            "SELECT c.chunk_id, c.state, c.sealed_length FROM {rows} JOIN chunks c ON c.chunk_id = r.chunk",
            ids,
            r => locks._chunks[r.GetInt64(0)] = ((ChunkState)r.GetInt32(1), r.Number(2)));
        return locks;
    }

    /// <summary>Every extent lies in a chunk that is open, sealing, or sealed with at least that length.</summary>
    public bool Hold(WrittenBlob blob)
    {
        foreach (var extent in blob.Extents)
        {
            if (!_chunks.TryGetValue(extent.Chunk.Value, out var chunk)) return false;
            if (chunk.State == ChunkState.Retired) return false;
            if (chunk.State == ChunkState.Sealed && chunk.SealedLength < extent.End) return false;
        }
        return true;
    }
}
