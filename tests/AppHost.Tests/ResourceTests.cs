using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using OrleansDfs.AppHost.Local;
using OrleansDfs.AppHost.Setup;

namespace OrleansDfs.AppHost.Tests;

/// <summary>Real child processes (shells), a clock of our own: no test waits for a pause.</summary>
public class ResourceTests
{
    static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    readonly FakeTimeProvider _time = new();

    [SkippableFact]
    public async Task A_child_that_ends_by_itself_is_shown_and_started_again_after_the_pause()
    {
        Skip.If(OperatingSystem.IsWindows());
        using var temporary = new TemporaryFolder();
        var ended = new TaskCompletionSource();
        await using var resource = Make(temporary, "exit 7", report: line =>
        {
            if (line.Contains("exit code 7", StringComparison.Ordinal))
                ended.TrySetResult();
        });
        resource.Start();
        await ended.Task.WaitAsync(_limit);
        Assert.Equal("Exited(7)", resource.Status.Text);
        Assert.Equal(0, resource.Status.Restarts);

        await UntilAsync(() =>
        {
            _time.Advance(Backoff.First);
            return resource.Status.Restarts >= 1;
        });
    }

    [SkippableFact]
    public async Task A_stopped_child_is_gone_and_not_started_again()
    {
        Skip.If(OperatingSystem.IsWindows());
        using var temporary = new TemporaryFolder();
        var resource = Make(temporary, "echo hello; exec cat", signal: Signal.Terminate);
        resource.Start();
        await resource.FirstHealthy.WaitAsync(_limit);
        var pid = resource.Status.Pid!.Value;
        await resource.DisposeAsync();
        Assert.Equal(ResourceState.Finished, resource.Status.State);
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(pid));
        Assert.Contains("hello", resource.Log.Tail(10));
    }

    [SkippableFact]
    public async Task A_child_that_ignores_its_signal_is_killed_after_the_grace()
    {
        Skip.If(OperatingSystem.IsWindows());
        using var temporary = new TemporaryFolder();
        var isTrapped = new TaskCompletionSource();
        var resource = Make(temporary, "trap '' TERM; echo trapped; while :; do sleep 1; done", signal: Signal.Terminate, report: line =>
        {
            if (line == "trapped")
                isTrapped.TrySetResult();
        });
        resource.Start();
        await isTrapped.Task.WaitAsync(_limit);
        var stopped = resource.DisposeAsync().AsTask();
        await UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return stopped.IsCompleted;
        });
        Assert.Equal(ResourceState.Finished, resource.Status.State);
    }

    [SkippableFact]
    public async Task A_program_bound_to_its_input_is_interrupted_when_the_input_ends()
    {
        Skip.If(OperatingSystem.IsWindows() || Tool.OnPath("perl") is null, "needs perl");
        using var temporary = new TemporaryFolder();
        // Like PostgreSQL, the program sets a handler of its own for SIGINT. (A shell could not: it was started with SIGINT ignored.)
        var command = ChildProcess.BoundToStdin(["perl", "-e", "$| = 1; $SIG{INT} = sub { exit 5 }; print \"up\\n\"; sleep 1 while 1"]);
        var isUp = new TaskCompletionSource();
        var resource = Make(temporary, command, signal: null, report: line =>
        {
            if (line == "up")
                isUp.TrySetResult();
        });
        resource.Start();
        await isUp.Task.WaitAsync(_limit);
        await resource.DisposeAsync().AsTask().WaitAsync(_limit);
        Assert.Equal(ResourceState.Finished, resource.Status.State);
        Assert.Equal(5, resource.Status.ExitCode);
    }

    [Fact]
    public void The_pause_doubles_up_to_half_a_minute_and_starts_over_after_a_good_run()
    {
        var backoff = new Backoff();
        var pauses = Enumerable.Range(0, 6).Select(_ => backoff.After(TimeSpan.FromSeconds(1)).TotalSeconds);
        Assert.Equal([2, 4, 8, 16, 30, 30], pauses);
        Assert.Equal(2, backoff.After(Backoff.GoodRun).TotalSeconds);
    }

    [Fact]
    public void A_log_file_is_bounded_and_the_tail_stays_in_memory()
    {
        using var temporary = new TemporaryFolder();
        var path = temporary.Combine("x.log");
        using var log = new ResourceLog(path, maxFileBytes: 1000);
        for (var i = 0; i < 1000; i++)
            log.Add("line " + i);
        Assert.Equal(["line 998", "line 999"], log.Tail(2));
        Assert.InRange(new FileInfo(path).Length, 1, 1100);
        Assert.InRange(new FileInfo(path + ".1").Length, 1, 1100);
    }

    [Fact]
    public void Lines_that_come_together_are_bounded_too()
    {
        using var temporary = new TemporaryFolder();
        var path = temporary.Combine("x.log");
        using var log = new ResourceLog(path, maxFileBytes: 1000);
        log.Add([.. Enumerable.Range(0, 1000).Select(i => "line " + i)]);
        Assert.Equal(["line 998", "line 999"], log.Tail(2));
        Assert.InRange(new FileInfo(path).Length, 1, 1100);
        Assert.InRange(new FileInfo(path + ".1").Length, 1, 1100);
        Assert.Equal("line 999", File.ReadAllLines(path)[^1]);
    }

    Resource Make(TemporaryFolder folder, string script, int? signal = null, Action<string>? report = null) =>
        Make(folder, ["/bin/sh", "-c", script], signal, report);

    Resource Make(TemporaryFolder folder, IReadOnlyList<string> command, int? signal, Action<string>? report)
    {
        var spec = new ResourceSpec
        {
            Name = "child",
            Command = command,
            Environment = new Dictionary<string, string>(),
            IsHealthy = _ => Task.FromResult(true),
            StopSignal = signal,
            StopGrace = TimeSpan.FromSeconds(5),
        };
        return new Resource(spec, new ResourceLog(folder.Combine("child.log")), _time)
        {
            Report = (_, lines, _) =>
            {
                foreach (var line in lines) report?.Invoke(line);
            },
        };
    }

    static async Task UntilAsync(Func<bool> condition)
    {
        var began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < _limit, "the condition never came true");
            await Task.Yield();
        }
    }
}
