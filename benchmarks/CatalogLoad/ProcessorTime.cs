using System.Globalization;

namespace OrleansDfs.CatalogLoad;

/// <summary>Processor time of this process and of a PostgreSQL server with its backends, from /proc (Linux).</summary>
readonly record struct ProcessorTime(double OwnSeconds, double ServerSeconds)
{
    /// <summary>Kernel ticks per second that /proc/pid/stat counts in (USER_HZ, 100 on every Linux of today).</summary>
    const double TicksPerSecond = 100;

    public static ProcessorTime Now(int postmaster)
    {
        var ticks = 0L;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) continue;
            if (Fields(pid) is { } fields && (pid == postmaster || Number(fields[1]) == postmaster)) ticks += Number(fields[11]) + Number(fields[12]);
        }
        return new ProcessorTime(Environment.CpuUsage.TotalTime.TotalSeconds, ticks / TicksPerSecond);
    }

    public ProcessorTime Since(ProcessorTime before) => new(OwnSeconds - before.OwnSeconds, ServerSeconds - before.ServerSeconds);

    /// <summary>Those behind the name in parentheses, which may hold spaces: 1 is the parent, 11 and 12 the times.</summary>
    static string[]? Fields(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null; // it has ended
        }
    }

    static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
