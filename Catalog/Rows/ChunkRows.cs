using System.Data.Common;
using OrleansDfs.Catalog.Engines;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Rows;

/// <summary>Reading and locking of chunk rows with their replicas.</summary>
internal static class ChunkRows
{
    private const string Columns = "c.chunk_id, c.state, c.kind, c.epoch, c.sealed_length, c.wanted, c.primary_node, c.primary_incarnation";

    /// <summary>The chunks that <paramref name="select"/> names (a query of chunk ids), in its order.</summary>
    public static async Task<List<ChunkRow>> SelectAsync(Session session, string select, params (string Name, object? Value)[] parameters)
    {
        var ids = await session.QueryAsync(select, r => r.GetInt64(0), parameters);
        var found = await ReadAsync(session, ids);
        return [.. ids.Where(found.ContainsKey).Select(id => found[id])];
    }

    public static async Task<ChunkRow?> FindAsync(Session session, ChunkId chunk) =>
        (await ReadAsync(session, [chunk.Value])).GetValueOrDefault(chunk.Value);

    /// <summary>Locks the row against commits (P12, P25) and reads it after the lock; <c>null</c>: there is none.</summary>
    public static async Task<ChunkRow?> LockAsync(Session session, ChunkId chunk)
    {
        session.Query("SELECT c.chunk_id FROM chunks c WHERE c.chunk_id = @chunk {for update of c}", _ => { }, ("chunk", chunk.Value));
        return await FindAsync(session, chunk);
    }

    /// <summary>Greatest end of an extent in the chunk; 0 where there is none.</summary>
    public static void Floor(Session session, ChunkId chunk, Action<long> floor) =>
        session.Query("SELECT COALESCE(MAX(e.end_at), 0) FROM extents e WHERE e.chunk_id = @chunk", r => floor(r.GetInt64(0)),
            ("chunk", chunk.Value));

    /// <summary>Collects the raise of the row's epoch, which every change of it brings (P3).</summary>
    public static void RaiseEpoch(Session session, ChunkId chunk) =>
        session.Add("UPDATE chunks SET epoch = next_epoch, next_epoch = next_epoch + 1 WHERE chunk_id = @chunk", ("chunk", chunk.Value));

    private static async Task<Dictionary<long, ChunkRow>> ReadAsync(Session session, IReadOnlyCollection<long> ids)
    {
        var chunks = new Dictionary<long, ChunkRow>();
        var replicas = new Dictionary<long, List<Replica>>();
        var rows = RowSet.Over(ids).With("chunk", id => id);
        session.QueryEach(
            $$"""SELECT {{Columns}} FROM {rows} JOIN chunks c ON c.chunk_id = r.chunk""",
            rows,
            r =>
            {
                var id = r.GetInt64(0);
                replicas[id] = [];
                chunks[id] = Read(r, replicas[id]);
            });
        session.QueryEach(
            "SELECT p.chunk_id, p.node_id, p.epoch, p.shard, p.state FROM {rows} JOIN replicas p ON p.chunk_id = r.chunk ORDER BY p.chunk_id, " +
                "p.epoch",
            rows,
            r =>
            {
                if (replicas.TryGetValue(r.GetInt64(0), out var list))
                    list.Add(new Replica(new NodeId(r.GetGuid(1)), r.GetInt64(2), r.GetInt32(3), (ReplicaState)r.GetInt32(4)));
            });
        await session.RunAsync();
        return chunks;
    }

    private static ChunkRow Read(DbDataReader r, List<Replica> replicas) => new(
        new ChunkId(r.GetInt64(0)),
        (ChunkState)r.GetInt32(1),
        (ChunkKind)r.GetInt32(2),
        r.GetInt64(3),
        r.Number(4),
        r.GetInt32(5),
        new NodeId(r.GetGuid(6)),
        r.GetInt64(7),
        replicas);
}
