using System.Diagnostics;
using OrleansDfs.AppHost.Setup;

namespace OrleansDfs.AppHost.Local;

/// <summary>How children are started and stopped on the different systems.</summary>
static class ChildProcess
{
    public static ProcessStartInfo StartInfo(ResourceSpec spec)
    {
        IReadOnlyList<string> command = [.. OwnSession(), .. spec.Command];
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = spec.WorkingDirectory,
        };
        foreach (var name in start.Environment.Keys.Where(name => !ClusterEnvironment.IsInherited(name)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in spec.Environment)
            start.Environment[name] = value;
        return start;
    }

    /// <summary>
    /// A shell around a program that does not watch its standard input, PostgreSQL above all: when the input ends, because the launcher closed
    /// it or died, the program gets SIGINT (PostgreSQL: fast shutdown). On Windows the program itself, which the next start then stops.
    /// </summary>
    public static IReadOnlyList<string> BoundToStdin(IReadOnlyList<string> command)
    {
        if (OperatingSystem.IsWindows())
            return command;
        const string Script = """
            exec 3<&0
            "$@" </dev/null 3<&- &
            program=$!
            (cat <&3 >/dev/null; kill -INT "$program" 2>/dev/null) >/dev/null 2>&1 &
            watcher=$!
            exec 3<&-
            wait "$program"
            code=$?
            kill "$watcher" 2>/dev/null
            exit $code
            """;
        return ["/bin/sh", "-c", Script, "sh", .. command];
    }

    /// <summary>
    /// Asks the process to stop (by its signal, else by the end of its input), waits for the grace, then kills it and its children.
    /// </summary>
    public static async Task StopAsync(Process process, ResourceSpec spec, Task exited, TimeProvider time)
    {
        if (spec.StopSignal is not { } signal || !Signal.Send(process.Id, signal))
            process.StandardInput.Close();
        if (await Task.WhenAny(exited, Task.Delay(spec.StopGrace, time, CancellationToken.None)) == exited)
            return;
        process.Kill(entireProcessTree: true);
    }

    /// <summary>
    /// A session of its own, where the system has <c>setsid</c>: a Ctrl-C in the terminal goes to the launcher's whole group, and without this the
    /// database would stop before the silos that need it. setsid execs the program, the process id stays.
    /// </summary>
    static string[] OwnSession() => OperatingSystem.IsLinux() && Tool.OnPath("setsid") is { } setsid ? [setsid] : [];
}
