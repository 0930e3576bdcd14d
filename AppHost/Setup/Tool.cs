using System.ComponentModel;
using System.Diagnostics;

namespace OrleansDfs.AppHost.Setup;

/// <summary>Runs a short-lived program to its end.</summary>
public static class Tool
{
    /// <summary>How it ended: the exit code (null: not found, not startable, or out of time) and all it printed.</summary>
    public readonly record struct Result(int? ExitCode, string Output)
    {
        public bool Succeeded => ExitCode == 0;

        /// <summary>The last line that says something, for a one-sentence report.</summary>
        public string LastLine =>
            Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "no output";
    }

    /// <summary>Starts the program with an empty standard input and waits; past <paramref name="limit"/> it is killed.</summary>
    public static async Task<Result> RunAsync(IReadOnlyList<string> command, TimeSpan limit, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // initdb and pg_ctl complain when they cannot return to a folder that their user may not enter.
        start.WorkingDirectory = Path.GetTempPath();
        // English messages, whatever the user's language: reports quote them.
        start.Environment["LC_ALL"] = "C";
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            return new Result(null, e.Message);
        }
        process.StandardInput.Close();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(limit);
        try
        {
            var error = process.StandardError.ReadToEndAsync(timeout.Token);
            var output = await process.StandardOutput.ReadToEndAsync(timeout.Token);
            var all = output + await error;
            await process.WaitForExitAsync(timeout.Token);
            return new Result(process.ExitCode, all);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            return new Result(null, $"{command[0]} did not end within {limit.TotalSeconds:0} s");
        }
    }

    /// <summary>The full path of a program on PATH, or null.</summary>
    public static string? OnPath(string name)
    {
        var file = OperatingSystem.IsWindows() ? name + ".exe" : name;
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, file))
            .FirstOrDefault(File.Exists);
    }
}
