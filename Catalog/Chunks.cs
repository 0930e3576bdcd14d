using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog;

/// <param name="Nodes">The replica set, the primary among them; each gets an epoch of its own (P3).</param>
/// <param name="Opener">Name of the writing process.</param>
/// <param name="Lease">How long the opener may be silent before the chunk is sealed (P5).</param>
public sealed record OpenChunkSpec(
    ChunkKind Kind, int Wanted, NodeId Primary, long PrimaryIncarnation, IReadOnlyList<NodeId> Nodes, string Opener, TimeSpan Lease);

public enum SealStatus
{
    /// <summary>This call sealed it.</summary>
    Sealed,

    /// <summary>It was sealed before; use that row's length (P12).</summary>
    AlreadySealed,

    /// <summary>P12: a version uses bytes behind the proposed length; judge the answers anew with <see cref="SealOutcome.Floor"/>.</summary>
    FloorAbove,

    /// <summary>It is not in <c>sealing</c> at the epoch given: read the row again.</summary>
    Conflict,
    NoSuchChunk,
}

public sealed record SealOutcome(SealStatus Status, ChunkRow? Row, long Floor);

/// <summary>One replica of one node, for the comparison with its inventory (P28).</summary>
public sealed record NodeReplica(ChunkId Chunk, long Epoch, ReplicaState State, ChunkState ChunkState, long? SealedLength);

/// <param name="Unsealed">In state open or sealing.</param>
public sealed record ChunkCounts(long Chunks, long Unsealed, long UnderReplicated)
{
    /// <summary>Physical bytes that repair has to copy until every chunk has its wanted replicas.</summary>
    public long MissingBytes { get; init; }
}

/// <summary>
/// Chunks and their replicas (PROTOCOL §2–§4, §9). Every change is a compare-and-set on the row as locked and raises its epoch. Methods throw
/// <see cref="CatalogUnavailableException"/> (nothing happened) or <see cref="CatalogOutcomeUnknownException"/> (read again).
/// </summary>
public sealed class Chunks
{
    private readonly Engine _engine;

    internal Chunks(Engine engine) => _engine = engine;

    /// <summary>P4: the rows, before any file is made.</summary>
    public Task<ChunkRow> OpenAsync(OpenChunkSpec spec, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                var ids = new List<long>();
                session.Draw("chunk_ids", 1, ids);
                await session.RunAsync();
                var count = spec.Nodes.Count;
                session.Add(
                    """
                    INSERT INTO chunks (chunk_id, state, kind, epoch, next_epoch, wanted, primary_node, primary_incarnation, opener, lease_until,
                        live_replicas, freed_bytes)
                    VALUES (@chunk, 0, @kind, @epoch, @next, @wanted, @primary, @incarnation, @opener, {now} + @lease, @count, 0)
                    """,
                    ("chunk", ids[0]), ("kind", (int)spec.Kind), ("epoch", count + 1L), ("next", count + 2L), ("wanted", spec.Wanted),
                    ("primary", spec.Primary.Value), ("incarnation", spec.PrimaryIncarnation), ("opener", spec.Opener),
                    ("lease", MicrosecondClock.ToMicroseconds(spec.Lease)), ("count", count));
                session.AddEach(
                    "INSERT INTO replicas (chunk_id, epoch, node_id, shard, state) SELECT @chunk, r.epoch, r.node, 0, 0 FROM {rows}",
                    RowSet.Over(spec.Nodes.Select((node, i) => (Node: node.Value, Epoch: i + 1L)).ToArray()).With("node", n => n.Node)
                        .With("epoch", n => n.Epoch),
                    ("chunk", ids[0]));
                return (await ChunkRows.FindAsync(session, new ChunkId(ids[0])))!;
            },
            cancellation);

    public Task<ChunkRow?> GetAsync(ChunkId chunk, CancellationToken cancellation = default) =>
        _engine.ReadAsync(session => ChunkRows.FindAsync(session, chunk), cancellation);

    /// <summary>P10: open → sealing; a row that is already sealing, sealed or retired is answered as it is. <c>null</c>: no such chunk.</summary>
    public Task<ChunkRow?> BeginSealAsync(ChunkId chunk, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            session =>
            {
                session.Add(
                    "UPDATE chunks SET state = 1, epoch = next_epoch, next_epoch = next_epoch + 1 WHERE chunk_id = @chunk AND state = 0",
                        ("chunk", chunk.Value));
                return ChunkRows.FindAsync(session, chunk);
            },
            cancellation);

    /// <summary>Greatest end of an extent in this chunk that a blob uses; 0 when there is none (P11).</summary>
    public Task<long> FloorAsync(ChunkId chunk, CancellationToken cancellation = default) =>
        _engine.ReadAsync(
            async session =>
            {
                var floor = 0L;
                ChunkRows.Floor(session, chunk, f => floor = f);
                await session.RunAsync();
                return floor;
            },
            cancellation);

    /// <summary>P12, P13: fixes the length. Replica rows are named by their epochs: live ones answered, bad ones lose their row; those unverified,
    /// and any that are
    /// named nowhere, are kept and not served.</summary>
    public Task<SealOutcome> SealAsync(
        ChunkId chunk,
        long length,
        IReadOnlyCollection<long> live,
        IReadOnlyCollection<long> unverified,
        IReadOnlyCollection<long> bad,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > 0 && live.Count == 0) throw new ArgumentException("A chunk with bytes is sealed on the word of at least one replica (P11).",
            nameof(live));
        if (live.Intersect(bad).Any() || unverified.Intersect(bad).Any()) throw new ArgumentException("A replica cannot be bad and kept.",
            nameof(bad));
        return _engine.WriteAsync(session => SealAsync(session, chunk, length, live, bad), cancellation);
    }

    /// <summary>Renews the leases of open chunks of this opener; answers those among <paramref name="chunks"/> that are no longer open.</summary>
    public Task<IReadOnlyList<ChunkId>> RenewLeasesAsync(
        string opener, IReadOnlyCollection<ChunkId> chunks, TimeSpan lease, CancellationToken cancellation = default) =>
        _engine.WriteAsync<IReadOnlyList<ChunkId>>(
            async session =>
            {
                var renewed = new HashSet<long>();
                session.QueryEach(
                    """
                    UPDATE chunks SET lease_until = {now} + @lease FROM {rows}
                    WHERE chunk_id = r.chunk AND state = 0 AND opener = @opener RETURNING chunk_id
                    """,
                    RowSet.Over(chunks.Select(c => c.Value).Order().ToArray()).With("chunk", c => c),
                    r => renewed.Add(r.GetInt64(0)),
                    ("opener", opener), ("lease", MicrosecondClock.ToMicroseconds(lease)));
                await session.RunAsync();
                return [.. chunks.Where(c => !renewed.Contains(c.Value))];
            },
            cancellation);

    /// <summary>P5: open ones whose lease is over, or whose primary has another incarnation or no heartbeat within <paramref name="aliveWithin"/>;
    /// and all in sealing.</summary>
    public Task<IReadOnlyList<ChunkRow>> FindToSealAsync(TimeSpan aliveWithin, int limit, CancellationToken cancellation = default) =>
        SelectAsync(
            """
            SELECT c.chunk_id FROM chunks c
            WHERE c.state <= 1 AND (c.state = 1 OR c.lease_until < {now} OR NOT EXISTS (
                SELECT 1 FROM nodes n WHERE n.node_id = c.primary_node AND n.incarnation = c.primary_incarnation
                    AND n.last_heartbeat >= {now} - @alive))
            ORDER BY c.chunk_id LIMIT @limit
            """,
            cancellation,
            ("alive", MicrosecondClock.ToMicroseconds(aliveWithin)), ("limit", limit));

    /// <summary>Sealed, not empty chunks with fewer live replicas on nodes that count than are wanted now (P30), fewest first. A node counts while
    /// it is not
    /// decommissioned and has given a heartbeat within <paramref name="lostAfter"/>.</summary>
    /// <param name="replicaCount">R.</param>
    public Task<IReadOnlyList<ChunkRow>> UnderReplicatedAsync(int replicaCount, TimeSpan lostAfter, int limit,
        CancellationToken cancellation = default) =>
        SelectAsync(
            $"SELECT x.chunk_id FROM ({UnderReplicated}) AS x ORDER BY x.good, x.chunk_id LIMIT @limit",
            cancellation,
            ("replicas", replicaCount), ("lost", MicrosecondClock.ToMicroseconds(lostAfter)), ("limit", limit));

    /// <summary>Sealed chunks with more live replicas than are wanted now (P30): a node came back after its replicas had been made anew.</summary>
    public Task<IReadOnlyList<ChunkRow>> OverReplicatedAsync(int wanted, int limit, CancellationToken cancellation = default) =>
        SelectAsync(
            "SELECT c.chunk_id FROM chunks c WHERE c.state = 2 AND c.live_replicas > @wanted ORDER BY c.chunk_id LIMIT @limit",
            cancellation,
            ("wanted", wanted), ("limit", limit));

    public Task<ChunkCounts> CountAsync(int replicaCount, TimeSpan lostAfter, CancellationToken cancellation = default) =>
        _engine.ReadAsync(
            async session => (await session.QueryAsync(
                $"""
                SELECT (SELECT COUNT(*) FROM chunks), (SELECT COUNT(*) FROM chunks WHERE state <= 1), COUNT(x.chunk_id),
                    CAST(COALESCE(SUM(s.sealed_length), 0) AS BIGINT), CAST(COALESCE(SUM(s.sealed_length * x.good), 0) AS BIGINT),
                    (SELECT COUNT(*) FROM nodes n WHERE n.state <> 2)
                FROM ({UnderReplicated}) AS x JOIN chunks s ON s.chunk_id = x.chunk_id
                """,
                r => new ChunkCounts(r.GetInt64(0), r.GetInt64(1), r.GetInt64(2))
                {
                    MissingBytes = r.GetInt64(3) * Math.Min(replicaCount, r.GetInt64(5)) - r.GetInt64(4),
                },
                ("replicas", replicaCount), ("lost", MicrosecondClock.ToMicroseconds(lostAfter)))).Single(),
            cancellation);

    /// <summary>P27: a copying row with a new epoch; <c>null</c> when the chunk is not sealed at this epoch, or has a replica row on that
    /// node.</summary>
    public Task<Replica?> InsertCopyingAsync(ChunkId chunk, long chunkEpoch, NodeId node, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                var row = await ChunkRows.LockAsync(session, chunk);
                if (row is not { State: ChunkState.Sealed } || row.Epoch != chunkEpoch || row.Replicas.Any(r => r.Node == node)) return null;
                session.Add(
                    """
                    INSERT INTO replicas (chunk_id, epoch, node_id, shard, state) SELECT chunk_id, next_epoch, @node, 0, 1 FROM chunks
                        WHERE chunk_id = @chunk
                    """,
                    ("chunk", chunk.Value), ("node", node.Value));
                session.Add("UPDATE chunks SET epoch = next_epoch + 1, next_epoch = next_epoch + 2 WHERE chunk_id = @chunk", ("chunk", chunk.Value));
                var changed = await ChunkRows.FindAsync(session, chunk);
                return changed!.Replicas.Single(r => r.Node == node);
            },
            cancellation);

    /// <summary>P13, P27: exactly this row, if it still is in <paramref name="from"/> and the chunk is sealed, becomes live.</summary>
    public Task<bool> MakeLiveAsync(ChunkId chunk, long replicaEpoch, ReplicaState from, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                var row = await ChunkRows.LockAsync(session, chunk);
                if (row is not { State: ChunkState.Sealed }) return false;
                if (from == ReplicaState.Live || row.Replicas.SingleOrDefault(r => r.Epoch == replicaEpoch)?.State != from) return false;
                session.Add("UPDATE replicas SET state = 0, verified_at = {now} WHERE chunk_id = @chunk AND epoch = @epoch", ("chunk", chunk.Value),
                    ("epoch", replicaEpoch));
                CountLive(session, chunk);
                await session.RunAsync();
                return true;
            },
            cancellation);

    /// <summary>P27, P29: removes exactly this row if it is in <paramref name="expected"/>. A live or unverified one goes only where
    /// <paramref name="keep"/> other
    /// live ones remain on nodes that are not decommissioned.</summary>
    public Task<bool> RemoveReplicaAsync(ChunkId chunk, long replicaEpoch, ReplicaState expected, int keep,
        CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                var row = await ChunkRows.LockAsync(session, chunk);
                if (row?.Replicas.SingleOrDefault(r => r.Epoch == replicaEpoch)?.State != expected) return false;
                if (expected != ReplicaState.Copying)
                {
                    if (row!.State != ChunkState.Sealed) return false; // the set of an open chunk never changes
                    var remaining = await session.QueryAsync(
                        """
                        SELECT COUNT(*) FROM replicas p JOIN nodes n ON n.node_id = p.node_id
                        WHERE p.chunk_id = @chunk AND p.epoch <> @epoch AND p.state = 0 AND n.state <> 2
                        """,
                        r => r.GetInt64(0),
                        ("chunk", chunk.Value), ("epoch", replicaEpoch));
                    // P29. A chunk that was sealed empty has nothing to keep.
                    if (row.SealedLength > 0 && remaining[0] < Math.Max(1, keep)) return false;
                }
                session.Add("DELETE FROM replicas WHERE chunk_id = @chunk AND epoch = @epoch", ("chunk", chunk.Value), ("epoch", replicaEpoch));
                CountLive(session, chunk);
                await session.RunAsync();
                return true;
            },
            cancellation);

    /// <summary>All replica rows of one node by chunk, for P28.</summary>
    public Task<IReadOnlyList<NodeReplica>> ReplicasOnAsync(NodeId node, ChunkId after, int limit, CancellationToken cancellation = default) =>
        _engine.ReadAsync<IReadOnlyList<NodeReplica>>(
            async session => await session.QueryAsync(
                """
                SELECT p.chunk_id, p.epoch, p.state, c.state, c.sealed_length FROM replicas p JOIN chunks c ON c.chunk_id = p.chunk_id
                WHERE p.node_id = @node AND p.chunk_id > @after ORDER BY p.chunk_id LIMIT @limit
                """,
                r => new NodeReplica(new ChunkId(r.GetInt64(0)), r.GetInt64(1), (ReplicaState)r.GetInt32(2), (ChunkState)r.GetInt32(3), r.Number(4)),
                ("node", node.Value), ("after", after.Value), ("limit", limit)),
            cancellation);

    /// <summary>P24: sealed chunks, sealed longer ago than the grace period, that no blob uses become retired (one without replicas goes at once).
    /// Answers how many.</summary>
    public async Task<int> RetireUnusedAsync(TimeSpan grace, int limit, CancellationToken cancellation = default)
    {
        var unused = await SelectAsync(
            """
            SELECT c.chunk_id FROM chunks c
            WHERE c.state = 2 AND c.sealed_at < {now} - @grace AND NOT EXISTS (SELECT 1 FROM extents e WHERE e.chunk_id = c.chunk_id)
                AND NOT EXISTS (SELECT 1 FROM chunk_holds h WHERE h.chunk_id = c.chunk_id AND h.expires > {now})
            ORDER BY c.chunk_id LIMIT @limit
            """,
            cancellation,
            ("grace", MicrosecondClock.ToMicroseconds(grace)), ("limit", limit));
        var retired = 0;
        foreach (var chunk in unused)
            if (await _engine.WriteAsync(session => RetireAsync(session, chunk.Chunk), cancellation)) retired++;
        return retired;
    }

    /// <summary>P26: retired longer ago than the grace period; their files may go, then <see cref="DeleteRetiredAsync"/>.</summary>
    public Task<IReadOnlyList<ChunkRow>> RetiredToDeleteAsync(TimeSpan grace, int limit, CancellationToken cancellation = default) =>
        SelectAsync(
            "SELECT c.chunk_id FROM chunks c WHERE c.state = 3 AND c.retired_at < {now} - @grace ORDER BY c.chunk_id LIMIT @limit",
            cancellation,
            ("grace", MicrosecondClock.ToMicroseconds(grace)), ("limit", limit));

    /// <summary>Removes one replica row of a retired chunk whose file is gone; with the last one the chunk's row goes.</summary>
    public Task DeleteRetiredAsync(ChunkId chunk, long replicaEpoch, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                if (await ChunkRows.LockAsync(session, chunk) is not { State: ChunkState.Retired }) return false;
                session.Add("DELETE FROM replicas WHERE chunk_id = @chunk AND epoch = @epoch", ("chunk", chunk.Value), ("epoch", replicaEpoch));
                session.Add(
                    "DELETE FROM chunks WHERE chunk_id = @chunk AND NOT EXISTS (SELECT 1 FROM replicas p WHERE p.chunk_id = @chunk)",
                        ("chunk", chunk.Value));
                await session.RunAsync();
                return true;
            },
            cancellation);

    /// <summary>Two indexed ways to find candidates: too few live replicas by the row's own count, or one on a node that no longer counts.</summary>
    private const string UnderReplicated = """
        SELECT y.chunk_id, y.good FROM (
            SELECT c.chunk_id, (
                SELECT COUNT(*) FROM replicas p JOIN nodes n ON n.node_id = p.node_id
                WHERE p.chunk_id = c.chunk_id AND p.state = 0 AND n.state <> 2 AND n.last_heartbeat >= {now} - @lost) AS good
            FROM chunks c WHERE c.state = 2 AND c.sealed_length > 0 AND c.chunk_id IN (
                SELECT l.chunk_id FROM chunks l WHERE l.state = 2 AND l.live_replicas < @replicas
                UNION
                SELECT p.chunk_id FROM replicas p JOIN nodes n ON n.node_id = p.node_id WHERE n.state = 2 OR n.last_heartbeat < {now} - @lost)) AS y
        WHERE y.good < @replicas AND y.good < (SELECT COUNT(*) FROM nodes n WHERE n.state <> 2)
        """;

    private Task<IReadOnlyList<ChunkRow>> SelectAsync(string select, CancellationToken cancellation,
        params (string Name, object? Value)[] parameters) =>
        _engine.ReadAsync<IReadOnlyList<ChunkRow>>(async session => await ChunkRows.SelectAsync(session, select, parameters), cancellation);

    private static async Task<SealOutcome> SealAsync(
        Session session, ChunkId chunk, long length, IReadOnlyCollection<long> live, IReadOnlyCollection<long> bad)
    {
        var row = await ChunkRows.LockAsync(session, chunk);
        if (row is null) return new SealOutcome(SealStatus.NoSuchChunk, null, 0);
        if (row.State is ChunkState.Sealed or ChunkState.Retired) return new SealOutcome(SealStatus.AlreadySealed, row, 0);
        if (row.State != ChunkState.Sealing) return new SealOutcome(SealStatus.Conflict, row, 0);
        var floor = 0L;
        ChunkRows.Floor(session, chunk, f => floor = f); // P12: a statement of its own, after the lock
        await session.RunAsync();
        if (floor > length) return new SealOutcome(SealStatus.FloorAbove, row, floor);

        session.Add("UPDATE replicas SET state = 2 WHERE chunk_id = @chunk", ("chunk", chunk.Value));
        session.AddEach(
            "UPDATE replicas SET state = 0, verified_at = {now} WHERE chunk_id = @chunk AND epoch IN (SELECT r.epoch FROM {rows})",
            RowSet.Over(live).With("epoch", e => e),
            ("chunk", chunk.Value));
        session.AddEach(
            "DELETE FROM replicas WHERE chunk_id = @chunk AND epoch IN (SELECT r.epoch FROM {rows})", RowSet.Over(bad).With("epoch", e => e),
                ("chunk", chunk.Value));
        session.Add(
            "UPDATE chunks SET state = 2, sealed_length = @length, sealed_at = {now} WHERE chunk_id = @chunk", ("chunk", chunk.Value),
                ("length", length));
        CountLive(session, chunk);
        return new SealOutcome(SealStatus.Sealed, await ChunkRows.FindAsync(session, chunk), floor);
    }

    private static async Task<bool> RetireAsync(Session session, ChunkId chunk)
    {
        var row = await ChunkRows.LockAsync(session, chunk);
        if (row is not { State: ChunkState.Sealed }) return false;
        var floor = 0L;
        ChunkRows.Floor(session, chunk, f => floor = f); // P25: looked at again in a statement after the lock
        await session.RunAsync();
        if (floor > 0) return false;
        if (row.Replicas.Count == 0) session.Add("DELETE FROM chunks WHERE chunk_id = @chunk", ("chunk", chunk.Value));
        else session.Add("UPDATE chunks SET state = 3, retired_at = {now} WHERE chunk_id = @chunk", ("chunk", chunk.Value));
        ChunkRows.RaiseEpoch(session, chunk);
        await session.RunAsync();
        return true;
    }

    /// <summary>The row's own count of live replicas, after a change of them, and its epoch.</summary>
    private static void CountLive(Session session, ChunkId chunk)
    {
        session.Add(
            "UPDATE chunks SET live_replicas = (SELECT COUNT(*) FROM replicas p WHERE p.chunk_id = @chunk AND p.state = 0) WHERE chunk_id = @chunk",
            ("chunk", chunk.Value));
        ChunkRows.RaiseEpoch(session, chunk);
    }
}
