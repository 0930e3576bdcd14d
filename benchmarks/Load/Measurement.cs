using System.Diagnostics;

namespace OrleansDfs.Load;

/// <summary>One cell of the table: a target under one work, size and number of connections for a while.</summary>
/// <param name="Size">Bytes of one operation's payload; 0 where there is none.</param>
/// <param name="ServerSeconds">Processor time of the server's processes.</param>
/// <param name="ClientSeconds">Processor time of this process.</param>
sealed record Result(
    string Target, Work Work, long Size, int Connections, double Seconds, long Operations, long Errors, double ServerSeconds, double ClientSeconds,
    long PeakMebibytes, double P50, double P95, double P99, string FirstError)
{
    public double PerSecond => Operations / Seconds;
}

/// <summary>Runs a work on some connections at once and times every operation.</summary>
static class Measurement
{
    static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(0.5);

    public static async Task<Result> Run(Target target, Workload workload, Work work, long size, int connections, TimeSpan duration, int seed)
    {
        if (work is Work.Get or Work.Head or Work.Mixed) await workload.Fill(size);
        var use = new ServerUse(target);
        if (work != Work.Delete) await Loops(_warmUp); // a delete's keys are counted
        var before = ServerUse.ProcessorSeconds(use.Find());
        var clientBefore = Process.GetCurrentProcess().TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        var loops = await Loops(duration);
        var seconds = clock.Elapsed.TotalSeconds;
        var client = (Process.GetCurrentProcess().TotalProcessorTime - clientBefore).TotalSeconds;
        var processes = use.Find();
        var server = ServerUse.ProcessorSeconds(processes) - before;
        var times = loops.SelectMany(l => l.Milliseconds).Order().ToArray();
        return new Result(
            target.Name, work, work == Work.Multipart ? Workload.MultipartSize : size, connections, seconds, times.Length, loops.Sum(l => l.Errors),
                server, client,
            ServerUse.PeakMebibytes(processes), At(times, 0.5), At(times, 0.95), At(times, 0.99),
            loops.Select(l => l.FirstError).FirstOrDefault(e => e != "") ?? "");

        async Task<Loop[]> Loops(TimeSpan time)
        {
            var until = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
            return await Task.WhenAll(Enumerable.Range(0, connections)
                .Select(n => Task.Run(() => Repeat(target, workload, work, size, until, new Random(seed + n)))));
        }
    }

    sealed record Loop(List<double> Milliseconds, long Errors, string FirstError);

    static async Task<Loop> Repeat(Target target, Workload workload, Work work, long size, long until, Random random)
    {
        using var connection = new Connection(target);
        var times = new List<double>(16 * 1024);
        var errors = 0L;
        var firstError = "";
        while (Stopwatch.GetTimestamp() is var start && start < until && workload.HasMore(work, size))
        {
            try
            {
                var answer = await workload.Run(connection, work, size, random);
                if (answer.Status is >= 200 and < 300)
                {
                    times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                    continue;
                }
                if (errors++ == 0) firstError = $"status {answer.Status}";
            }
            catch (IOException e)
            {
                if (errors++ == 0) firstError = e.Message;
            }
        }
        return new Loop(times, errors, firstError);
    }

    static double At(double[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
}
