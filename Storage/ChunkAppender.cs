using System.Buffers;
using OrleansDfs.Model;

namespace OrleansDfs.Storage;

/// <summary>
/// The appends of one chunk file, with group commit: what arrives while a write and fdatasync are under way goes into the next one together.
/// <para>
/// Invariants. Accepted records are contiguous from the chunk header to <c>_end</c>; everything below <c>_durable</c> has been synced on this very
/// handle, and only that is ever acknowledged (P6, P7) or read. After the first failure, refusal or close nothing is accepted again, ever (P2, P6,
/// P9). Nothing is retried: after a failed fsync the system may have dropped the pages and call them clean (I3).
/// </para>
/// </summary>
internal sealed class ChunkAppender(
    ChunkId chunk,
    string name,
    HandleCache handles,
    HandleCache.Lease handle,
    int maxGroupBytes,
    Func<bool> mayWrite,
    Action<DiskError> onFailure)
{
    private const int MaxGroupRecords = 1024;
    private const int CompareSize = 64 * 1024;

    private readonly Lock _sync = new();
    private readonly Queue<Pending> _waiting = new();
    private List<Pending> _group = []; // under way; with _waiting, all that is accepted and not durable
    private long _end = RecordLayout.ChunkHeaderSize;
    private long _durable = RecordLayout.ChunkHeaderSize;
    private bool _flushing;
    private bool _closed;
    private StoreStatus _failure;
    private TaskCompletionSource? _drained;

    /// <summary>End of what is synced.</summary>
    public long Durable => Interlocked.Read(ref _durable);

    public bool IsOpen
    {
        get
        {
            lock (_sync) return !_closed;
        }
    }

    public IDiskFile File => handle.File;

    public ValueTask<AppendOutcome> AppendAsync(long offset, ReadOnlyMemory<byte> record)
    {
        Pending pending;
        lock (_sync)
        {
            if (_closed) return new(new AppendOutcome(_failure == StoreStatus.Done ? StoreStatus.Closed : _failure, _end));
            if (!Format.TryReadHeader(record.Span, chunk, offset, out var header) || header.RecordSize != record.Length) return new(Refuse());
            if (offset < _end) return Repeated(offset, record);
            if (offset > _end) return new(Refuse());
            pending = new Pending(offset, record);
            _waiting.Enqueue(pending);
            _end += record.Length;
            if (_flushing) return new(pending.Task);
            _flushing = true;
        }
        // Not awaited: it outlives this append, whose own outcome is `pending`; CloseAsync waits for its end.
        _ = FlushAsync();
        return new(pending.Task);
    }

    /// <summary>Refuses appends from now on and returns when none is under way.</summary>
    public async ValueTask CloseAsync()
    {
        Task drained;
        lock (_sync)
        {
            _closed = true;
            if (!_flushing) return;
            drained = (_drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
        await drained;
    }

    public void ReleaseHandle() => handle.Dispose();

    private async Task FlushAsync()
    {
        var buffers = new List<ReadOnlyMemory<byte>>();
        while (TakeGroup(buffers, out var start))
        {
            DiskError error;
            try
            {
                // P9: once this disk has failed, also what waits here is not written any more.
                error = mayWrite() ? await handle.File.WriteAndSyncAsync(start, buffers) : DiskError.Failed;
            }
            catch (Exception unexpected) when (unexpected is not OutOfMemoryException)
            {
                error = DiskError.Failed; // whatever it was, nobody knows what is on the disk now
            }
            if (error != DiskError.None) onFailure(error);
            foreach (var pending in EndGroup(error)) pending.Complete(error == DiskError.None ? StoreStatus.Done : Status(error));
        }
    }

    private bool TakeGroup(List<ReadOnlyMemory<byte>> buffers, out long start)
    {
        TaskCompletionSource? drained;
        buffers.Clear();
        lock (_sync)
        {
            start = Durable;
            var bytes = 0;
            while (_waiting.TryPeek(out var next) && buffers.Count < MaxGroupRecords && (bytes == 0 || bytes + next.Record.Length <= maxGroupBytes))
            {
                _group.Add(_waiting.Dequeue());
                buffers.Add(next.Record);
                bytes += next.Record.Length;
            }
            if (bytes > 0) return true;
            _flushing = false;
            drained = _drained;
        }
        drained?.SetResult();
        return false;
    }

    /// <summary>The appends that are decided now: the group, and after an error all that wait behind it.</summary>
    private List<Pending> EndGroup(DiskError error)
    {
        lock (_sync)
        {
            var decided = _group;
            _group = [];
            if (error == DiskError.None)
            {
                Interlocked.Exchange(ref _durable, decided[^1].Offset + decided[^1].Record.Length);
                return decided;
            }
            _closed = true;
            _failure = Status(error);
            decided.AddRange(_waiting);
            _waiting.Clear();
            return decided;
        }
    }

    /// <summary>P6: what is held already is answered as done when it is durable, if it is the same. Called under the lock.</summary>
    private ValueTask<AppendOutcome> Repeated(long offset, ReadOnlyMemory<byte> record)
    {
        if (offset + record.Length <= Durable) return new(CompareWithDiskAsync(offset, record));
        foreach (var pending in _group.Concat(_waiting))
            if (pending.Offset == offset && pending.Record.Span.SequenceEqual(record.Span)) return new(pending.Task);
        return new(Refuse());
    }

    private async Task<AppendOutcome> CompareWithDiskAsync(long offset, ReadOnlyMemory<byte> record)
    {
        // A handle of its own: a close may give ours back meanwhile.
        var opened = await handles.AcquireAsync(name);
        if (opened.Error != DiskError.None) return new AppendOutcome(StoreStatus.IoError, offset);
        using var lease = opened.Value;
        var buffer = ArrayPool<byte>.Shared.Rent(CompareSize);
        try
        {
            for (var done = 0; done < record.Length;)
            {
                var part = record.Slice(done, Math.Min(CompareSize, record.Length - done));
                var read = await lease.File.ReadAsync(offset + done, buffer.AsMemory(0, part.Length));
                if (read.Error != DiskError.None) return new AppendOutcome(StoreStatus.IoError, offset);
                if (read.Value != part.Length || !part.Span.SequenceEqual(buffer.AsSpan(0, part.Length)))
                {
                    lock (_sync) return Refuse();
                }
                done += part.Length;
            }
            return new AppendOutcome(StoreStatus.Done, offset + record.Length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>P6: refused, and the chunk is broken for appends. Called under the lock.</summary>
    private AppendOutcome Refuse()
    {
        _closed = true;
        return new AppendOutcome(StoreStatus.Refused, _end);
    }

    private static StoreStatus Status(DiskError error) => error == DiskError.Full ? StoreStatus.Full : StoreStatus.IoError;

    private sealed class Pending(long offset, ReadOnlyMemory<byte> record)
    {
        private readonly TaskCompletionSource<AppendOutcome> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Offset => offset;
        public ReadOnlyMemory<byte> Record => record;
        public Task<AppendOutcome> Task => _done.Task;

        public void Complete(StoreStatus status) =>
            _done.SetResult(new AppendOutcome(status, offset + (status == StoreStatus.Done ? record.Length : 0)));
    }
}
