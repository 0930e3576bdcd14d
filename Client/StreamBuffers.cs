using OrleansDfs.Abstractions;
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
internal sealed class StreamBuffers(DfsClientOptions options, TimeProvider time)
{
    private readonly RecordBufferPool _writers = new(options.LargeStreams, options.SmallStreams);
    private readonly RecordBufferPool _readers = new(options.LargeStreams, options.SmallStreams);
    private readonly RecordBufferPool _extra = new(options.RecordBuffers, 1);

    public int InUse => _writers.InUse + _readers.InUse + _extra.InUse;

    /// <summary>
    /// Records of more than a page under way to storage nodes. More of them at once are no faster: they wait for each other on disks and wires
    /// until they pass the append deadline (P8), and chunks are sealed that nothing is wrong with. Small records do not count, so that they do not
    /// wait behind large ones.
    /// </summary>
    public SemaphoreSlim LargeSends { get; } = new(options.RecordsInFlight, options.RecordsInFlight);

    /// <param name="patience">Longest wait; <c>null</c>: as long as it takes.</param>
    /// <exception cref="DfsException"><c>Busy</c>: no buffer came free in that time.</exception>
    public ValueTask<RecordBuffer> RentForWriterAsync(int size, TimeSpan? patience, CancellationToken cancellation) =>
        RentAsync(_writers, size, patience, cancellation);

    /// <inheritdoc cref="RentForWriterAsync"/>
    public ValueTask<RecordBuffer> RentForReaderAsync(int size, TimeSpan? patience, CancellationToken cancellation) =>
        RentAsync(_readers, size, patience, cancellation);

    /// <summary>A whole record's buffer, or <c>null</c> when all are in use.</summary>
    public RecordBuffer? TryRentExtra() => _extra.TryRent(RecordLayout.MaxRecordSize);

    private ValueTask<RecordBuffer> RentAsync(RecordBufferPool pool, int size, TimeSpan? patience, CancellationToken cancellation)
    {
        if (patience is not { } limit) return pool.RentAsync(size, cancellation);
        return pool.TryRent(size) is { } free ? new ValueTask<RecordBuffer>(free) : RentInTimeAsync(pool, size, limit, cancellation);
    }

    private async ValueTask<RecordBuffer> RentInTimeAsync(RecordBufferPool pool, int size, TimeSpan patience, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            return await pool.RentAsync(size, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new DfsException(DfsStatus.Busy, "All record buffers of this process have been in use for too long.");
        }
    }
}
