using System.Globalization;

namespace OrleansDfs.Simulation.Tests;

/// <summary>
/// The one thread and the clock of a simulation. What can run, runs, one thing after the other: in the order in which it became able to, or, with a
/// <paramref name="shuffle"/>, in an order of the seed's. Only when nothing can run does time jump to the next timer. Invariant: nothing here depends
/// on anything but the seed, so a trace can be repeated; code that hops to a pool thread breaks that and is found by comparing
/// <see cref="TraceHash"/>.
/// </summary>
sealed class World(Random? shuffle) : SynchronizationContext
{
    private const int Kept = 400;

    private readonly List<(SendOrPostCallback Callback, object? State)> _ready = [];
    private readonly Queue<string> _trace = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private volatile string? _strayed;

    public VirtualTime Time { get; } = new();

    /// <summary>Of everything that was traced; equal for equal seeds.</summary>
    public ulong TraceHash { get; private set; } = 14695981039346656037;

    public long Steps { get; private set; }

    /// <summary>The last things that happened, for people.</summary>
    public string Trace => string.Join('\n', _trace);

    /// <summary>Runs the body in a world of its own.</summary>
    public static T Run<T>(Random? shuffle, Func<World, Task<T>> body)
    {
        var outer = Current;
        var world = new World(shuffle);
        SetSynchronizationContext(world);
        try
        {
            var task = body(world);
            world.RunUntil(() => task.IsCompleted);
            return task.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        // Not thrown here: that would end the process, from a thread of the pool.
        if (Environment.CurrentManagedThreadId != _thread) _strayed ??= Environment.StackTrace;
        else _ready.Add((d, state));
    }

    /// <summary>Notes that something happened.</summary>
    public void Note(string what)
    {
        foreach (var c in what) TraceHash = (TraceHash ^ c) * 1099511628211;
        TraceHash = (TraceHash ^ (ulong)Time.Now.Ticks) * 1099511628211;
        _trace.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{Time.Now.TotalMilliseconds,10:0.000} {what}"));
        if (_trace.Count > Kept) _trace.Dequeue();
    }

    private void RunUntil(Func<bool> isDone)
    {
        while (!isDone())
        {
            if (_strayed is not null)
                throw new InvalidOperationException($"Something of the simulation ran on another thread, so it cannot be repeated:\n{_strayed}");
            Steps++;
            if (_ready.Count > 0)
            {
                var index = shuffle?.Next(_ready.Count) ?? 0;
                var (callback, state) = _ready[index];
                _ready.RemoveAt(index);
                callback(state);
            }
            else if (!Time.FireNext())
            {
                throw new InvalidOperationException($"Everything that could run has run, and the simulation still waits.\n{Trace}");
            }
        }
    }
}

/// <summary>Time that passes only when the simulation has nothing else to do. Timers that are due at once fire in the order in which they were
/// set.</summary>
sealed class VirtualTime : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<(SimulatedTimer Timer, long Setting), (long Due, long Number)> _timers = new();
    private long _number;

    /// <summary>Since the beginning of the simulation.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>A step of the wall clock, which no timer and no duration may follow.</summary>
    public TimeSpan ClockStep { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Start + Now + ClockStep;

    public override long GetTimestamp() => Now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>False: there is no timer.</summary>
    public bool FireNext()
    {
        while (_timers.TryDequeue(out var next, out var place))
        {
            if (next.Timer.Setting != next.Setting) continue; // set anew or disposed since
            if (place.Due > Now.Ticks) Now = TimeSpan.FromTicks(place.Due);
            next.Timer.Fire();
            return true;
        }
        return false;
    }

    private void Set(SimulatedTimer timer, TimeSpan due) =>
        _timers.Enqueue((timer, timer.Setting), (Now.Ticks + Math.Max(0, due.Ticks), ++_number));

    private sealed class SimulatedTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public long Setting { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Setting++;
            _period = period;
            if (dueTime != Timeout.InfiniteTimeSpan) time.Set(this, dueTime);
            return true;
        }

        public void Fire()
        {
            Setting++;
            if (_period > TimeSpan.Zero) time.Set(this, _period);
            callback(state);
        }

        public void Dispose() => Setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
