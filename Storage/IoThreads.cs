namespace OrleansDfs.Storage;

/// <summary>
/// A few threads of our own for calls that may block on a disk. A disk that stalls for seconds (a dying drive, a full write-back queue) stalls these,
/// never the thread pool, on which the connections, Orleans and the other disks of this process live. The queue is bounded; who finds it full waits
/// asynchronously.
/// </summary>
internal sealed class IoThreads : IAsyncDisposable
{
    private readonly Queue<Action> _queue = new();
    private readonly SemaphoreSlim _room;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private bool _closed;

    public IoThreads(string name, int threads, int queueLength)
    {
        _room = new SemaphoreSlim(queueLength);
        _running = threads;
        for (var i = 0; i < threads; i++)
            new Thread(Run) { Name = $"{name} {i}", IsBackground = true }.Start();
    }

    /// <summary>Runs <paramref name="work"/> on one of the threads. What follows the await runs on the pool, so a thread is free as soon as its call
    /// has returned.</summary>
    public async ValueTask<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _room.WaitAsync();
        lock (_queue)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _queue.Enqueue(() =>
            {
                try
                {
                    done.SetResult(work());
                }
                catch (Exception unexpected)
                {
                    done.SetException(unexpected); // what a disk may do is a DiskError already; this is a fault of the program, its caller's to meet
                }
            });
            Monitor.Pulse(_queue);
        }
        return await done.Task;
    }

    /// <summary>Takes no more work; done when what was taken is.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_queue)
        {
            _closed = true;
            Monitor.PulseAll(_queue);
        }
        await _ended.Task;
    }

    private void Run()
    {
        while (Next() is { } work)
        {
            _room.Release();
            work();
        }
        if (Interlocked.Decrement(ref _running) == 0) _ended.SetResult();
    }

    private Action? Next()
    {
        lock (_queue)
        {
            while (_queue.Count == 0)
            {
                if (_closed) return null;
                Monitor.Wait(_queue);
            }
            return _queue.Dequeue();
        }
    }
}
