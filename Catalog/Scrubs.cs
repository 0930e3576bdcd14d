using OrleansDfs.Catalog.Engines;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog;

/// <summary>A replica whose pages have to be read again.</summary>
/// <param name="VerifiedAt">When all of them were last found right; the epoch of 1970 where it is not known.</param>
public sealed record DueReplica(ReplicaFile File, long Length, DateTimeOffset VerifiedAt);

/// <summary>How far the scrub of one node is.</summary>
/// <param name="Replicas">Live replicas of sealed chunks.</param>
/// <param name="Due">Those of them that have to be read again now.</param>
/// <param name="DueBytes">Their physical length.</param>
/// <param name="Oldest">When the one that waits longest was last verified.</param>
public sealed record ScrubProgress(NodeId Node, string SiloName, long Replicas, long Due, long DueBytes, DateTimeOffset? Oldest);

/// <summary>
/// When each replica was last verified, in the catalog, so that a restart or another disk under the same node forgets nothing. A replica is due when
/// its time is over or an operator has asked for a scrub since. All by the database's clock.
/// </summary>
public sealed class Scrubs
{
    private const string DueSince =
        "{greatest}({now} - @period, COALESCE((SELECT CAST(s.value AS BIGINT) FROM settings s WHERE s.name = 'scrub_requested'), 0))";

    private readonly Engine _engine;

    internal Scrubs(Engine engine) => _engine = engine;

    /// <summary>Live replicas of this node that are due, those that have waited longest first.</summary>
    public Task<IReadOnlyList<DueReplica>> DueAsync(NodeId node, TimeSpan period, int limit, CancellationToken cancellation = default) =>
        _engine.ReadAsync<IReadOnlyList<DueReplica>>(
            async session => await session.QueryAsync(
                $$"""
                SELECT p.chunk_id, p.epoch, c.sealed_length, p.verified_at FROM replicas p JOIN chunks c ON c.chunk_id = p.chunk_id
                WHERE p.node_id = @node AND p.state = 0 AND c.state = 2 AND c.sealed_length > 0 AND p.verified_at < {{DueSince}}
                ORDER BY p.verified_at LIMIT @limit
                """,
                r => new DueReplica(new ReplicaFile(new ChunkId(r.GetInt64(0)), r.GetInt64(1)), r.GetInt64(2), r.Time(3)),
                ("node", node.Value), ("period", MicrosecondClock.ToMicroseconds(period)), ("limit", limit)),
            cancellation);

    /// <summary>Every page of it was found right just now.</summary>
    public Task<bool> MarkVerifiedAsync(ReplicaFile file, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session => await session.ExecuteAsync(
                "UPDATE replicas SET verified_at = {now} WHERE chunk_id = @chunk AND epoch = @epoch AND state = 0",
                ("chunk", file.Chunk.Value), ("epoch", file.Epoch)) == 1,
            cancellation);

    /// <summary>All replicas are due from now on.</summary>
    public Task RequestAsync(CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            session => session.ExecuteAsync(
                """
                INSERT INTO settings (name, value) VALUES ('scrub_requested', CAST({now} AS TEXT))
                ON CONFLICT (name) DO UPDATE SET value = excluded.value
                """),
            cancellation);

    public Task<IReadOnlyList<ScrubProgress>> ProgressAsync(TimeSpan period, CancellationToken cancellation = default) =>
        _engine.ReadAsync<IReadOnlyList<ScrubProgress>>(
            async session => await session.QueryAsync(
                $$"""
                SELECT n.node_id, n.silo_name, COUNT(x.verified_at), COALESCE(SUM(x.is_due), 0),
                    COALESCE(SUM(x.is_due * x.sealed_length), 0), MIN(x.verified_at)
                FROM nodes n LEFT JOIN (
                    SELECT p.node_id, p.verified_at, c.sealed_length, CASE WHEN p.verified_at < {{DueSince}} THEN 1 ELSE 0 END AS is_due
                    FROM replicas p JOIN chunks c ON c.chunk_id = p.chunk_id WHERE p.state = 0 AND c.state = 2 AND c.sealed_length > 0) AS x
                    ON x.node_id = n.node_id
                WHERE n.state <> 2 GROUP BY n.node_id, n.silo_name ORDER BY n.silo_name
                """,
                r => new ScrubProgress(
                    new NodeId(r.GetGuid(0)), r.GetString(1), r.GetInt64(2), Convert.ToInt64(r.GetValue(3)), Convert.ToInt64(r.GetValue(4)),
                    r.IsDBNull(5) ? null : r.Time(5)),
                ("period", MicrosecondClock.ToMicroseconds(period))),
            cancellation);
}
