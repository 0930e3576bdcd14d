using OrleansDfs.Replication;

namespace OrleansDfs.Client;

/// <summary>Gives the peer of a node: <see cref="ChunkPeers"/> in real life, a simulation's or a test's else.</summary>
public abstract class PeerSource : IAsyncDisposable
{
    /// <param name="clusterId">As the node table said; it does not change while the process lives.</param>
    /// <param name="address">The node as the newest node table has it.</param>
    public abstract IChunkPeer Get(Guid clusterId, NodeAddress address);

    public abstract ValueTask DisposeAsync();
}
