namespace OrleansDfs.Node;

/// <summary>
/// Bounds what one connection has in work. Only its receive loop enters, so at most one waits. A request larger than the bound is let in when nothing
/// else is in work.
/// </summary>
internal sealed class InFlightGate(int maxRequests, int maxBytes)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _changed;
    private int _requests;
    private long _bytes;

    public async ValueTask EnterAsync(int bytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_requests == 0 || (_requests < maxRequests && _bytes + bytes <= maxBytes))
                {
                    _requests++;
                    _bytes += bytes;
                    return;
                }
                changed = NextChange();
            }
            await changed.WaitAsync(cancellationToken);
        }
    }

    public void Leave(int bytes)
    {
        TaskCompletionSource? changed;
        lock (_gate)
        {
            _requests--;
            _bytes -= bytes;
            changed = _changed;
            _changed = null;
        }
        changed?.TrySetResult();
    }

    /// <summary>Ends when nothing is in work; nobody may enter any more.</summary>
    public async Task DrainedAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_requests == 0) return;
                changed = NextChange();
            }
            await changed.WaitAsync(cancellationToken);
        }
    }

    private Task NextChange() => (_changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
}
