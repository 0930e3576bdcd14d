using OrleansDfs.Model;

namespace OrleansDfs.Replication;

/// <summary>A storage node over TCP; connects on first use and again after a break.</summary>
public sealed class TcpChunkPeer : IChunkPeer, IAsyncDisposable
{
    public TcpChunkPeer(NodeAddress address, ClusterIdentity cluster, ChunkPeerOptions options, TimeProvider time)
    {
        Address = address;
    }

    public NodeAddress Address { get; }

    public ValueTask<ChunkStatus> CreateAsync(CreateRequest request, CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask<AppendResult> AppendAsync(AppendRequest request, ReadOnlyMemory<byte> record, CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask<ChunkStatus> ReplicateAsync(ReplicateRequest request, ReadOnlyMemory<byte> record, CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask<CloseResult> CloseAsync(ReplicaFile file, CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask<ChunkStatus> ReadAsync(ReplicaFile file, long offset, Memory<byte> destination, CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask<ChunkStatus> TruncateAsync(ReplicaFile file, long length, CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask<ChunkStatus> DeleteAsync(ReplicaFile file, CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask<CopyResult> CopyAsync(CopyRequest request, CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask<VerifyResult> VerifyAsync(ReplicaFile file, long length, CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask<InventoryPage> InventoryAsync(ReplicaFile after, CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask<NodeStatus> StatusAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    internal void Abort() => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
