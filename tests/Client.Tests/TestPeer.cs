using OrleansDfs.Model;
using OrleansDfs.Node;
using OrleansDfs.Replication;

namespace OrleansDfs.Client.Tests;

/// <summary>A real storage node with faults of the network and of the disk in front of it.</summary>
internal sealed class TestPeer(StorageNode node) : IChunkPeer
{
    private int _appends;
    private int _reads;

    public NodeAddress Address => node.Address;

    public int Appends => _appends;

    public int Reads => _reads;

    public StorageNode Node => node;

    /// <summary>Appends from this one on (counted from 1) find the node gone.</summary>
    public int? DeadFromAppend { get; set; }

    /// <summary>Nothing is answered at all.</summary>
    public bool IsDead { get; set; }

    /// <summary>Reads hang until they are cancelled.</summary>
    public bool ReadsHang { get; set; }

    /// <summary>The first page of each read comes with a flipped bit.</summary>
    public bool ReadsLie { get; set; }

    /// <summary>Appends wait for this.</summary>
    public Task AppendGate { get; set; } = Task.CompletedTask;

    /// <summary>Physical ranges that were read.</summary>
    public List<(long Offset, int Length)> ReadRanges { get; } = [];

    public ValueTask<ChunkStatus> CreateAsync(CreateRequest request, CancellationToken cancellationToken) =>
        IsDead ? ValueTask.FromResult(ChunkStatus.Unreachable) : node.CreateAsync(request, cancellationToken);

    public async ValueTask<AppendResult> AppendAsync(AppendRequest request, ReadOnlyMemory<byte> record, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _appends);
        if (IsDead || number >= DeadFromAppend) return AppendResult.Failed(ChunkStatus.Unreachable);
        if (AppendGate.IsCompleted) return await node.AppendAsync(request, record, cancellationToken);
        await AppendGate.WaitAsync(cancellationToken);
        return await node.AppendAsync(request, record, cancellationToken);
    }

    public ValueTask<ChunkStatus> ReplicateAsync(ReplicateRequest request, ReadOnlyMemory<byte> record, CancellationToken cancellationToken) =>
        IsDead ? ValueTask.FromResult(ChunkStatus.Unreachable) : node.ReplicateAsync(request, record, cancellationToken);

    public async ValueTask<ChunkStatus> ReadAsync(ReplicaFile file, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        lock (ReadRanges) ReadRanges.Add((offset, destination.Length));
        if (IsDead) return ChunkStatus.Unreachable;
        if (ReadsHang)
        {
            var never = new TaskCompletionSource();
            await never.Task.WaitAsync(cancellationToken);
        }
        var status = await node.ReadAsync(file, offset, destination, cancellationToken);
        if (ReadsLie) destination.Span[0] ^= 1;
        return status;
    }

    public ValueTask<CloseResult> CloseAsync(ReplicaFile file, CancellationToken cancellationToken) =>
        node.CloseAsync(file, cancellationToken);

    public ValueTask<ChunkStatus> TruncateAsync(ReplicaFile file, long length, CancellationToken cancellationToken) =>
        node.TruncateAsync(file, length, cancellationToken);

    public ValueTask<ChunkStatus> DeleteAsync(ReplicaFile file, CancellationToken cancellationToken) =>
        node.DeleteAsync(file, cancellationToken);

    public ValueTask<CopyResult> CopyAsync(CopyRequest request, CancellationToken cancellationToken) =>
        node.CopyAsync(request, cancellationToken);

    public ValueTask<VerifyResult> VerifyAsync(ReplicaFile file, long length, CancellationToken cancellationToken) =>
        node.VerifyAsync(file, length, cancellationToken);

    public ValueTask<InventoryPage> InventoryAsync(ReplicaFile after, CancellationToken cancellationToken) =>
        node.InventoryAsync(after, cancellationToken);

    public ValueTask<NodeStatus> StatusAsync(CancellationToken cancellationToken) =>
        node.StatusAsync(cancellationToken);
}
