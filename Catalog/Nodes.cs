using System.Data.Common;
using OrleansDfs.Catalog.Engines;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog;

public sealed record NodeRegistration(NodeId Node, string SiloName, string Host, int Port, string Domain, long TotalBytes, long FreeBytes);

/// <summary>Storage nodes: identity, incarnation, address, health (P1, P9).</summary>
public sealed class Nodes
{
    private const string RaiseRevision = "UPDATE node_table SET revision = revision + 1 WHERE one = 1";

    private readonly Engine _engine;

    internal Nodes(Engine engine) => _engine = engine;

    /// <summary>P1: a new incarnation, higher than every earlier one of this node. Before anything is served.</summary>
    public Task<long> RegisterAsync(NodeRegistration registration, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                session.Add(RaiseRevision); // the one row that all registrations lock first
                var incarnation = await session.QueryAsync(
                    """
                    INSERT INTO nodes (node_id, incarnation, silo_name, host, port, domain, state, read_only, fsync_failed, total_bytes,
                        free_bytes, last_heartbeat)
                    VALUES (@node, 1, @silo, @host, @port, @domain, 0, FALSE, FALSE, @total, @free, {now})
                    ON CONFLICT (node_id) DO UPDATE SET incarnation = nodes.incarnation + 1, silo_name = excluded.silo_name, host = excluded.host,
                        port = excluded.port, domain = excluded.domain, read_only = FALSE, total_bytes = excluded.total_bytes,
                            free_bytes = excluded.free_bytes,
                        last_heartbeat = excluded.last_heartbeat
                    RETURNING incarnation
                    """,
                    r => r.GetInt64(0),
                    ("node", registration.Node.Value), ("silo", registration.SiloName), ("host", registration.Host), ("port", registration.Port),
                    ("domain", registration.Domain), ("total", registration.TotalBytes), ("free", registration.FreeBytes));
                return incarnation[0];
            },
            cancellation);

    /// <summary><c>false</c>: a later incarnation has registered; this one must stop serving.</summary>
    public Task<bool> HeartbeatAsync(
        NodeId node, long incarnation, long totalBytes, long freeBytes, bool readOnly, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                session.Add(
                    RaiseRevision + " AND EXISTS (SELECT 1 FROM nodes n WHERE n.node_id = @node AND n.incarnation = @incarnation AND n.read_only " +
                        "<> @readonly)",
                    ("node", node.Value), ("incarnation", incarnation), ("readonly", readOnly));
                return await session.ExecuteAsync(
                    """
                    UPDATE nodes SET last_heartbeat = {now}, total_bytes = @total, free_bytes = @free, read_only = @readonly
                    WHERE node_id = @node AND incarnation = @incarnation
                    """,
                    ("node", node.Value), ("incarnation", incarnation), ("total", totalBytes), ("free", freeBytes), ("readonly", readOnly)) == 1;
            },
            cancellation);

    /// <summary>P9: from now on its answers to a seal count as damaged.</summary>
    public Task MarkFsyncFailedAsync(NodeId node, CancellationToken cancellation = default) =>
        ChangeAsync(node, "fsync_failed = TRUE", cancellation);

    /// <summary>An operator's word that the disk is sound.</summary>
    public Task LiftFsyncFailedAsync(NodeId node, CancellationToken cancellation = default) =>
        ChangeAsync(node, "fsync_failed = FALSE", cancellation);

    /// <summary>All nodes; alive are those with a heartbeat within <paramref name="aliveWithin"/> by the database's clock.</summary>
    public Task<NodeTable> TableAsync(TimeSpan aliveWithin, CancellationToken cancellation = default) =>
        _engine.ReadAsync(
            async session =>
            {
                // The revision first: a change in between then shows up as a newer revision, and the table is asked for again.
                var revision = 0L;
                session.Query("SELECT revision FROM node_table WHERE one = 1", r => revision = r.GetInt64(0));
                var nodes = await session.QueryAsync(
                    """
                    SELECT node_id, incarnation, silo_name, host, port, domain, state, read_only, fsync_failed, total_bytes, free_bytes,
                        last_heartbeat,
                        last_heartbeat >= {now} - @alive
                    FROM nodes ORDER BY node_id
                    """,
                    Read,
                    ("alive", MicrosecondClock.ToMicroseconds(aliveWithin)));
                return new NodeTable(revision, nodes);
            },
            cancellation);

    private Task<bool> ChangeAsync(NodeId node, string change, CancellationToken cancellation) =>
        _engine.WriteAsync(
            async session =>
            {
                session.Add(RaiseRevision);
                return await session.ExecuteAsync($"UPDATE nodes SET {change} WHERE node_id = @node", ("node", node.Value)) == 1;
            },
            cancellation);

    private static StorageNodeInfo Read(DbDataReader r) => new(
        new NodeId(r.GetGuid(0)),
        r.GetInt64(1),
        r.GetString(2),
        r.GetString(3),
        r.GetInt32(4),
        r.GetString(5),
        (NodeState)r.GetInt32(6),
        r.GetBoolean(7),
        r.GetBoolean(8),
        r.GetInt64(9),
        r.GetInt64(10),
        r.Time(11),
        r.GetBoolean(12));
}
