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
        if (target.Processes.Count == 0) return [];
        var roots = target.Processes.Where(p => p.StartsWith("pid:", StringComparison.Ordinal)).Select(p => Number(p.AsSpan(4))).ToHashSet();
        var words = target.Processes.Where(p => !p.StartsWith("pid:", StringComparison.Ordinal)).ToArray();
        var parents = new Dictionary<int, int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), out var pid) && pid != _self && Stat(pid) is { } stat)
                parents[pid] = Number(stat[1]);
        return [.. parents.Keys.Where(pid => IsBelow(pid) || (words.Length > 0 && HasWord(pid)))];

        bool IsBelow(int pid)
        {
            for (var at = pid; ; at = parents[at])
            {
                if (roots.Contains(at)) return true;
                if (!parents.ContainsKey(at)) return false;
            }
        }

        bool HasWord(int pid)
        {
            var line = Read($"/proc/{pid}/cmdline") ?? "";
            return words.Any(word => line.Contains(word, StringComparison.Ordinal));
        }
    }

    /// <summary>Seconds of processor time that these have used since they started, with the children that they have waited for.</summary>
    public static double ProcessorSeconds(IReadOnlyList<int> processes)
    {
        var ticks = 0L;
        foreach (var pid in processes)
        {
            // utime, stime, cutime, cstime: what a child used that ended meanwhile is with its parent.
            if (Stat(pid) is { } stat) ticks += stat[11..15].Sum(t => long.Parse(t, CultureInfo.InvariantCulture));
        }
        return ticks / TicksPerSecond;
    }

    /// <summary>From now on peaks are those of what follows; where the system refuses that, they stay those of the processes' lives.</summary>
    public static void ForgetPeaks(IReadOnlyList<int> processes)
    {
        foreach (var pid in processes)
        {
            try
            {
                File.WriteAllText($"/proc/{pid}/clear_refs", "5"); // proc(5): resets the peak resident size
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue; // ended, or another user's
            }
        }
    }

    /// <summary>The sum of the peak resident sizes in MiB, what processes share among them (PostgreSQL's buffers) once.</summary>
    public static long PeakMebibytes(IReadOnlyList<int> processes) => Mebibytes(processes, "VmHWM:");

    /// <summary>The sum of the resident sizes in MiB, what processes share among them once.</summary>
    public static long ResidentMebibytes(IReadOnlyList<int> processes) => Mebibytes(processes, "VmRSS:");

    /// <summary>What a process is called: the assembly of a .NET program, else the program.</summary>
    public static string Name(int pid)
    {
        var words = (Read($"/proc/{pid}/cmdline") ?? "").Split(['\0', ' '], StringSplitOptions.RemoveEmptyEntries);
        return Path.GetFileName(words.FirstOrDefault(w => w.EndsWith(".dll", StringComparison.Ordinal)) ?? words.FirstOrDefault() ?? "?");
    }

    static long Mebibytes(IReadOnlyList<int> processes, string line)
    {
        var sum = 0L;
        var shared = 0L;
        foreach (var pid in processes)
        {
            var status = (Read($"/proc/{pid}/status") ?? "").Split('\n');
            var sharedHere = Kibibytes(status, "RssShmem:");
            sum += Kibibytes(status, line) - sharedHere;
            shared = Math.Max(shared, sharedHere);
        }
        return (sum + shared) / 1024;
    }

    static long Kibibytes(string[] status, string name) =>
        status.FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal)) is { } line
            ? long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
            : 0;

    /// <summary>The fields of /proc/pid/stat from the third one (state) on: the name before may hold spaces. <c>null</c>: it has ended.</summary>
    static string[]? Stat(int pid) => Read($"/proc/{pid}/stat") is { } stat ? stat[(stat.LastIndexOf(')') + 2)..].Split(' ') : null;

    static int Number(ReadOnlySpan<char> text) => int.Parse(text, CultureInfo.InvariantCulture);

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
