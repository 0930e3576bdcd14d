using System.Diagnostics;

namespace OrleansDfs.Load;

/// <summary>One cell of the table: a target under one step for a while.</summary>
/// <param name="ServerSeconds">Processor time of the server's processes.</param>
/// <param name="ClientSeconds">Processor time of this process.</param>
/// <param name="PeakMebibytes">Of the server's processes, during this measurement.</param>
sealed record Result(
    string Target, Step Step, double Seconds, long Operations, long Errors, double ServerSeconds, double ClientSeconds,
    long PeakMebibytes, double P50, double P95, double P99, string FirstError)
{
    public double PerSecond => Operations / Seconds;
}

/// <summary>Runs a step on some connections at once and times every operation.</summary>
/// <param name="Duration">A measurement also ends when <paramref name="Cap"/> bytes were put or nothing is left to delete.</param>
/// <param name="WarmUp">
/// Before the first measurement of a step on a target; half a second before the others. .NET compiles hot code anew during the first seconds of load.
/// </param>
sealed record Measurement(TimeSpan Duration, TimeSpan WarmUp, long Cap)
{
    static readonly TimeSpan _shortWarmUp = TimeSpan.FromSeconds(0.5);

    public async Task<Result> Run(Target target, Workload workload, Step step, int round)
    {
        await workload.Prepare(step.Work, step.Size);
        var use = new ServerUse(target);
        if (step.Work != Work.Delete) await Loops(round == 0 && WarmUp > _shortWarmUp ? WarmUp : _shortWarmUp); // a delete's keys are counted
        var processes = use.Find();
        ServerUse.ForgetPeaks(processes);
        var before = ServerUse.ProcessorSeconds(processes);
        var clientBefore = Process.GetCurrentProcess().TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        var loops = await Loops(Duration);
        var seconds = clock.Elapsed.TotalSeconds;
        var client = (Process.GetCurrentProcess().TotalProcessorTime - clientBefore).TotalSeconds;
        processes = use.Find();
        var server = ServerUse.ProcessorSeconds(processes) - before;
        var times = loops.SelectMany(l => l.Milliseconds).Order().ToArray();
        return new Result(
            target.Name, step, seconds, times.Length, loops.Sum(l => l.Errors), server, client,
            ServerUse.PeakMebibytes(processes), At(times, 0.5), At(times, 0.95), At(times, 0.99),
            loops.Select(l => l.FirstError).FirstOrDefault(e => e != "") ?? "");

        async Task<Loop[]> Loops(TimeSpan time)
        {
            var until = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
            var budget = new Budget(step.Work is Work.Put or Work.Multipart ? Cap : long.MaxValue);
            return await Task.WhenAll(Enumerable.Range(0, step.Connections)
                .Select(n => Task.Run(() => Repeat(target, workload, step, until, budget, new Random(round + n)))));
        }
    }

    sealed record Loop(List<double> Milliseconds, long Errors, string FirstError);

    /// <summary>The bytes that may still be put, so that a fast disk is not filled.</summary>
    sealed class Budget(long bytes)
    {
        long _left = bytes;

        public bool Take(long size) => Interlocked.Add(ref _left, -size) >= 0;
    }

    static async Task<Loop> Repeat(Target target, Workload workload, Step step, long until, Budget budget, Random random)
    {
        using var connection = new Connection(target);
        var times = new List<double>(16 * 1024);
        var errors = 0L;
        var firstError = "";
        while (Stopwatch.GetTimestamp() is var start && start < until && workload.HasMore(step.Work, step.Size) && budget.Take(step.Size))
        {
            string error;
            try
            {
                var answer = await workload.Run(connection, step.Work, step.Size, random);
                if (answer.Status is >= 200 and < 300 && (step.Work != Work.Get || answer.Length == step.Size))
                {
                    times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                    continue;
                }
                error = $"status {answer.Status}, {answer.Length} bytes";
            }
            catch (IOException e)
            {
                error = e.Message;
            }
            if (errors++ == 0) firstError = error;
        }
        return new Loop(times, errors, firstError);
    }

    static double At(double[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
}
