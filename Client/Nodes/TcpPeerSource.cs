using OrleansDfs.Replication;

namespace OrleansDfs.Client;

/// <summary>Connections over TCP that prove the cluster secret.</summary>
public sealed class TcpPeerSource(byte[] secret, ClusterTlsMode mode, ChunkPeerOptions options, TimeProvider time) : PeerSource
{
    private readonly Lock _gate = new();
    private Guid _clusterId;
    private ChunkPeers? _peers;

    public override IChunkPeer Get(Guid clusterId, NodeAddress address)
    {
        lock (_gate)
        {
            // The cluster's id comes with the first node table; a process never changes its cluster.
            if (_peers is null) (_clusterId, _peers) = (clusterId, new ChunkPeers(new ClusterIdentity(clusterId, secret, mode), options, time));
            else if (_clusterId != clusterId) throw new InvalidOperationException($"The cluster {_clusterId} answers as {clusterId} now.");
        }
        return _peers.Get(address);
    }

    public override ValueTask DisposeAsync() => _peers?.DisposeAsync() ?? default;
}
