using System.Threading.Tasks.Sources;

namespace OrleansDfs.Client;

/// <summary>
/// One call to a grain and the loss of a connection, whichever comes first: what <c>Task.WhenAny</c> with a task that all calls share would be,
/// without a promise and a place in that task's list of continuations for each call. Used again and again; made and kept by <see cref="SiloWatch"/>.
/// </summary>
/// <remarks>
/// Invariant: whoever turns <see cref="_state"/> from racing sets the result, and nobody else. A race that was lost while its call goes on is not
/// used again, for the call still has its continuation here.
/// </remarks>
internal sealed class LossRace : IValueTaskSource<bool>
{
    private const int Racing = 0;
    private const int Answered = 1;
    private const int ConnectionLost = 2;

    private readonly SiloWatch _watch;
    private readonly Action _onAnswer;
    private ManualResetValueTaskSourceCore<bool> _result;
    private int _state;

    public LossRace(SiloWatch watch)
    {
        _watch = watch;
        _onAnswer = () => End(Answered);
    }

    /// <summary>Neighbours in the list of the watch, under its lock.</summary>
    public LossRace? Next { get; set; }

    public LossRace? Previous { get; set; }

    public ValueTask<bool> Start(Task calling)
    {
        var version = _result.Version; // before: the call may end at once, and with it this race
        calling.GetAwaiter().UnsafeOnCompleted(_onAnswer); // in the context where there is one: a simulation has but one thread
        return new ValueTask<bool>(this, version);
    }

    public void Lost() => End(ConnectionLost);

    /// <summary>Ready for another call. Only where nobody finds it any more.</summary>
    public void Reset()
    {
        _result.Reset();
        Volatile.Write(ref _state, Racing);
    }

    public bool GetResult(short token)
    {
        var answered = _result.GetResult(token);
        _watch.Leave(this, isReusable: answered);
        return answered;
    }

    public ValueTaskSourceStatus GetStatus(short token) => _result.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _result.OnCompleted(continuation, state, token, flags);

    private void End(int how)
    {
        if (Interlocked.CompareExchange(ref _state, how, Racing) != Racing) return;
        if (how == ConnectionLost) _result.RunContinuationsAsynchronously = true; // many at once, under the watch's lock
        _result.SetResult(how == Answered);
    }
}
