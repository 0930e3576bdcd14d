using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Client;

/// <summary>
/// The record buffers of one process. Invariant that keeps streams from waiting for each other: a stream waits only for its <em>own</em> buffer, of
/// which it
/// holds at most one and with which alone it gets to its end; buffers beyond it (<see cref="TryRentExtra"/>) make it faster and are never waited for.
/// Writers and readers have own buffers in pools apart: a copy that reads and writes holds one of each, and with one pool enough copies would wait
/// for each other.
/// </summary>
internal sealed class StreamBuffers(DfsClientOptions options)
{
    private readonly RecordBufferPool _writers = new(options.LargeStreams, options.SmallStreams);
    private readonly RecordBufferPool _readers = new(options.LargeStreams, options.SmallStreams);
    private readonly RecordBufferPool _extra = new(options.RecordBuffers, 1);

    public int InUse => _writers.InUse + _readers.InUse + _extra.InUse;

    public ValueTask<RecordBuffer> RentForWriterAsync(int size, CancellationToken cancellation) => _writers.RentAsync(size, cancellation);

    public ValueTask<RecordBuffer> RentForReaderAsync(int size, CancellationToken cancellation) => _readers.RentAsync(size, cancellation);

    /// <summary>A whole record's buffer, or <c>null</c> when all are in use.</summary>
    public RecordBuffer? TryRentExtra() => _extra.TryRent(RecordLayout.MaxRecordSize);
}
