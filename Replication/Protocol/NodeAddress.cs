using OrleansDfs.Model;

namespace OrleansDfs.Replication;

/// <summary>Where a storage node is reached, in the incarnation that is meant (P1, P2).</summary>
/// <param name="Incarnation">The node's HELLO must show this one, else every call answers <see cref="ChunkStatus.WrongIncarnation"/>.</param>
/// <param name="Host">Advertised host name or IP address.</param>
public sealed record NodeAddress(NodeId Node, long Incarnation, string Host, int Port)
{
    public static NodeAddress Of(StorageNodeInfo node) => new(node.Node, node.Incarnation, node.Host, node.Port);
}
