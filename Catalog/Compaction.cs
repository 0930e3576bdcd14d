using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog;

/// <summary>An extent that a blob uses, as compaction found it.</summary>
/// <param name="Ordinal">Its number in the blob's manifest.</param>
public readonly record struct LiveExtent(BlobId Blob, int Ordinal, Extent Extent);

/// <summary>An extent whose records have been copied, durable on every replica of the new chunk.</summary>
public readonly record struct MovedExtent(LiveExtent From, Extent To);

public enum CompactionStatus
{
    /// <summary>The extents are moved, the old chunk is retired.</summary>
    Retired,

    /// <summary>P25: a commit has put more into the old chunk than was copied. Nothing happened; look again.</summary>
    MoreFound,

    /// <summary>P16: the new chunk was sealed shorter, or is gone. Nothing happened; copy again.</summary>
    TargetLost,

    /// <summary>The old chunk is not sealed (any more).</summary>
    NotSealed,
}

/// <summary>
/// The catalog's side of compaction (PROTOCOL P24–P26). Invariant: an extent points to its old place or to its new one, and a chunk is retired only
/// in
/// a transaction that saw, under the lock that keeps commits out, that nothing points into it.
/// </summary>
public sealed class Compaction
{
    private readonly Engine _engine;

    internal Compaction(Engine engine) => _engine = engine;

    /// <summary>Counts the dead bytes of chunks sealed longer ago than the grace period that were never measured. Answers how many.</summary>
    public Task<int> MeasureAsync(TimeSpan grace, int limit, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                var chunks = await session.QueryAsync(
                    """
                    SELECT c.chunk_id FROM chunks c WHERE c.state = 2 AND c.dead_bytes < 0 AND c.sealed_at < {now} - @grace
                    ORDER BY c.sealed_at LIMIT @limit
                    """,
                    r => r.GetInt64(0),
                    ("grace", MicrosecondClock.ToMicroseconds(grace)), ("limit", limit));
                Measure(session, chunks);
                await session.RunAsync();
                return chunks.Count;
            },
            cancellation);

    /// <summary>Measures one chunk anew: its estimate was wrong.</summary>
    public Task MeasureAsync(ChunkId chunk, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                Measure(session, [chunk.Value]);
                await session.RunAsync();
                return true;
            },
            cancellation);

    /// <summary>P24: sealed longer ago than the grace period, not held by an upload, with at least <paramref name="percent"/> of dead bytes; most
    /// dead
    /// bytes first.</summary>
    public Task<IReadOnlyList<DeadShare>> CandidatesAsync(TimeSpan grace, int percent, int limit, CancellationToken cancellation = default) =>
        _engine.ReadAsync<IReadOnlyList<DeadShare>>(
            async session =>
            {
                var found = await session.QueryAsync(
                    """
                    SELECT c.chunk_id, c.sealed_length, c.dead_bytes FROM chunks c
                    WHERE c.state = 2 AND c.dead_bytes > 0 AND c.dead_bytes * 100 >= c.sealed_length * @percent AND c.sealed_at < {now} - @grace
                        AND NOT EXISTS (SELECT 1 FROM chunk_holds h WHERE h.chunk_id = c.chunk_id AND h.expires > {now})
                    ORDER BY c.dead_bytes DESC LIMIT @limit
                    """,
                    r => (Chunk: r.GetInt64(0), Length: r.GetInt64(1), Dead: r.GetInt64(2)),
                    ("percent", percent), ("grace", MicrosecondClock.ToMicroseconds(grace)), ("limit", limit));
                var rows = found.ToDictionary(f => f.Chunk, _ => new List<NodeId>());
                session.QueryEach(
                    "SELECT p.chunk_id, p.node_id FROM {rows} JOIN replicas p ON p.chunk_id = r.chunk WHERE p.state = 0 ORDER BY p.chunk_id, p.epoch",
                    RowSet.Over(rows.Keys.ToArray()).With("chunk", c => c),
                    r => rows[r.GetInt64(0)].Add(new NodeId(r.GetGuid(1))));
                await session.RunAsync();
                return [.. found.Select(f => new DeadShare(new ChunkId(f.Chunk), f.Length, f.Dead, rows[f.Chunk]))];
            },
            cancellation);

    /// <summary>What blobs use of this chunk now, in the order of the bytes.</summary>
    public Task<IReadOnlyList<LiveExtent>> LiveExtentsAsync(ChunkId chunk, CancellationToken cancellation = default) =>
        _engine.ReadAsync<IReadOnlyList<LiveExtent>>(session => FindAsync(session, chunk), cancellation);

    /// <summary>
    /// The transaction of P25. Lock order (PROTOCOL §5): chunk rows by id (the old one against commits, the new ones shared), then the blobs, so that
    /// a delete at the same time frees the bytes where they then are.
    /// </summary>
    /// <param name="old">Sealed.</param>
    /// <param name="moves">Every extent of <see cref="LiveExtentsAsync"/>; those that have died meanwhile are passed over.</param>
    public Task<CompactionStatus> RetireAsync(ChunkId old, IReadOnlyCollection<MovedExtent> moves, CancellationToken cancellation = default)
    {
        if (moves.Any(m => m.From.Extent.Chunk != old || m.To.Chunk == old || m.To.Length != m.From.Extent.Length))
            throw new ArgumentException("An extent moves out of the old chunk, with all its bytes.", nameof(moves));
        return _engine.WriteAsync(session => RetireAsync(session, old, moves), cancellation);
    }

    /// <summary>P24: an upload that is not committed yet has bytes in these chunks; compaction leaves them alone until <paramref name="keep"/> from
    /// now, by the database's clock. Availability only: safety is P16.</summary>
    public Task HoldAsync(BlobId blob, IReadOnlyCollection<ChunkId> chunks, TimeSpan keep, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                session.AddEach(
                    """
                    INSERT INTO chunk_holds (chunk_id, blob_id, expires) SELECT r.chunk, @blob, {now} + @keep FROM {rows} WHERE TRUE
                    ON CONFLICT (chunk_id, blob_id) DO UPDATE SET expires = excluded.expires
                    """,
                    RowSet.Over(chunks.Select(c => c.Value).Distinct().Order().ToArray()).With("chunk", c => c),
                    ("blob", blob.Value), ("keep", MicrosecondClock.ToMicroseconds(keep)));
                await session.RunAsync();
                return true;
            },
            cancellation);

    /// <summary>Forgets holds that have run out. Answers how many.</summary>
    public Task<int> SweepHoldsAsync(int limit, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            session => session.ExecuteAsync(
                """
                DELETE FROM chunk_holds WHERE (chunk_id, blob_id) IN (
                    SELECT h.chunk_id, h.blob_id FROM chunk_holds h WHERE h.expires < {now} ORDER BY h.expires LIMIT @limit {for update skip locked})
                """,
                ("limit", limit)),
            cancellation);

    private static void Measure(Session session, IReadOnlyCollection<long> chunks)
    {
        var rows = RowSet.Over(chunks.Order().ToArray()).With("chunk", c => c);
        session.QueryEach(
            "SELECT c.chunk_id FROM {rows} JOIN chunks c ON c.chunk_id = r.chunk ORDER BY c.chunk_id {for no key update of c}", rows, _ => { });
        session.AddEach(
            """
            UPDATE chunks SET dead_bytes = {greatest}(0, sealed_length - @header
                - CAST((SELECT COALESCE(SUM(e.end_at - e.start_at), 0) FROM extents e WHERE e.chunk_id = chunks.chunk_id) AS BIGINT))
            FROM {rows} WHERE chunks.chunk_id = r.chunk AND chunks.state = 2
            """,
            rows,
            ("header", (long)RecordLayout.ChunkHeaderSize));
    }

    private static async Task<CompactionStatus> RetireAsync(Session session, ChunkId old, IReadOnlyCollection<MovedExtent> moves)
    {
        var targets = moves.Select(m => m.To.Chunk).Distinct().ToHashSet();
        var locks = ChunkLocks.TakeFor(session, old, targets);
        session.Query(
            """
            SELECT b.blob_id FROM blobs b WHERE b.blob_id IN (SELECT e.blob_id FROM extents e WHERE e.chunk_id = @old)
            ORDER BY b.blob_id {for update of b}
            """,
            _ => { },
            ("old", old.Value));
        await session.RunAsync();
        if (!locks.IsSealed(old)) return CompactionStatus.NotSealed;
        if (!moves.All(m => locks.Holds(m.To))) return CompactionStatus.TargetLost;

        // P25: in a statement after the lock. Nobody can add a reference now; one that was added before it and is not copied ends this try.
        var present = await FindAsync(session, old);
        var copied = moves.ToDictionary(m => m.From);
        if (!present.All(copied.ContainsKey)) return CompactionStatus.MoreFound;
        session.AddEach(
            """
            UPDATE extents SET chunk_id = r.chunk, start_at = r.start_at, end_at = r.end_at FROM {rows}
            WHERE extents.blob_id = r.blob AND extents.ordinal = r.ordinal AND extents.chunk_id = @old
            """,
            RowSet.Over(present.Select(p => copied[p]).ToArray())
                .With("blob", m => m.From.Blob.Value).With("ordinal", m => m.From.Ordinal)
                .With("chunk", m => m.To.Chunk.Value).With("start_at", m => m.To.Start).With("end_at", m => m.To.End),
            ("old", old.Value));
        session.Add("UPDATE chunks SET state = 3, retired_at = {now} WHERE chunk_id = @old", ("old", old.Value));
        ChunkRows.RaiseEpoch(session, old);
        await session.RunAsync();
        return CompactionStatus.Retired;
    }

    private static async Task<IReadOnlyList<LiveExtent>> FindAsync(Session session, ChunkId chunk) =>
        await session.QueryAsync(
            "SELECT e.blob_id, e.ordinal, e.start_at, e.end_at, e.length FROM extents e WHERE e.chunk_id = @chunk ORDER BY e.start_at, e.blob_id",
            r => new LiveExtent(
                new BlobId(r.GetGuid(0)), r.GetInt32(1), new Extent(chunk, r.GetInt64(2), r.GetInt64(3), r.GetInt64(4))),
            ("chunk", chunk.Value));
}
