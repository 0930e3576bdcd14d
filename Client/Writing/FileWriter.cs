using System.Buffers;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Client;

/// <summary>
/// Writes the bytes of one file or part to the storage nodes.
/// <para>
/// The order that never changes (DESIGN §3): <b>bytes durable on every replica → digests verified → catalog committed → answer</b>. This class is
/// the first arrow:
/// <see cref="CompleteAsync"/> returns only when every record is acknowledged by all replicas of its chunk (P7). The caller verifies the digests,
/// commits, and answers.
/// </para>
/// <para>
/// Records are sent in order, a few at a time (<see cref="DfsClientOptions.WriteWindow"/>), and acknowledged in any; extents are noted in order of
/// the file. A
/// record that is not acknowledged is sent again to another chunk that is open already (P8); its copy in the broken chunk is dead, whether durable
/// or not (P24).
/// A body that ends before its first record is full goes to a shared chunk, any other to a chunk of its own, where its records make one extent.
/// </para>
/// <para>One caller at a time. After an exception only <see cref="DisposeAsync"/> is of use.</para>
/// </summary>
/// <example><code>
/// await using var writer = connections.OpenWriter(new RecordOwner(bucket, key), BlobId.New(), Digests.Md5, request.ContentLength);
/// while (await body.ReadAsync(cancellation) is { Buffer.IsEmpty: false } read)
/// {
///     await writer.WriteAsync(read.Buffer, cancellation);
///     body.AdvanceTo(read.Buffer.End);
/// }
/// var written = await writer.CompleteAsync(cancellation);
/// </code></example>
public sealed class FileWriter : IAsyncDisposable
{
    private static readonly TimeSpan HoldEvery = TimeSpan.FromMinutes(1);

    private readonly StreamBuffers _buffers;
    private readonly ChunkLeases _leases;
    private readonly DfsClientOptions _options;
    private readonly TimeProvider _time;
    private readonly RecordOwner _owner;
    private readonly BlobId _blob;
    private readonly DigestSet _digests;
    private readonly RetryBudget _budget;
    private readonly int _headerSize;
    private readonly Queue<SentRecord> _sent = new();
    private readonly List<Extent> _extents = [];
    private readonly Action _ownReleased;
    private readonly TimeSpan? _patience;
    private bool _largeFirst;

    private RecordBuffer? _filling;
    private bool _fillingOwn;
    private int _payload; // in the record being filled
    private long _blobOffset; // of the record being filled
    private volatile bool _ownInUse;
    private ChunkKind? _kind;
    private ChunkLease? _stream;
    private bool _completed;
    private long _heldAt;

    internal FileWriter(DfsConnections connections, RecordOwner owner, BlobId blob, Digests digests, long? sizeHint, TimeSpan? patience)
    {
        _patience = patience;
        _buffers = connections.Buffers;
        _leases = connections.Leases;
        _options = connections.Options;
        _time = connections.Time;
        _owner = owner;
        _blob = blob;
        _digests = new DigestSet(digests);
        _budget = new RetryBudget(_options, _time);
        _headerSize = Format.HeaderSize(owner);
        _largeFirst = sizeHint > RecordLayout.PageSize;
        _heldAt = _time.GetTimestamp();
        _ownReleased = () => _ownInUse = false;
    }

    /// <summary>Payload bytes taken so far.</summary>
    public long Length => _blobOffset + _payload;

    /// <summary>
    /// Room for the next bytes, straight in the record that will be sent: 1 byte to 64 KiB, never across a page. Fill some of it and call
    /// <see cref="Advance"/>.
    /// Waits where the window is full or no buffer is free.
    /// </summary>
    /// <exception cref="DfsException">The bytes could not be made durable in time: <c>Unavailable</c>. The writer is of no use any more.</exception>
    public ValueTask<Memory<byte>> GetMemoryAsync(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        return _filling is { } filling && _payload < RecordLayout.MaxPayload && EndOfPage + RecordLayout.ChecksumSize <= filling.Capacity
            ? new ValueTask<Memory<byte>>(RestOfPage(filling))
            : GetMemorySlowAsync(cancellation);
    }

    /// <summary>Takes the first <paramref name="count"/> bytes of what <see cref="GetMemoryAsync"/> gave.</summary>
    public void Advance(int count)
    {
        if (count == 0) return;
        var inPage = _payload % RecordLayout.PageSize;
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, RecordLayout.PageSize - inPage);
        _payload += count;
        if (inPage + count == RecordLayout.PageSize) SealLastPage(); // while it is in the processor's cache
    }

    /// <summary>Takes these bytes; copied once, into the record. Back-pressure: returns when they are taken, not when they are durable.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation = default)
    {
        while (!bytes.IsEmpty)
        {
            var room = await GetMemoryAsync(cancellation);
            var count = Math.Min(room.Length, bytes.Length);
            bytes.Span[..count].CopyTo(room.Span);
            Advance(count);
            bytes = bytes[count..];
        }
        if (_payload == RecordLayout.MaxPayload) await SendAsync(cancellation); // not when the next bytes come, which may be late
    }

    /// <inheritdoc cref="WriteAsync(ReadOnlyMemory{byte}, CancellationToken)"/>
    public async ValueTask WriteAsync(ReadOnlySequence<byte> bytes, CancellationToken cancellation = default)
    {
        foreach (var segment in bytes) await WriteAsync(segment, cancellation);
    }

    /// <summary>Sends what is left and returns when every byte is durable on all replicas (P7). Once only.</summary>
    public async ValueTask<WrittenFile> CompleteAsync(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        if (_payload > 0) await SendAsync(cancellation);
        _completed = true;
        while (_sent.Count > 0) await SettleOldestAsync(cancellation);
        EndStream();
        return new WrittenFile(new WrittenBlob(_blob, _blobOffset, _extents), _digests.Finish());
    }

    /// <summary>Without <see cref="CompleteAsync"/> before it: gives the body up; what was sent is unreferenced garbage.</summary>
    public async ValueTask DisposeAsync()
    {
        _completed = true;
        // The memory of a record belongs to the connection until its append has ended, which the append's own deadline bounds.
        while (_sent.TryDequeue(out var record))
        {
            var result = await record.Answer;
            if (result.Status == ChunkStatus.Ok) continue;
            LeaveChunk(record.Lease, result.Status);
            record.GiveUp();
        }
        EndStream();
        if (_filling is { } filling)
        {
            _filling = null;
            filling.Dispose();
            if (_fillingOwn) _ownInUse = false;
        }
        _digests.Dispose();
    }

    /// <summary>What has begun is not given up.</summary>
    private TimeSpan? Patience => _blobOffset == 0 ? _patience : null;

    /// <summary>Where the next byte goes in the buffer.</summary>
    private int Position => _headerSize + Format.PageStart(_payload / RecordLayout.PageSize) + _payload % RecordLayout.PageSize;

    private int EndOfPage => _headerSize + Format.PageStart(_payload / RecordLayout.PageSize) + RecordLayout.PageSize;

    private Memory<byte> RestOfPage(RecordBuffer buffer) => buffer.Memory[Position..EndOfPage];

    private async ValueTask<Memory<byte>> GetMemorySlowAsync(CancellationToken cancellation)
    {
        if (_payload == RecordLayout.MaxPayload) await SendAsync(cancellation);
        if (_filling is null) await RentAsync(cancellation);
        else await GrowAsync(cancellation);
        return RestOfPage(_filling!);
    }

    private async ValueTask RentAsync(CancellationToken cancellation)
    {
        var size = _blobOffset == 0 && !_largeFirst ? RecordBufferPool.SmallSize : RecordLayout.MaxRecordSize;
        while (_ownInUse)
        {
            if (_buffers.TryRentExtra() is { } extra)
            {
                (_filling, _fillingOwn) = (extra, false);
                return;
            }
            await SettleOldestAsync(cancellation); // one of those that are under way has our own
        }
        _filling = await _buffers.RentForWriterAsync(size, Patience, cancellation);
        (_fillingOwn, _ownInUse) = (true, true);
    }

    /// <summary>The first page is full and more comes: the small buffer's page moves to one of a whole record.</summary>
    private async ValueTask GrowAsync(CancellationToken cancellation)
    {
        var small = _filling!;
        var large = await _buffers.RentForWriterAsync(RecordLayout.MaxRecordSize, Patience, cancellation);
        small.Memory.Slice(_headerSize, RecordLayout.PageStride).CopyTo(large.Memory[_headerSize..]);
        _filling = large;
        _largeFirst = true;
        small.Dispose();
    }

    private void SealLastPage()
    {
        var page = (_payload - 1) / RecordLayout.PageSize;
        var length = Format.PageLength(_payload, page) + RecordLayout.ChecksumSize;
        Format.SealPage(_filling!.Memory.Span.Slice(_headerSize + Format.PageStart(page), length));
    }

    private async ValueTask SendAsync(CancellationToken cancellation)
    {
        // The decision of the whole file, made with its first record.
        _kind ??= _payload == RecordLayout.MaxPayload ? ChunkKind.Stream : ChunkKind.Shared;
        var buffer = _filling!;
        if (_payload % RecordLayout.PageSize != 0) SealLastPage();
        Format.WriteHeader(buffer.Memory.Span, _owner, _blob, _blobOffset, _payload);
        buffer.Length = _headerSize + RecordLayout.BodySize(_payload);

        while (_sent.TryPeek(out var oldest) && (_sent.Count >= _options.WriteWindow || oldest.Answer.IsCompleted))
            await SettleOldestAsync(cancellation);
        var turn = await TurnAsync(buffer.Length, cancellation);
        var lease = await LeaseForAsync(buffer.Length, turn, cancellation);
        var record = new SentRecord(buffer, _payload, _fillingOwn ? _ownReleased : null);
        record.Send(lease, turn, _options.AppendTimeout, _time);
        _sent.Enqueue(record);
        _filling = null;
        _blobOffset += _payload;
        _payload = 0;

        // Beside the sending: the record travels and is synced while it is hashed here.
        for (var page = 0; page < RecordLayout.PageCount(record.Payload); page++)
            _digests.Append(buffer.Memory.Span.Slice(_headerSize + Format.PageStart(page), Format.PageLength(record.Payload, page)));
        record.Hashed();
    }

    /// <summary>Waits until the oldest record is durable, in another chunk if need be, and notes where it is.</summary>
    private async ValueTask SettleOldestAsync(CancellationToken cancellation)
    {
        var record = _sent.Peek();
        var result = await record.Answer.WaitAsync(cancellation);
        while (result.Status != ChunkStatus.Ok)
        {
            LeaveChunk(record.Lease, result.Status);
            await _budget.FailedAsync(cancellation);
            if (_budget.Exhausted)
                throw new DfsException(DfsStatus.Unavailable, $"The bytes could not be made durable in time; the last answer was {result.Status}.");
            var turn = await TurnAsync(record.Size, cancellation);
            record.Send(await LeaseForAsync(record.Size, turn, cancellation), turn, _options.AppendTimeout, _time);
            result = await record.Answer.WaitAsync(cancellation);
        }
        _budget.Reset();
        _sent.Dequeue();
        var extent = new Extent(record.Lease.Chunk.Chunk, result.Start, result.End, record.Payload);
        if (_extents.Count > 0 && ExtentLayout.TryJoin(_extents[^1], extent, out var joined)) _extents[^1] = joined;
        else _extents.Add(extent);
        if (_time.GetElapsedTime(_heldAt) >= HoldEvery) Hold();
    }

    /// <summary>P24: what is written is referred to by nothing before the commit; a long upload says so, or compaction would take its chunks for dead
    /// after the grace period. Not waited for: the commit is safe without (P16), only it would have to be written again.</summary>
    private void Hold()
    {
        _heldAt = _time.GetTimestamp();
        _ = _leases.HoldAsync(_blob, [.. _extents.Select(e => e.Chunk).Distinct()]);
    }

    /// <summary>Waits until a record of this size may be sent; <c>null</c>: it need not wait. Given back when its answer is there.</summary>
    private async ValueTask<SemaphoreSlim?> TurnAsync(int recordSize, CancellationToken cancellation)
    {
        if (recordSize <= RecordBufferPool.SmallSize) return null;
        await _buffers.LargeSends.WaitAsync(cancellation);
        return _buffers.LargeSends;
    }

    /// <summary>An open chunk with room for a record of this size.</summary>
    /// <param name="turn">Given back when there is none.</param>
    private async ValueTask<ChunkLease> LeaseForAsync(int recordSize, SemaphoreSlim? turn, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                var lease = _stream ?? await _leases.AcquireAsync(_kind!.Value, _budget, cancellation);
                if (_kind == ChunkKind.Stream) _stream = lease;
                if (lease.TryReserve(recordSize)) return lease;
                LeaveChunk(lease, ChunkStatus.Full);
            }
        }
        catch
        {
            turn?.Release();
            throw;
        }
    }

    private void LeaveChunk(ChunkLease lease, ChunkStatus status)
    {
        if (_stream == lease) _stream = null;
        if (status == ChunkStatus.Full) _leases.Retire(lease);
        else _leases.Drop(lease, status);
    }

    private void EndStream()
    {
        if (_stream is not { } stream) return;
        _stream = null;
        _leases.Return(stream);
    }
}
