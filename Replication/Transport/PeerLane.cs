namespace OrleansDfs.Replication;

/// <summary>
/// The connection to a peer for one kind of traffic: made on first use, made anew after a break, with a growing pause after failed tries, in which
/// calls
/// end at once with Unreachable. Calls are queued in the order in which <see cref="Send"/> was called, also while it connects.
/// </summary>
internal sealed class PeerLane(NodeAddress address, ClusterIdentity cluster, ChunkPeerOptions options, TimeProvider time) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private ChunkConnection? _current;
    private Task _running = Task.CompletedTask;
    private TimeSpan _backoff = options.FirstBackoff;
    private long _notBefore = long.MinValue;
    private ChunkStatus _lastFailure = ChunkStatus.Unreachable;
    private bool _closed;

    public void Send(PendingCall call)
    {
        ChunkStatus failure;
        lock (_gate)
        {
            if (_current is not null && _current.TrySend(call)) return;
            if (!_closed && time.GetTimestamp() >= _notBefore)
            {
                _current = new ChunkConnection(address, cluster, options, time);
                // Queued before it runs, so the first call is the first.
                _current.TrySend(call);
                _running = RunAsync(_current, _running);
                return;
            }
            failure = _lastFailure;
        }
        call.Break(failure);
    }

    public void Abort()
    {
        lock (_gate)
        {
            _closed = true;
            _current?.Dispose();
        }
    }

    /// <summary>Ends when the last connection has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        Abort();
        Task running;
        lock (_gate) running = _running;
        await running;
    }

    private async Task RunAsync(ChunkConnection connection, Task before)
    {
        // Leaves the lock, and with it the caller's stack, before any work.
        await Task.Yield();
        await connection.RunAsync();
        lock (_gate)
        {
            if (connection.WasReady)
            {
                _backoff = options.FirstBackoff;
            }
            else
            {
                _notBefore = time.GetTimestamp() + (long)(_backoff.TotalSeconds * time.TimestampFrequency);
                _backoff = _backoff * 2 < options.MaxBackoff ? _backoff * 2 : options.MaxBackoff;
            }
            _lastFailure = connection.Failure;
        }
        await before;
    }
}
