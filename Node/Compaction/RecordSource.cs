using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Node;

/// <summary>
/// Reads blocks of records from the live replicas of a sealed chunk. A block is good only as a whole: a replica that is away, refuses or gives one
/// record that does not match its checksums is passed over for this block and tried last for the next.
/// </summary>
internal sealed class RecordSource(
    ChunkId chunk, IReadOnlyList<PeerReplica> sources, Func<NodeAddress, IChunkPeer> peers, TimeSpan readDeadline, TimeProvider time)
{
    private readonly HashSet<NodeId> _bad = [];
    private int _best;

    public IReadOnlyCollection<NodeId> Bad => _bad;

    public async ValueTask<ChunkStatus> ReadAsync(RecordBlock block, Memory<byte> destination, CancellationToken cancellation)
    {
        var status = ChunkStatus.Unreachable;
        for (var tried = 0; tried < sources.Count; tried++)
        {
            var source = sources[_best % sources.Count];
            status = await ReadAsync(source, block, destination, cancellation);
            if (status == ChunkStatus.Ok && !IsRight(block, destination.Span))
            {
                status = ChunkStatus.Corrupt;
                _bad.Add(source.Address.Node);
            }
            if (status == ChunkStatus.Ok) return status;
            _best++;
        }
        return status;
    }

    private async ValueTask<ChunkStatus> ReadAsync(PeerReplica source, RecordBlock block, Memory<byte> destination, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(readDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        try
        {
            return await peers(source.Address).ReadAsync(source.FileOf(chunk), block.Start, destination, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ChunkStatus.Deadline;
        }
    }

    /// <summary>Every live record is whole, stands where the extent says, and is of the extent's blob.</summary>
    private bool IsRight(RecordBlock block, ReadOnlySpan<byte> bytes)
    {
        foreach (var record in block.Records)
        {
            var at = bytes.Slice((int)(record.Offset - block.Start), record.Size);
            if (!Format.TryReadHeader(at, chunk, record.Offset, out var header) || header.Blob != record.Blob) return false;
            if (!Format.Verify(at, chunk, record.Offset)) return false;
        }
        return true;
    }
}
