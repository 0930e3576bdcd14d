using System.Collections.Concurrent;

namespace OrleansDfs.Catalog.Engines;

/// <summary>
/// Threads that own a SQLite connection each and take work from one queue. SQLite's calls block (its async methods run synchronously), so they must
/// not sit on pool
/// threads nor in grain turns. One such thread is the process's only writer; a few are readers. In a simulation there are none: the caller's thread
/// does it, at once.
/// </summary>
internal sealed class SqliteThreads : IAsyncDisposable
{
    private readonly BlockingCollection<Action<SqliteSession>> _work = [];
    private readonly List<Task> _ended = [];
    private readonly SqliteSession? _inline;

    public SqliteThreads(string name, int count, Func<SqliteSession> open, bool inline)
    {
        if (inline)
        {
            _inline = open();
            return;
        }
        for (var i = 0; i < count; i++)
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var session = open();
            _ended.Add(ended.Task);
            new Thread(() => Serve(session, ended)) { IsBackground = true, Name = $"{name} {i}" }.Start();
        }
    }

    public Task<T> RunAsync<T>(Func<SqliteSession, Task<T>> body, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_inline is not null) Do(_inline);
        else _work.Add(Do, CancellationToken.None);
        return done.Task;

        void Do(SqliteSession session)
        {
            try
            {
                var task = body(session);
                if (!task.IsCompleted) throw new InvalidOperationException("A body on a SQLite thread must not wait for anything but its session.");
                done.SetFromTask(task);
            }
            catch (Exception e)
            {
                done.TrySetException(e); // it belongs to the caller; this thread serves on
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _work.CompleteAdding();
        await Task.WhenAll(_ended);
        _inline?.Close();
        _work.Dispose();
    }

    private void Serve(SqliteSession session, TaskCompletionSource ended)
    {
        foreach (var work in _work.GetConsumingEnumerable()) work(session);
        session.Close();
        ended.SetResult();
    }
}
