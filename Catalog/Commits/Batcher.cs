namespace OrleansDfs.Catalog.Commits;

/// <summary>
/// Natural batching: what arrives while the last batches are under way forms the next. Nothing ever joins a batch that has begun (P20). Nobody waits
/// for a timer: with none under way a batch starts at once. Beside others it starts only when so much waits that it is worth a batch, or when the others
/// take long, as behind a lock: one batch of eight costs the database far less than four of two.
/// </summary>
/// <param name="workers">Most batches under way at once.</param>
/// <param name="crowd">Items that are worth another batch beside those under way.</param>
/// <param name="maxBatch">Most items in one.</param>
/// <param name="maxWaiting">Most items that wait.</param>
/// <param name="admit">Judges whether an item may join those already chosen; those that may not stay in front of the queue. The first may
/// always.</param>
/// <param name="run">Runs one batch; it owns every error.</param>
/// <param name="scheduler">Where batches run; <c>null</c>: on the pool.</param>
internal sealed class Batcher<T>(
    int workers, int crowd, int maxBatch, int maxWaiting, Func<IReadOnlyList<T>, Predicate<T>> admit, Func<IReadOnlyList<T>, Task> run,
    TimeProvider time, TaskScheduler? scheduler = null)
    : IAsyncDisposable
{
    /// <summary>A batch that takes longer waits for a lock or a slow database; what comes meanwhile does not wait for it.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private readonly LinkedList<T> _waiting = new();
    private int _running;
    private long _lastBegun; // when the newest of those under way was
    private TaskCompletionSource? _closed;

    /// <returns>False: too many wait already, and this item will not be run.</returns>
    public bool TryAdd(T item)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed is not null, this);
            if (_waiting.Count >= maxWaiting) return false;
            _waiting.AddLast(item);
            if (_running == workers || (_running > 0 && !IsWorthAnother())) return true;
            _running++;
            _lastBegun = time.GetTimestamp();
        }
        // On the pool, whoever calls: in a grain's turn the batch would otherwise run on, and wait for, that grain's scheduler.
        if (scheduler is not null) _ = Task.Factory.StartNew(WorkAsync, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler);
        else ThreadPool.UnsafeQueueUserWorkItem(static batcher => _ = batcher.WorkAsync(), this, preferLocal: false);
        return true;
    }

    /// <summary>Finishes what has been added.</summary>
    public async ValueTask DisposeAsync()
    {
        Task ended;
        lock (_lock)
        {
            _closed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_running == 0) _closed.TrySetResult();
            ended = _closed.Task;
        }
        await ended;
    }

    private async Task WorkAsync()
    {
        for (var isFirst = true; ; isFirst = false)
        {
            List<T> batch;
            lock (_lock)
            {
                if (_waiting.Count == 0 || (!isFirst && _running > 1 && !IsWorthAnother()))
                {
                    if (--_running == 0) _closed?.TrySetResult();
                    return;
                }
                batch = Take();
                _lastBegun = time.GetTimestamp();
            }
            await run(batch);
        }
    }

    /// <summary>Beside those under way. What is left to them is run when the first of them ends.</summary>
    private bool IsWorthAnother() => _waiting.Count >= crowd || time.GetElapsedTime(_lastBegun) > Slow;

    private List<T> Take()
    {
        var batch = new List<T>(Math.Min(_waiting.Count, maxBatch));
        var joins = admit(batch);
        for (var node = _waiting.First; node is not null && batch.Count < maxBatch;)
        {
            var next = node.Next;
            if (batch.Count == 0 || joins(node.Value))
            {
                batch.Add(node.Value);
                _waiting.Remove(node);
            }
            node = next;
        }
        return batch;
    }
}
