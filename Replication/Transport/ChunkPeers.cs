using System.Collections.Concurrent;
using OrleansDfs.Model;

namespace OrleansDfs.Replication;

/// <summary>
/// The peers of one process, one per node. A newer incarnation of a node replaces the peer of the older one, whose waiting calls end with
/// <see cref="ChunkStatus.Unreachable"/>; asking with an older address gives the newest peer, because create and append name their incarnation
/// themselves.
/// </summary>
public sealed class ChunkPeers(ClusterIdentity cluster, ChunkPeerOptions options, TimeProvider time) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<NodeId, TcpChunkPeer> _peers = new();
    private readonly Lock _gate = new();
    private bool _disposed;

    /// <summary>The peer for this node; does not connect.</summary>
    public IChunkPeer Get(NodeAddress address)
    {
        if (_peers.TryGetValue(address.Node, out var peer) && IsCurrent(peer, address)) return peer;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_peers.TryGetValue(address.Node, out peer))
            {
                if (IsCurrent(peer, address)) return peer;
                peer.Abort();
            }
            return _peers[address.Node] = new TcpChunkPeer(address, cluster, options, time);
        }
    }

    /// <summary>Closes the connections to a node that has left the cluster.</summary>
    public void Drop(NodeId node)
    {
        if (_peers.TryRemove(node, out var peer)) peer.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate) _disposed = true;
        foreach (var peer in _peers.Values) await peer.DisposeAsync();
        _peers.Clear();
    }

    // The same incarnation under another advertised address (a changed configuration needs a restart, but a name may resolve anew) is a new peer too.
    private static bool IsCurrent(TcpChunkPeer peer, NodeAddress wanted) => peer.Address == wanted || peer.Address.Incarnation > wanted.Incarnation;
}
