using System.Globalization;
using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog;

/// <summary>What a storage node holds by the catalog's rows, and what it held when an operator told it to leave.</summary>
/// <param name="Replicas">Replica rows of any state, of chunks of any state: 0 is the proof that a node holds nothing that is needed.</param>
/// <param name="Bytes">Physical bytes of its replicas of sealed chunks.</param>
/// <param name="LeavingSince">When the drain began; <c>null</c> while it stays.</param>
public sealed record NodeLoad(NodeId Node, long Replicas, long Bytes, DateTimeOffset? LeavingSince, long ReplicasThen, long BytesThen);

/// <summary>A rebalance under way.</summary>
/// <param name="Planned">Bytes that had to move when it began.</param>
/// <param name="Moved">Bytes moved since.</param>
public sealed record RebalanceRow(DateTimeOffset Since, long Planned, long Moved);

/// <summary>
/// What moves replicas between nodes on an operator's word: drain, decommission, rebalance. All of it is rows, so that a supervisor that dies is
/// followed by one that
/// goes on. No replica leaves by anything here: that is <see cref="Chunks.RemoveReplicaAsync"/>, which holds P29.
/// </summary>
public sealed class Moves
{
    private const string RebalanceName = "rebalance";

    private readonly Engine _engine;

    internal Moves(Engine engine) => _engine = engine;

    /// <summary>Begins or ends the leaving of a node. Begun twice it keeps its first figures. <c>false</c>: no such node.</summary>
    public Task<bool> SetStateAsync(NodeId node, NodeState state, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                session.Add("UPDATE node_table SET revision = revision + 1 WHERE one = 1");
                session.Add(
                    state == NodeState.Registered
                        ? "UPDATE nodes SET leaving_since = NULL, leaving_replicas = 0, leaving_bytes = 0 WHERE node_id = @node"
                        : """
                          UPDATE nodes SET leaving_since = {now},
                              leaving_replicas = (SELECT COUNT(*) FROM replicas p WHERE p.node_id = @node),
                              leaving_bytes = (SELECT CAST(COALESCE(SUM(c.sealed_length), 0) AS BIGINT)
                                  FROM replicas p JOIN chunks c ON c.chunk_id = p.chunk_id
                                  WHERE p.node_id = @node)
                          WHERE node_id = @node AND leaving_since IS NULL
                          """,
                    ("node", node.Value));
                return await session.ExecuteAsync("UPDATE nodes SET state = @state WHERE node_id = @node", ("node", node.Value),
                    ("state", (int)state)) == 1;
            },
            cancellation);

    /// <summary>A draining node without any replica row is gone for good; <c>false</c>: it is not draining, or it still holds replicas.</summary>
    public Task<bool> DecommissionDrainedAsync(NodeId node, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                session.Add("UPDATE node_table SET revision = revision + 1 WHERE one = 1");
                return await session.ExecuteAsync(
                    """
                    UPDATE nodes SET state = 2 WHERE node_id = @node AND state = 1 AND NOT EXISTS (SELECT 1 FROM replicas p WHERE p.node_id = @node)
                    """,
                    ("node", node.Value)) == 1;
            },
            cancellation);

    /// <summary>One node, or all with <c>null</c>: then every replica row is counted, which takes a second per million of them.</summary>
    public Task<IReadOnlyList<NodeLoad>> LoadsAsync(NodeId? node, CancellationToken cancellation = default) =>
        _engine.ReadAsync<IReadOnlyList<NodeLoad>>(
            async session => await session.QueryAsync(
                $$"""
                SELECT n.node_id, COUNT(p.chunk_id), CAST(COALESCE(SUM(c.sealed_length), 0) AS BIGINT), n.leaving_since, n.leaving_replicas,
                    n.leaving_bytes
                FROM nodes n LEFT JOIN replicas p ON p.node_id = n.node_id LEFT JOIN chunks c ON c.chunk_id = p.chunk_id
                {{(node is null ? "" : "WHERE n.node_id = @node")}}
                GROUP BY n.node_id, n.leaving_since, n.leaving_replicas, n.leaving_bytes ORDER BY n.node_id
                """,
                r => new NodeLoad(
                    new NodeId(r.GetGuid(0)), r.GetInt64(1), r.GetInt64(2),
                    r.Number(3) is { } since ? MicrosecondClock.FromMicroseconds(since) : null, r.GetInt64(4), r.GetInt64(5)),
                node is null ? [] : [("node", node.Value.Value)]),
            cancellation);

    /// <summary>Chunks with a replica on this node, by id.</summary>
    public Task<IReadOnlyList<ChunkRow>> OnNodeAsync(NodeId node, ChunkId after, int limit, CancellationToken cancellation = default) =>
        _engine.ReadAsync<IReadOnlyList<ChunkRow>>(
            async session => await ChunkRows.SelectAsync(
                session,
                "SELECT p.chunk_id FROM replicas p WHERE p.node_id = @node AND p.chunk_id > @after ORDER BY p.chunk_id LIMIT @limit",
                ("node", node.Value), ("after", after.Value), ("limit", limit)),
            cancellation);

    /// <summary>Begins a rebalance; one under way goes on with its own figures.</summary>
    public Task BeginRebalanceAsync(long planned, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            session => session.ExecuteAsync(
                """
                INSERT INTO settings (name, value)
                SELECT @name, CAST({now} AS TEXT) || ' ' || @planned || ' 0' WHERE TRUE ON CONFLICT (name) DO NOTHING
                """,
                ("name", RebalanceName), ("planned", planned.ToString(CultureInfo.InvariantCulture))),
            cancellation);

    /// <summary>Ends it, done or not; what has moved stays where it is. <c>false</c>: none was under way.</summary>
    public Task<bool> EndRebalanceAsync(CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session => await session.ExecuteAsync("DELETE FROM settings WHERE name = @name", ("name", RebalanceName)) == 1, cancellation);

    /// <summary><c>null</c>: none is under way.</summary>
    public Task<RebalanceRow?> RebalanceAsync(CancellationToken cancellation = default) =>
        _engine.ReadAsync(async session => (await FindRebalanceAsync(session)).SingleOrDefault(), cancellation);

    /// <summary>Counts bytes moved. Figures for people: nothing is decided by them.</summary>
    public Task AddMovedAsync(long bytes, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                if ((await FindRebalanceAsync(session)).SingleOrDefault() is not { } row) return 0;
                var text = string.Create(
                    CultureInfo.InvariantCulture, $"{MicrosecondClock.ToMicroseconds(row.Since)} {row.Planned} {row.Moved + bytes}");
                return await session.ExecuteAsync("UPDATE settings SET value = @text WHERE name = @name", ("name", RebalanceName), ("text", text));
            },
            cancellation);

    private static Task<List<RebalanceRow>> FindRebalanceAsync(Session session) =>
        session.QueryAsync(
            "SELECT value FROM settings WHERE name = @name",
            r =>
            {
                var figures = r.GetString(0).Split(' ').Select(f => long.Parse(f, CultureInfo.InvariantCulture)).ToArray();
                return new RebalanceRow(MicrosecondClock.FromMicroseconds(figures[0]), figures[1], figures[2]);
            },
            ("name", RebalanceName));
}
