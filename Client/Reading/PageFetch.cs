using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Client;

/// <summary>
/// One read of a run of pages from whichever replica gives it right (P22): the best first; the next one after a failure, or besides it when there
/// is no answer within
/// <see cref="DfsClientOptions.HedgeAfter"/>.
/// </summary>
internal sealed class PageFetch : VerifiedPages
{
    private readonly DfsConnections _connections;
    private readonly ChunkId _chunk;
    private readonly ReplicaAt[] _candidates;
    private readonly Memory<byte> _first;
    private readonly Action _release;
    private readonly CancellationTokenSource _abandon = new();
    private readonly List<Attempt> _running = new(2);
    private int _next;
    private Task? _firstInUse; // the attempt that may still write to _first

    /// <param name="memory">At least <see cref="PageRun.Length"/> bytes.</param>
    /// <param name="release">Gives <paramref name="memory"/> back; called once, when nothing can write to it any more.</param>
    /// <param name="turn">Replicas of equal rank are taken from this one on.</param>
    public PageFetch(DfsConnections connections, ExtentPlace place, PageRun run, Memory<byte> memory, Action release, int turn)
        : base(run)
    {
        _connections = connections;
        _chunk = place.Extent.Chunk;
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

    /// <inheritdoc/>
    public override Task<ChunkStatus> Done { get; }

    public override void Dispose()
    {
        _abandon.Cancel();
        if (Done.IsCompleted && _firstInUse is null or { IsCompleted: true }) _release();
        else _ = ReleaseLaterAsync();
        base.Dispose();
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
                Pages = ended.Memory;
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
        var memory = firstIsFree ? _first : new byte[Run.Length];
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
            var status = await peer.ReadAsync(new ReplicaFile(_chunk, replica.Epoch), Run.Offset, memory, ended.Token);
            return status == ChunkStatus.Ok && !Format.VerifyPages(memory.Span, Run.Payload, _chunk, Run.Offset) ? ChunkStatus.Corrupt : status;
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
        if (!NodeDirectory.IsNodeFailure(status)) _connections.OnBadReplica?.Invoke(new BadReplica(replica, _chunk, Run.Offset, status));
    }

    private sealed record Attempt(ReplicaAt Replica, Memory<byte> Memory, Task<ChunkStatus> Status);
}
