using System.Globalization;

namespace OrleansDfs.Load;

/// <summary>Processor time and memory of the server processes, from /proc (Linux). Processor time is what a busy machine distorts least.</summary>
sealed class ServerUse(Target target)
{
    /// <summary>Kernel ticks per second that /proc/pid/stat counts in (USER_HZ, 100 on every Linux of today).</summary>
    const double TicksPerSecond = 100;

    readonly int _self = Environment.ProcessId;

    /// <summary>The processes as they are now.</summary>
    public IReadOnlyList<int> Find()
    {
        var found = new List<int>();
        if (target.Processes.Count == 0) return found;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var pid) || pid == _self) continue;
            var line = Read($"{folder}/cmdline") ?? "";
            if (target.Processes.Any(word => line.Contains(word, StringComparison.Ordinal))) found.Add(pid);
        }
        return found;
    }

    /// <summary>Seconds of processor time that these have used since they started, with the children that they have waited for.</summary>
    public static double ProcessorSeconds(IReadOnlyList<int> processes)
    {
        var ticks = 0L;
        foreach (var pid in processes)
        {
            if (Read($"/proc/{pid}/stat") is not { } stat) continue;
            // The name in parentheses may hold spaces; the numbers follow the last parenthesis: field 14 is utime, 15 stime.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            ticks += long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        }
        return ticks / TicksPerSecond;
    }

    /// <summary>The sum of the peak resident sizes, in MiB. Memory that several share counts for each.</summary>
    public static long PeakMebibytes(IReadOnlyList<int> processes) =>
        processes.Sum(pid => (Read($"/proc/{pid}/status") ?? "").Split('\n').Where(l => l.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Sum(l => long.Parse(l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture))) / 1024;

    /// <summary><c>null</c>: the process has ended.</summary>
    static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}
