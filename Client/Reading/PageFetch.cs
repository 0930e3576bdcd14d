using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Client;

/// <summary>
/// One read of a run of pages from whichever replica gives it right (P22): the best first; the next one after a failure, or besides it when there
/// is no answer within
/// <see cref="DfsClientOptions.HedgeAfter"/>. Invariant: <see cref="Done"/> is Ok only when every page in <see cref="Slice"/> matched its checksum
/// at this end.
/// </summary>
internal sealed class PageFetch : IDisposable
{
    private readonly DfsConnections _connections;
    private readonly ChunkId _chunk;
    private readonly PageRun _run;
    private readonly ReplicaAt[] _candidates;
    private readonly Memory<byte> _first;
    private readonly Action _release;
    private readonly CancellationTokenSource _abandon = new();
    private readonly List<Attempt> _running = new(2);
    private int _next;
    private Task? _firstInUse; // the attempt that may still write to _first
    private ReadOnlyMemory<byte> _pages;

    /// <param name="memory">At least <see cref="PageRun.Length"/> bytes.</param>
    /// <param name="release">Gives <paramref name="memory"/> back; called once, when nothing can write to it any more.</param>
    /// <param name="turn">Replicas of equal rank are taken from this one on.</param>
    public PageFetch(DfsConnections connections, ExtentPlace place, PageRun run, Memory<byte> memory, Action release, int turn)
    {
        _connections = connections;
        _chunk = place.Extent.Chunk;
        _run = run;
        _first = memory[..run.Length];
        _release = release;
        _candidates = Order(place.Replicas, turn);
        Done = FetchAsync();
    }

    /// <summary>The best first; equal ones from this turn on.</summary>
    private ReplicaAt[] Order(IReadOnlyList<ReplicaAt> replicas, int turn)
    {
        var ordered = new ReplicaAt[replicas.Count];
        Span<int> ranks = replicas.Count <= 16 ? stackalloc int[replicas.Count] : new int[replicas.Count];
        for (var i = 0; i < ordered.Length; i++)
        {
            var replica = replicas[(int)((uint)(turn + i) % ordered.Length)];
            var rank = _connections.Nodes.Rank(replica.Node);
            var at = i;
            for (; at > 0 && ranks[at - 1] > rank; at--) (ordered[at], ranks[at]) = (ordered[at - 1], ranks[at - 1]);
            (ordered[at], ranks[at]) = (replica, rank);
        }
        return ordered;
    }

    /// <summary>Payload bytes wanted.</summary>
    public int Take => _run.Take;

    /// <summary>Ok, or how the last replica failed. Never faults.</summary>
    public Task<ChunkStatus> Done { get; }

    /// <summary>Wanted bytes from the <paramref name="given"/>th on, to the end of their page.</summary>
    public ReadOnlyMemory<byte> Slice(int given)
    {
        var at = _run.Skip + given;
        var page = at / RecordLayout.PageSize;
        var inPage = at % RecordLayout.PageSize;
        var count = Math.Min(Format.PageLength(_run.Payload, page) - inPage, _run.Take - given);
        return _pages.Slice(Format.PageStart(page) + inPage, count);
    }

    public void Dispose()
    {
        _abandon.Cancel();
        if (Done.IsCompleted && _firstInUse is null or { IsCompleted: true }) _release();
        else _ = ReleaseLaterAsync();
    }

    private async Task ReleaseLaterAsync()
    {
        await Done;
        if (_firstInUse is { } attempt) await attempt;
        _release();
    }

    private async Task<ChunkStatus> FetchAsync()
    {
        var last = ChunkStatus.UnknownReplica; // no replica is live
        StartNext();
        while (_running.Count > 0)
        {
            if (!await AnswersInTimeAsync())
            {
                _connections.Nodes.Demote(_running[^1].Replica.Node);
                StartNext();
                continue;
            }
            var ended = _running.Find(static a => a.Status.IsCompleted)!;
            last = await ended.Status;
            if (last == ChunkStatus.Ok)
            {
                _pages = ended.Memory;
                if (_running.Count > 1) _abandon.Cancel(); // the late ones; here, and not on a thread of the pool
                return last;
            }
            if (_abandon.IsCancellationRequested) return last; // its failure is ours, not the replica's
            _running.Remove(ended);
            Report(ended.Replica, last);
            StartNext();
        }
        return last;
    }

    /// <summary>Waits for any attempt; false when there is another replica to ask and the time for asking it has come.</summary>
    private async Task<bool> AnswersInTimeAsync()
    {
        var any = _running.Count == 1 ? _running[0].Status : (Task)Task.WhenAny(_running.Select(a => a.Status));
        if (_next == _candidates.Length || any.IsCompleted)
        {
            await any;
            return true;
        }
        // A simulation has one thread, and this goes on there.
        const ConfigureAwaitOptions quietly = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;
        await any.WaitAsync(_connections.Options.HedgeAfter, _connections.Time).ConfigureAwait(quietly);
        return any.IsCompleted;
    }

    private void StartNext()
    {
        if (_next == _candidates.Length) return;
        var replica = _candidates[_next++];
        // A hedge cannot share the buffer with the late one; it is rare, and an array is not missed by the streams that need their buffers.
        var firstIsFree = _firstInUse is null or { IsCompleted: true };
        var memory = firstIsFree ? _first : new byte[_run.Length];
        var attempt = new Attempt(replica, memory, ReadAsync(replica, memory));
        if (firstIsFree) _firstInUse = attempt.Status;
        _running.Add(attempt);
    }

    private async Task<ChunkStatus> ReadAsync(ReplicaAt replica, Memory<byte> memory)
    {
        using var ended = new CancellationTokenSource(_connections.Options.ReadTimeout, _connections.Time);
        using var abandoned = _abandon.Token.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), ended);
        try
        {
            if (await _connections.Nodes.PeerAsync(replica.Node, 0, ended.Token) is not { } peer) return ChunkStatus.Unreachable;
            var status = await peer.ReadAsync(new ReplicaFile(_chunk, replica.Epoch), _run.Offset, memory, ended.Token);
            return status == ChunkStatus.Ok && !Format.VerifyPages(memory.Span, _run.Payload, _chunk, _run.Offset) ? ChunkStatus.Corrupt : status;
        }
        catch (OperationCanceledException)
        {
            return ChunkStatus.Unreachable;
        }
        catch (DfsException)
        {
            return ChunkStatus.Unreachable; // there is no node table: nobody can be reached
        }
    }

    private void Report(ReplicaAt replica, ChunkStatus status)
    {
        _connections.Nodes.Report(replica.Node, status);
        _connections.Nodes.Demote(replica.Node);
        // A node that is away is membership's business; a replica that is wrong on a node that answers is the supervisor's.
        if (!NodeDirectory.IsNodeFailure(status)) _connections.OnBadReplica?.Invoke(new BadReplica(replica, _chunk, _run.Offset, status));
    }

    private sealed record Attempt(ReplicaAt Replica, Memory<byte> Memory, Task<ChunkStatus> Status);
}
