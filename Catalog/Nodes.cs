using OrleansDfs.Model;

namespace OrleansDfs.Catalog;

public sealed record NodeRegistration(NodeId Node, string SiloName, string Host, int Port, string Domain, long TotalBytes, long FreeBytes);

/// <summary>Storage nodes: identity, incarnation, address, health (P1, P9).</summary>
public sealed class Nodes
{
    /// <summary>P1: a new incarnation, higher than every earlier one of this node. Before anything is served.</summary>
    public Task<long> RegisterAsync(NodeRegistration registration, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary><c>false</c>: a later incarnation has registered; this one must stop serving.</summary>
    public Task<bool> HeartbeatAsync(
        NodeId node, long incarnation, long totalBytes, long freeBytes, bool readOnly, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>P9: from now on its answers to a seal count as damaged.</summary>
    public Task MarkFsyncFailedAsync(NodeId node, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>An operator's word that the disk is sound.</summary>
    public Task LiftFsyncFailedAsync(NodeId node, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>Drain, decommission, or back; <c>false</c>: no such node.</summary>
    public Task<bool> SetStateAsync(NodeId node, NodeState state, CancellationToken cancellation = default) => throw new NotImplementedException();

    /// <summary>All nodes; alive are those with a heartbeat within <paramref name="aliveWithin"/> by the database's clock.</summary>
    public Task<NodeTable> TableAsync(TimeSpan aliveWithin, CancellationToken cancellation = default) => throw new NotImplementedException();
}
