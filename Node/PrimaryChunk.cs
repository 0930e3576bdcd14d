using OrleansDfs.Model;
using OrleansDfs.Replication;
using OrleansDfs.Storage;

namespace OrleansDfs.Node;

/// <summary>
/// The primary's side of one open chunk. Invariants:
/// <list type="bullet">
/// <item>P6: offsets are given in order and without gaps, and records are handed to the own disk and to every secondary in that order, all under one
/// lock.</item>
/// <item>P7: a record is acknowledged only when it is durable on all replicas, and so is every record before it.</item>
/// <item>P8: the first failure or passed deadline breaks the chunk for good: what waits fails, nothing more is accepted, the host is told
/// once.</item>
/// <item>A record's buffer is given back only when disk and peers are done with it, however long after its writer has been answered.</item>
/// </list>
/// </summary>
internal sealed class PrimaryChunk : IDisposable
{
    private readonly ReplicaFile _file;
    private readonly long _capacity;
    private readonly ChunkStore _store;
    private readonly Secondary[] _secondaries;
    private readonly TimeProvider _time;
    private readonly TimeSpan _deadline;
    private readonly Action<ChunkId, ChunkStatus> _brokenCallback;
    private readonly Lock _gate = new();
    private readonly Queue<PrimaryAppend> _waiting = new();
    private readonly CancellationTokenSource _abandon = new();
    private readonly ITimer _timer;
    private bool _timerArmed;
    private long _end = RecordLayout.ChunkHeaderSize;
    private ChunkStatus _state = ChunkStatus.Ok;
    private bool _broken;

    public PrimaryChunk(
        CreateRequest request, ChunkStore store, Func<NodeAddress, IChunkPeer> peers, TimeProvider time,
            TimeSpan deadline, Action<ChunkId, ChunkStatus> brokenCallback)
    {
        _file = request.File;
        _capacity = request.Capacity;
        _store = store;
        _secondaries = [.. request.Secondaries.Select(s => new Secondary(peers(s.Address), s.FileOf(request.File.Chunk), s.Address.Incarnation))];
        _time = time;
        _deadline = deadline;
        _brokenCallback = brokenCallback;
        _timer = time.CreateTimer(static state => ((PrimaryChunk)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Takes the record, which <see cref="Format.CheckUnplaced"/> has accepted. Its place in the order is fixed before this
    /// returns.</summary>
    public ValueTask<AppendResult> AppendAsync(RecordBuffer record)
    {
        PrimaryAppend append;
        Task<AppendOutcome> local;
        var remote = new Task<ChunkStatus>[_secondaries.Length];
        lock (_gate)
        {
            var refusal = _state != ChunkStatus.Ok ? _state : _end + record.Length > _capacity ? ChunkStatus.Full : ChunkStatus.Ok;
            if (refusal != ChunkStatus.Ok)
            {
                record.Dispose();
                return ValueTask.FromResult(AppendResult.Failed(refusal));
            }
            Format.Place(record.Record.Span, _file.Chunk, _end);
            append = new PrimaryAppend(record, _end, 1 + _secondaries.Length, _time.GetTimestamp());
            _end = append.End;
            _waiting.Enqueue(append);
            Arm(_deadline);
            // The secondaries first: while their bytes travel, the own disk writes. Looked at only outside the lock: some may have ended already.
            for (var i = 0; i < remote.Length; i++) remote[i] = _secondaries[i].ReplicateAsync(append.Start, record.Record, _abandon.Token);
            local = _store.AppendAsync(_file, append.Start, record.Record).AsTask();
        }
        for (var i = 0; i < remote.Length; i++) _ = ObserveRemoteAsync(append, remote[i]);
        _ = ObserveLocalAsync(append, local);
        return new ValueTask<AppendResult>(append.Result);
    }

    /// <summary>P10: nothing more is accepted. What is under way may still end well until the own disk has closed: the replicas' closes
    /// decide.</summary>
    public void Close() => Refuse(ChunkStatus.Closed);

    /// <summary>Fails what waits; the host, which is closing, deleting or stopping, is not told.</summary>
    public void Dispose()
    {
        Refuse(ChunkStatus.Closed);
        FailWaiting(ChunkStatus.Closed);
        _timer.Dispose();
    }

    // P8
    private void Break(ChunkStatus cause)
    {
        if (FailWaiting(cause)) _brokenCallback(_file.Chunk, cause);
    }

    private bool FailWaiting(ChunkStatus cause)
    {
        PrimaryAppend[] failed;
        lock (_gate)
        {
            if (_broken) return false;
            _broken = true;
            if (_state == ChunkStatus.Ok) _state = ChunkStatus.Broken;
            failed = [.. _waiting];
            _waiting.Clear();
        }
        foreach (var append in failed) append.Answer(AppendResult.Failed(cause));
        // Without a timer or a wait handle there is nothing to dispose; the late replicates of others may still look at it.
        _abandon.Cancel();
        return true;
    }

    private void Refuse(ChunkStatus status)
    {
        lock (_gate)
        {
            if (_state == ChunkStatus.Ok) _state = status;
        }
    }

    private async Task ObserveLocalAsync(PrimaryAppend append, Task<AppendOutcome> local)
    {
        ChunkStatus status;
        try
        {
            status = (await local).Status.ToChunkStatus();
        }
        catch (ObjectDisposedException)
        {
            status = ChunkStatus.ShuttingDown;
        }
        Observed(append, status);
    }

    private async Task ObserveRemoteAsync(PrimaryAppend append, Task<ChunkStatus> remote)
    {
        ChunkStatus status;
        try
        {
            status = await remote;
            // To the writer these would mean the primary itself, which it would then avoid; a secondary that is away is a replica that did not
            // answer.
            if (status is ChunkStatus.Unreachable or ChunkStatus.WrongIncarnation or ChunkStatus.ShuttingDown or ChunkStatus.Refused)
                status = ChunkStatus.Deadline;
        }
        catch (OperationCanceledException)
        {
            // Only a broken chunk abandons its replicates.
            status = ChunkStatus.Broken;
        }
        Observed(append, status);
    }

    private void Observed(PrimaryAppend append, ChunkStatus status)
    {
        List<PrimaryAppend>? durable = null;
        var last = false;
        lock (_gate)
        {
            append.Remaining--;
            last = append.Remaining == 0;
            if (status != ChunkStatus.Ok) append.Failed = true;
            while (!_broken && _waiting.TryPeek(out var head) && head is { Remaining: 0, Failed: false })
                (durable ??= []).Add(_waiting.Dequeue());
        }
        if (last) append.Record.Dispose();
        if (durable is not null)
        {
            foreach (var done in durable) done.Answer(new AppendResult(ChunkStatus.Ok, done.Start, done.End));
        }
        if (status != ChunkStatus.Ok) Break(status);
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            _timerArmed = false;
            if (!_waiting.TryPeek(out var oldest)) return;
            var left = _deadline - _time.GetElapsedTime(oldest.StartedAt);
            if (left > TimeSpan.Zero)
            {
                Arm(left);
                return;
            }
        }
        Break(ChunkStatus.Deadline);
    }

    // One timer for the chunk, looked at when it fires: an append that ends in time costs no timer call.
    private void Arm(TimeSpan due)
    {
        if (_timerArmed || _broken) return;
        _timerArmed = true;
        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    private readonly record struct Secondary(IChunkPeer Peer, ReplicaFile File, long Incarnation)
    {
        public Task<ChunkStatus> ReplicateAsync(long offset, ReadOnlyMemory<byte> record, CancellationToken abandon) =>
            Peer.ReplicateAsync(new ReplicateRequest(File, Incarnation, offset), record, abandon).AsTask();
    }
}
