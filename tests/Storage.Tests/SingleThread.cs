using System.Runtime.ExceptionServices;

namespace OrleansDfs.Storage.Tests;

/// <summary>
/// Runs asynchronous code on the calling thread alone, in one order: with a disk that completes inline or when the test says so, one seed gives
/// one run. A run that waits for something nobody will do fails instead of hanging.
/// </summary>
public sealed class SingleThread : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _queue = new();

    public override void Post(SendOrPostCallback d, object? state) => _queue.Enqueue((d, state));

    public static void Run(Func<Task> body)
    {
        var outer = Current;
        var thread = new SingleThread();
        SetSynchronizationContext(thread);
        try
        {
            var task = body();
            while (thread._queue.TryDequeue(out var next)) next.Callback(next.State);
            if (!task.IsCompleted) throw new InvalidOperationException("Everything that could run has run, and the test still waits.");
            if (task.Exception is { } error) ExceptionDispatchInfo.Throw(error.InnerException!);
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }
}
