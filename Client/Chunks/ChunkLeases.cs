using Microsoft.Extensions.Logging;
using Orleans;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Client;

/// <summary>
/// The open chunks of this process (DESIGN §9), leased from <see cref="IChunkAllocatorGrain"/>: a few shared ones for small records, used in turn;
/// one for each
/// large stream, never interleaved with others and used again when the stream has ended; and a spare of each kind.
/// <para>Invariants: a chunk that failed is never given out again (P8). A writer never waits for a seal: chunks are given back in the background,
/// and the
/// allocator seals them. A chunk is held by one opener only, so a lease that is lost (no longer open, PROTOCOL P5) is dropped without a word.</para>
/// </summary>
public sealed class ChunkLeases : IAsyncDisposable
{
    /// <summary>So many small records share a sync well; one primary and its disk take far more.</summary>
    private const int RecordsPerChunk = 32;

    /// <summary>An open takes some milliseconds; where a node does not answer it, three quarters of a second.</summary>
    private static readonly TimeSpan AllocatorPatience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(2);

    private readonly ClusterGrains _grains;
    private readonly NodeDirectory _nodes;
    private readonly DfsClientOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly string _opener = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid():N}";
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopping;
    private readonly Lock _gate = new();
    private readonly List<ChunkLease> _shared = [];
    private readonly List<ChunkLease> _idleStreams = [];
    private readonly HashSet<ChunkLease> _busyStreams = [];
    private bool _disposed;
    private int _allocator; // which of them opens; any does
    private int _turn;
    private Task<Opening>? _openingShared;
    private Task<Opening>? _openingSpareStream;
    private Task? _renewing;

    public ChunkLeases(ClusterGrains grains, NodeDirectory nodes, DfsClientOptions options, TimeProvider time, ILogger<ChunkLeases> log)
    {
        _grains = grains;
        _nodes = nodes;
        _options = options;
        _time = time;
        _log = log;
        _stopping = _stop.Token;
    }

    /// <summary>Chunks held now.</summary>
    public int Held
    {
        get
        {
            lock (_gate) return _shared.Count + _idleStreams.Count + _busyStreams.Count;
        }
    }

    /// <summary>An open chunk: shared ones in turn; a stream's is the caller's alone until <see cref="Return"/>, <see cref="Drop"/> or
    /// <see cref="Retire"/>.</summary>
    /// <exception cref="DfsException"><c>Unavailable</c>: none could be opened within the budget.</exception>
    internal async ValueTask<ChunkLease> AcquireAsync(ChunkKind kind, RetryBudget budget, CancellationToken cancellation)
    {
        while (true)
        {
            if ((kind == ChunkKind.Shared ? TakeShared() : TakeIdleStream()) is { } ready) return ready;
            var opened = await (kind == ChunkKind.Shared ? OpenSharedAsync() : OpenStreamAsync()).WaitAsync(cancellation);
            if (kind == ChunkKind.Stream && opened.Lease is { } own) return own;
            if (opened.Lease is not null) continue;
            await budget.FailedAsync(cancellation);
            if (budget.Exhausted) throw new DfsException(DfsStatus.Unavailable, $"No chunk could be opened for writing: {opened.Explanation}");
        }
    }

    /// <summary>P24: these chunks hold bytes of an upload that is not committed yet.</summary>
    internal async Task HoldAsync(BlobId blob, ChunkId[] chunks)
    {
        try
        {
            await _grains.ChunkAllocator().Hold(blob, chunks);
        }
        catch (Exception e) when (GrainCalls.IsTransient(e))
        {
            _log.LogInformation("The chunks of upload {Blob} could not be held; it is said again in a minute: {Reason}", blob, e.Message);
        }
    }

    /// <summary>The stream has ended; its chunk serves the next one.</summary>
    internal void Return(ChunkLease lease)
    {
        lock (_gate)
        {
            if (!_busyStreams.Remove(lease)) return;
            lease.IdleSince = _time.GetTimestamp();
            _idleStreams.Add(lease);
        }
    }

    /// <summary>No room is left: the chunk has done its work.</summary>
    internal void Retire(ChunkLease lease)
    {
        if (Forget(lease)) GiveBack([lease], "full");
    }

    /// <summary>An append failed: nothing more is written there, and the allocator seals it (P8).</summary>
    internal void Drop(ChunkLease lease, ChunkStatus status)
    {
        _nodes.Report(lease.Chunk.Primary, status);
        if (!Forget(lease)) return;
        _log.LogWarning("Chunk {Chunk} failed an append: {Status}; going on in another.", lease.Chunk.Chunk, status);
        List<ChunkLease> gone = [lease];
        // The other chunks of a primary that cannot be reached would fail the same way, each after a deadline of its own; so would those with the
        // very
        // nodes of which one did not answer in time, and which it was is not known here.
        if (status == ChunkStatus.Deadline || NodeDirectory.IsNodeFailure(status))
        {
            lock (_gate)
                gone.AddRange(_shared.Concat(_idleStreams)
                    .Where(l => l.Chunk.Primary == lease.Chunk.Primary || HaveSameNodes(l.Chunk, lease.Chunk))
                    .ToList()
                    .Where(Remove));
        }
        GiveBack(gone, $"append failed: {status}");
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true)) return;
        await _stop.CancelAsync();
        ChunkLease[] held;
        Task? renewing;
        lock (_gate)
        {
            held = [.. _shared, .. _idleStreams, .. _busyStreams];
            renewing = _renewing;
            _shared.Clear();
            _idleStreams.Clear();
            _busyStreams.Clear();
        }
        if (renewing is not null) await renewing;
        if (held.Length > 0) await ReleaseAsync(held, "the opener is stopping");
        _stop.Dispose();
    }

    private ChunkLease? TakeShared()
    {
        lock (_gate)
        {
            EnsureSpares(ChunkKind.Shared);
            return _shared.Count == 0 ? null : _shared[(int)((uint)_turn++ % InUse())];
        }
    }

    /// <summary>Few records meet in one chunk, so that they share its syncs on every replica; with more under way there are more. Under the
    /// gate.</summary>
    private int InUse()
    {
        var most = Math.Min(_shared.Count, _options.SharedChunks);
        var underWay = 0;
        for (var i = 0; i < most; i++) underWay += _shared[i].UnderWay;
        return Math.Min(most, 1 + underWay / RecordsPerChunk);
    }

    private ChunkLease? TakeIdleStream()
    {
        lock (_gate)
        {
            ChunkLease? lease = null;
            if (_idleStreams.Count > 0)
            {
                lease = _idleStreams[^1];
                _idleStreams.RemoveAt(_idleStreams.Count - 1);
                _busyStreams.Add(lease);
            }
            EnsureSpares(ChunkKind.Stream);
            return lease;
        }
    }

    /// <summary>Opens what is missing in the background. Under the gate.</summary>
    private void EnsureSpares(ChunkKind kind)
    {
        if (_stopping.IsCancellationRequested) return;
        if (kind == ChunkKind.Shared)
        {
            if (_shared.Count > 0 && _shared.Count < _options.SharedChunks + _options.SpareChunks) _ = OpenSharedAsync();
        }
        else if (_idleStreams.Count < _options.SpareChunks && _openingSpareStream is null or { IsCompleted: true })
        {
            _openingSpareStream = InBackground(() => OpenAsync(ChunkKind.Stream, l =>
            {
                l.IdleSince = _time.GetTimestamp();
                _idleStreams.Add(l);
            }));
        }
    }

    /// <summary>Opens one shared chunk; whoever waits for one joins.</summary>
    private Task<Opening> OpenSharedAsync()
    {
        lock (_gate)
        {
            if (_openingShared is null or { IsCompleted: true }) _openingShared = InBackground(() => OpenAsync(ChunkKind.Shared, _shared.Add));
            return _openingShared;
        }
    }

    private Task<Opening> OpenStreamAsync() => OpenAsync(ChunkKind.Stream, l => _busyStreams.Add(l));

    private async Task<Opening> OpenAsync(ChunkKind kind, Action<ChunkLease> keep)
    {
        await Task.Yield(); // the caller may hold the gate
        try
        {
            var avoid = _nodes.Suspects;
            var answer = await OpenOnAnySiloAsync(kind, avoid);
            // Those that we cannot reach may be needed all the same: only the primary is called from here.
            if (answer.Status == DfsStatus.Unavailable && avoid.Length > 0)
                answer = await OpenOnAnySiloAsync(kind, []);
            if (answer is not { Status: DfsStatus.Ok, Chunk: { } chunk }) return new Opening(null, answer.Explanation);
            if (await _nodes.PeerAsync(chunk.Primary, chunk.PrimaryIncarnation, _stopping) is not { } primary)
            {
                await ReleaseAsync([chunk.Chunk], "the primary is not in the node table");
                return new Opening(null, $"the node table does not have node {chunk.Primary}");
            }
            var lease = new ChunkLease(chunk, primary);
            lock (_gate)
            {
                if (!_stopping.IsCancellationRequested)
                {
                    _renewing ??= InBackground(RenewAsync);
                    keep(lease);
                    if (kind == ChunkKind.Shared)
                    {
                        _openingShared = null; // this one is done; the next may begin
                        EnsureSpares(kind);
                    }
                    return new Opening(lease, "");
                }
            }
            await ReleaseAsync([chunk.Chunk], "the opener is stopping");
            return new Opening(null, "the client is stopping");
        }
        catch (Exception e) when (GrainCalls.IsTransient(e) || e is DfsException or OperationCanceledException)
        {
            return new Opening(null, e.Message); // an opened chunk whose answer was lost has no renewals and is sealed by the supervisor (P5)
        }
    }

    /// <summary>May open two where an answer is lost; the other has no renewals and is sealed by the supervisor (P5).</summary>
    private async Task<OpenChunkResult> OpenOnAnySiloAsync(ChunkKind kind, NodeId[] avoid)
    {
        var asked = Volatile.Read(ref _allocator);
        var first = OpenOnAsync(asked);
        if (await Task.WhenAny(first, Task.Delay(AllocatorPatience, _time, _stopping)) == first) return await first;
        // The silo may hang, which breaks no connection: another is asked too, and from now on before it.
        Interlocked.CompareExchange(ref _allocator, asked + 1, asked);
        var second = OpenOnAsync(asked + 1);
        var ended = await Task.WhenAny(first, second);
        return await (ended.IsCompletedSuccessfully ? ended : ended == first ? second : first);

        Task<OpenChunkResult> OpenOnAsync(int allocator) => _grains.ReadAsync(
            () => _grains.ChunkAllocator(allocator).Open(new OpenChunkRequest(_opener, kind, avoid, _options.NearSilo)), _stopping);
    }

    private static bool HaveSameNodes(OpenChunk one, OpenChunk other) =>
        one.Replicas.Count == other.Replicas.Count && one.Replicas.All(r => other.Replicas.Any(o => o.Node == r.Node));

    private async Task RenewAsync()
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(_options.LeaseRenewal, _time);
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                if (!await timer.WaitForNextTickAsync(_stopping)) return;
                GiveBackIdleStreams();
                ChunkLease[] held;
                lock (_gate) held = [.. _shared, .. _idleStreams, .. _busyStreams];
                if (held.Length == 0) continue;
                var lost = await _grains.ChunkAllocator().Renew(_opener, [.. held.Select(l => l.Chunk.Chunk)]);
                foreach (var lease in held.Where(l => lost.Contains(l.Chunk.Chunk))) Forget(lease);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (GrainCalls.IsTransient(e) || e is OperationCanceledException)
            {
                _log.LogWarning(e, "The leases of open chunks could not be renewed; what is sealed meanwhile fails its next append.");
            }
        }
    }

    private void GiveBackIdleStreams()
    {
        List<ChunkLease> old;
        lock (_gate)
        {
            var beyondSpare = Math.Max(0, _idleStreams.Count - _options.SpareChunks);
            old = [.. _idleStreams.Where(l => _time.GetElapsedTime(l.IdleSince) >= _options.StreamIdle).Take(beyondSpare)];
            foreach (var lease in old) _idleStreams.Remove(lease);
        }
        if (old.Count > 0) GiveBack(old, "idle");
    }

    private bool Forget(ChunkLease lease)
    {
        lock (_gate)
        {
            if (!Remove(lease)) return false;
            if (lease.Chunk.Kind == ChunkKind.Shared) _ = OpenSharedAsync();
            return true;
        }
    }

    private bool Remove(ChunkLease lease) => _shared.Remove(lease) || _idleStreams.Remove(lease) || _busyStreams.Remove(lease);

    private void GiveBack(List<ChunkLease> leases, string reason) => _ = InBackground(() => ReleaseAsync(leases, reason));

    private Task ReleaseAsync(IReadOnlyList<ChunkLease> leases, string reason) => ReleaseAsync(leases.Select(l => l.Chunk.Chunk).ToArray(), reason);

    private async Task ReleaseAsync(ChunkId[] chunks, string reason)
    {
        try
        {
            await _grains.ChunkAllocator().Release(_opener, chunks, reason).WaitAsync(FarewellTime, _time);
        }
        catch (Exception e) when (GrainCalls.IsTransient(e))
        {
            _log.LogInformation(
                e, "{Count} open chunks could not be given back; the supervisor seals them when their lease has run out (P5).", chunks.Length);
        }
    }

    /// <summary>Starts work that outlives the request that happened to ask for it, without that request's trace and context.</summary>
    private static TTask InBackground<TTask>(Func<TTask> start)
        where TTask : Task
    {
        if (ExecutionContext.IsFlowSuppressed()) return start();
        using (ExecutionContext.SuppressFlow()) return start();
    }

    private sealed record Opening(ChunkLease? Lease, string Explanation);
}
