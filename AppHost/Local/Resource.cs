using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using OrleansDfs.AppHost.Setup;

namespace OrleansDfs.AppHost.Local;

/// <summary>
/// Keeps one child process running. One loop does everything, start, end, restart and stop, so that no two of them race. Invariants: when
/// <see cref="DisposeAsync"/> returns the process is gone; the child's standard input stays open as long as the launcher lives and not longer.
/// </summary>
public sealed class Resource(ResourceSpec spec, ResourceLog log, TimeProvider time) : IAsyncDisposable
{
    const int MaxLinesAtOnce = 256;

    static readonly TimeSpan _healthPeriodAtStart = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan _healthPeriod = TimeSpan.FromSeconds(2);

    readonly CancellationTokenSource _stop = new();
    readonly TaskCompletionSource _healthy = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Backoff _backoff = new();
    TaskCompletionSource _restart = NewSignal();
    volatile ResourceStatus _status = new(ResourceState.Waiting, null, null, 0);
    Task _loop = Task.CompletedTask;

    public ResourceSpec Spec => spec;

    public ResourceLog Log => log;

    public ResourceStatus Status => _status;

    /// <summary>Completes when the resource is healthy for the first time.</summary>
    public Task FirstHealthy => _healthy.Task;

    /// <summary>Called with every line and every change of state (<c>isState</c>), from any thread.</summary>
    public Action<Resource, IReadOnlyList<string>, bool> Report { get; init; } = (_, _, _) => { };

    public void Start() => _loop = RunAsync(_stop.Token);

    /// <summary>Ends the present process, if there is one, and starts it again at once.</summary>
    public void Restart() => Volatile.Read(ref _restart).TrySetResult();

    /// <summary>Stops it for good; returns when the process is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
        log.Dispose();
    }

    async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var restart = NewSignal();
            Volatile.Write(ref _restart, restart);
            Set(_status with { State = ResourceState.Starting, Pid = null });
            var began = time.GetTimestamp();
            var code = await RunOnceAsync(restart.Task, stop);
            if (stop.IsCancellationRequested)
            {
                Set(_status with { State = ResourceState.Finished, Pid = null, ExitCode = code });
                return;
            }
            Set(_status with { State = ResourceState.Exited, Pid = null, ExitCode = code });
            if (!restart.Task.IsCompleted)
            {
                var pause = _backoff.After(time.GetElapsedTime(began));
                Say($"ended by itself with exit code {code}; restart in {pause.TotalSeconds:0} s", isState: true);
                if (spec.WhyEnded() is { } cause)
                    Say(cause, isState: true);
                await Task.WhenAny(Task.Delay(pause, time, stop), restart.Task);
            }
            if (!stop.IsCancellationRequested)
                Set(_status with { State = ResourceState.Restarting, Restarts = _status.Restarts + 1 });
        }
        Set(_status with { State = ResourceState.Finished });
    }

    async Task<int> RunOnceAsync(Task restart, CancellationToken stop)
    {
        using var process = new Process { StartInfo = ChildProcess.StartInfo(spec) };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            Say($"cannot be started: {e.Message}", isState: false);
            return -1;
        }
        Set(_status with { State = ResourceState.Running, Pid = process.Id });
        var output = Task.WhenAll(PumpAsync(process.StandardOutput), PumpAsync(process.StandardError));
        using var ended = new CancellationTokenSource();
        var health = WatchHealthAsync(ended.Token);
        var exited = process.WaitForExitAsync(CancellationToken.None);

        await Task.WhenAny(exited, restart, Task.Delay(Timeout.InfiniteTimeSpan, time, stop));
        await ended.CancelAsync();
        await health;
        if (!exited.IsCompleted)
            await ChildProcess.StopAsync(process, spec, exited, time);
        await exited;
        // What the child printed last comes after its end. A grandchild that still holds the pipe must not hold us.
        await Task.WhenAny(output, Task.Delay(TimeSpan.FromSeconds(1), time, CancellationToken.None));
        return process.ExitCode;
    }

    async Task PumpAsync(StreamReader reader)
    {
        try
        {
            // A line for every request: what comes together goes on together, at once when there is no more for the moment.
            var lines = new List<string>();
            while (true)
            {
                var reading = reader.ReadLineAsync();
                if (lines.Count > 0 && (!reading.IsCompleted || lines.Count == MaxLinesAtOnce))
                {
                    Say(lines, isState: false);
                    lines = [];
                }
                if (await reading is not { } line)
                    break;
                lines.Add(line);
            }
            if (lines.Count > 0)
                Say(lines, isState: false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            Say($"[launcher] its output cannot be read any more: {e.Message}", isState: false);
        }
    }

    async Task WatchHealthAsync(CancellationToken ended)
    {
        string? complaint = null;
        while (!ended.IsCancellationRequested)
        {
            var isHealthy = false;
            try
            {
                isHealthy = await spec.IsHealthy(ended);
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                return;
            }
            catch (SetupException e)
            {
                if (complaint != e.Message)
                    Say(complaint = e.Message, isState: true);
            }
            if (ended.IsCancellationRequested)
                return;
            SetHealth(isHealthy);
            var period = isHealthy ? _healthPeriod : _healthPeriodAtStart;
            await Task.WhenAny(Task.Delay(period, time, ended));
        }
    }

    void SetHealth(bool isHealthy)
    {
        var state = isHealthy ? ResourceState.Healthy : ResourceState.Running;
        if (_status.State == state)
            return;
        Set(_status with { State = state });
        if (isHealthy)
            _healthy.TrySetResult();
    }

    void Set(ResourceStatus status)
    {
        _status = status;
        if (status.State != ResourceState.Exited)
            Say(status.Text + (status.Pid is { } pid && status.State == ResourceState.Running ? $", pid {pid}" : ""), isState: true);
    }

    void Say(string line, bool isState) => Say([line], isState);

    void Say(List<string> lines, bool isState)
    {
        if (isState) log.Add([.. lines.Select(line => $"[launcher] {line}")]);
        else log.Add(CollectionsMarshal.AsSpan(lines));
        Report(this, lines, isState);
    }

    static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
