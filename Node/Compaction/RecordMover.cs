using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Node;

/// <summary>An extent to copy, and the blob whose records it must hold.</summary>
public readonly record struct ExtentToMove(BlobId Blob, Extent Extent);

/// <summary>What came of moving the extents of one chunk.</summary>
/// <param name="Status">Ok: all are durable on every replica of the target. Else why not; then nothing of <paramref name="To"/> counts.</param>
/// <param name="To">The new extents, in the order of those given.</param>
/// <param name="Bytes">Physical bytes appended.</param>
/// <param name="BadSources">Nodes whose replica gave records that do not match their checksums.</param>
public sealed record MoveResult(ChunkStatus Status, IReadOnlyList<Extent> To, long Bytes, IReadOnlyCollection<NodeId> BadSources);

/// <summary>
/// Copies the records of live extents out of a sealed chunk to the end of an open one (PROTOCOL P25), through the ordinary append of its primary
/// (P7).
/// Invariants: no record is appended that was not whole and right at its old place, and of the blob that the catalog says; an extent's records stay
/// together, because nobody else writes to the target. Memory: a few buffers of a record's size, whatever the size of the chunk.
/// </summary>
/// <param name="buffers">Its large buffers bound what is in flight.</param>
public sealed class RecordMover(Func<NodeAddress, IChunkPeer> peers, RecordBufferPool buffers, ByteRate rate,
    ChunkDeadlines deadlines, TimeProvider time)
{
    /// <param name="extents">Of <paramref name="chunk"/>, in the order of their bytes.</param>
    /// <param name="sources">Live replicas, best first.</param>
    public async Task<MoveResult> MoveAsync(
        ChunkId chunk, IReadOnlyList<ExtentToMove> extents, IReadOnlyList<PeerReplica> sources, OpenChunk target, NodeAddress primary,
        CancellationToken cancellation)
    {
        var run = new MoveRun(target.Chunk, extents);
        var source = new RecordSource(chunk, sources, peers, deadlines.Read, time);
        var file = new AppendRequest(new ReplicaFile(target.Chunk, target.PrimaryEpoch), target.PrimaryIncarnation);
        try
        {
            foreach (var block in RecordBlock.Of(extents))
            {
                if (run.Failure != ChunkStatus.Ok) break;
                await rate.WaitAsync(block.Length, cancellation);
                if (await FillAsync(source, block, run, cancellation) is not { } buffer) break;
                var appends = block.Records.Select(r => AppendAsync(chunk, block, r, buffer, peers(primary), file, run)).ToArray();
                run.Add(ReleaseAsync(buffer, appends));
            }
        }
        finally
        {
            await run.EndedAsync(); // the memory of an append is the connection's until it has ended
        }
        return run.Result(source.Bad);
    }

    /// <summary>The block in a buffer, every record checked; <c>null</c>: no replica gives it.</summary>
    private async ValueTask<RecordBuffer?> FillAsync(RecordSource source, RecordBlock block, MoveRun run, CancellationToken cancellation)
    {
        var buffer = await buffers.RentAsync(RecordLayout.MaxRecordSize, cancellation);
        var status = ChunkStatus.Unreachable;
        try
        {
            status = await source.ReadAsync(block, buffer.Memory[..block.Length], cancellation);
        }
        finally
        {
            if (status != ChunkStatus.Ok) buffer.Dispose();
        }
        if (status == ChunkStatus.Ok) return buffer;
        run.Fail(status);
        return null;
    }

    /// <summary>The first, synchronous part fixes the order of arrival (<see cref="IChunkPeer"/>).</summary>
    private async Task AppendAsync(
        ChunkId chunk, RecordBlock block, RecordPlace record, RecordBuffer buffer, IChunkPeer primary, AppendRequest target, MoveRun run)
    {
        var bytes = buffer.Memory.Slice((int)(record.Offset - block.Start), record.Size);
        Format.Unplace(bytes.Span, chunk, record.Offset);
        using var deadline = new CancellationTokenSource(deadlines.Append + deadlines.AppendAnswer, time);
        try
        {
            run.Appended(record, await primary.AppendAsync(target, bytes, deadline.Token));
        }
        catch (OperationCanceledException)
        {
            run.Fail(ChunkStatus.Deadline);
        }
    }

    private static async Task ReleaseAsync(RecordBuffer buffer, Task[] appends)
    {
        using (buffer) await Task.WhenAll(appends);
    }
}
