using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Silo.Tests.Background;

/// <summary>The coordinator that made this call is gone; what it had asked for may or may not have been done.</summary>
internal sealed class CoordinatorCrash : Exception;

/// <summary>A node behind a test's faults: <paramref name="before"/> is asked before each call, by the call's name, and may throw; a status other
/// than Ok is
/// the answer.</summary>
internal sealed class FaultyPeer(IChunkPeer inner, Func<string, ChunkStatus> before) : IChunkPeer
{
    public NodeAddress Address => inner.Address;

    /// <summary>Creates wait for this.</summary>
    public Task CreateGate { get; init; } = Task.CompletedTask;

    public async ValueTask<ChunkStatus> CreateAsync(CreateRequest request, CancellationToken cancellationToken)
    {
        await CreateGate.WaitAsync(cancellationToken);
        return before("create") is var fault and not ChunkStatus.Ok ? fault : await inner.CreateAsync(request, cancellationToken);
    }

    public async ValueTask<AppendResult> AppendAsync(AppendRequest request, ReadOnlyMemory<byte> record, CancellationToken cancellationToken) =>
        before("append") is var fault and not ChunkStatus.Ok
            ? AppendResult.Failed(fault) : await inner.AppendAsync(request, record, cancellationToken);

    public async ValueTask<ChunkStatus> ReplicateAsync(ReplicateRequest request, ReadOnlyMemory<byte> record, CancellationToken cancellationToken) =>
        before("replicate") is var fault and not ChunkStatus.Ok ? fault : await inner.ReplicateAsync(request, record, cancellationToken);

    public async ValueTask<CloseResult> CloseAsync(ReplicaFile file, CancellationToken cancellationToken) =>
        before("close") is var fault and not ChunkStatus.Ok ? new CloseResult(fault, 0) : await inner.CloseAsync(file, cancellationToken);

    public async ValueTask<ChunkStatus> ReadAsync(ReplicaFile file, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        before("read") is var fault and not ChunkStatus.Ok ? fault : await inner.ReadAsync(file, offset, destination, cancellationToken);

    public async ValueTask<ChunkStatus> TruncateAsync(ReplicaFile file, long length, CancellationToken cancellationToken) =>
        before("truncate") is var fault and not ChunkStatus.Ok ? fault : await inner.TruncateAsync(file, length, cancellationToken);

    public async ValueTask<ChunkStatus> DeleteAsync(ReplicaFile file, CancellationToken cancellationToken) =>
        before("delete") is var fault and not ChunkStatus.Ok ? fault : await inner.DeleteAsync(file, cancellationToken);

    public async ValueTask<CopyResult> CopyAsync(CopyRequest request, CancellationToken cancellationToken) =>
        before("copy") is var fault and not ChunkStatus.Ok ? new CopyResult(fault, 0, []) : await inner.CopyAsync(request, cancellationToken);

    public async ValueTask<VerifyResult> VerifyAsync(ReplicaFile file, long length, CancellationToken cancellationToken) =>
        before("verify") is var fault and not ChunkStatus.Ok ? new VerifyResult(fault, 0) : await inner.VerifyAsync(file, length, cancellationToken);

    public async ValueTask<InventoryPage> InventoryAsync(ReplicaFile after, CancellationToken cancellationToken) =>
        before("inventory") is var fault and not ChunkStatus.Ok
            ? new InventoryPage(fault, [], false) : await inner.InventoryAsync(after, cancellationToken);

    public ValueTask<NodeStatus> StatusAsync(CancellationToken cancellationToken) => inner.StatusAsync(cancellationToken);
}

/// <summary>A node that is not there.</summary>
internal sealed class AwayPeer(NodeAddress address) : IChunkPeer
{
    public NodeAddress Address => address;

    public ValueTask<ChunkStatus> CreateAsync(CreateRequest request, CancellationToken cancellationToken) => new(ChunkStatus.Unreachable);

    public ValueTask<AppendResult> AppendAsync(AppendRequest request, ReadOnlyMemory<byte> record, CancellationToken cancellationToken) =>
        new(AppendResult.Failed(ChunkStatus.Unreachable));

    public ValueTask<ChunkStatus> ReplicateAsync(ReplicateRequest request, ReadOnlyMemory<byte> record, CancellationToken cancellationToken) =>
        new(ChunkStatus.Unreachable);

    public ValueTask<CloseResult> CloseAsync(ReplicaFile file, CancellationToken cancellationToken) =>
        new(new CloseResult(ChunkStatus.Unreachable, 0));

    public ValueTask<ChunkStatus> ReadAsync(ReplicaFile file, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        new(ChunkStatus.Unreachable);

    public ValueTask<ChunkStatus> TruncateAsync(ReplicaFile file, long length, CancellationToken cancellationToken) => new(ChunkStatus.Unreachable);

    public ValueTask<ChunkStatus> DeleteAsync(ReplicaFile file, CancellationToken cancellationToken) => new(ChunkStatus.Unreachable);

    public ValueTask<CopyResult> CopyAsync(CopyRequest request, CancellationToken cancellationToken) =>
        new(new CopyResult(ChunkStatus.Unreachable, 0, []));

    public ValueTask<VerifyResult> VerifyAsync(ReplicaFile file, long length, CancellationToken cancellationToken) =>
        new(new VerifyResult(ChunkStatus.Unreachable, 0));

    public ValueTask<InventoryPage> InventoryAsync(ReplicaFile after, CancellationToken cancellationToken) =>
        new(new InventoryPage(ChunkStatus.Unreachable, [], false));

    public ValueTask<NodeStatus> StatusAsync(CancellationToken cancellationToken) =>
        throw new InvalidOperationException("Nobody asks a node that is away.");
}
