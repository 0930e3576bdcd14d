using System.Diagnostics;

namespace OrleansDfs.Load;

/// <summary>One cell of the table: a target under one step for a while.</summary>
/// <param name="ServerSeconds">Processor time of the server's processes.</param>
/// <param name="ClientSeconds">Processor time of this process.</param>
/// <param name="RefusedP95">Milliseconds until a 503 was answered; 0: there was none.</param>
/// <param name="PeakMebibytes">Of the server's processes, during this measurement.</param>
sealed record Result(
    string Target, Step Step, double Seconds, long Operations, long Errors, double ServerSeconds, double ClientSeconds,
    long PeakMebibytes, double P50, double P95, double P99, string FirstError, double RefusedP95 = 0)
{
    public double PerSecond => Operations / Seconds;
}

/// <summary>Runs a step on some connections at once and times every operation.</summary>
/// <param name="Duration">A measurement also ends when <paramref name="Cap"/> bytes were put or nothing is left to delete.</param>
/// <param name="WarmUp">
/// Before the first measurement of a step on a target; half a second before the others. .NET compiles hot code anew during the first seconds of load.
/// </param>
/// <param name="BacksOff">Wait after a 503 as SDKs do, else try again at once.</param>
sealed record Measurement(TimeSpan Duration, TimeSpan WarmUp, long Cap, bool BacksOff = false)
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
            loops.Select(l => l.FirstError).FirstOrDefault(e => e != "") ?? "", At([.. loops.SelectMany(l => l.Refused).Order()], 0.95));

        async Task<Loop[]> Loops(TimeSpan time)
        {
            var until = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
            var budget = new Budget(step.Work is Work.Put or Work.Multipart ? Cap : long.MaxValue);
            return await Task.WhenAll(Enumerable.Range(0, step.Connections)
                .Select(n => Task.Run(() => Repeat(target, workload, step, until, budget, BacksOff, new Random(round + n)))));
        }
    }

    sealed record Loop(List<double> Milliseconds, List<double> Refused, long Errors, string FirstError);

    /// <summary>The bytes that may still be put, so that a fast disk is not filled.</summary>
    sealed class Budget(long bytes)
    {
        long _left = bytes;

        public bool Take(long size) => Interlocked.Add(ref _left, -size) >= 0;
    }

    static async Task<Loop> Repeat(Target target, Workload workload, Step step, long until, Budget budget, bool backsOff, Random random)
    {
        using var connection = new Connection(target);
        var times = new List<double>(1024);
        var refused = new List<double>();
        var (errors, inARow) = (0L, 0);
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
                    inARow = 0;
                    continue;
                }
                error = $"status {answer.Status}, {answer.Length} bytes";
                if (answer.Status == 503)
                {
                    refused.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                    if (backsOff) await BackOff(inARow++, until, random);
                }
            }
            catch (IOException e)
            {
                error = e.Message;
            }
            if (errors++ == 0) firstError = error;
        }
        return new Loop(times, refused, errors, firstError);
    }

    /// <summary>The standard mode of AWS's SDKs: a random share of 2^n seconds, at most 20.</summary>
    static Task BackOff(int before, long until, Random random)
    {
        var pause = random.NextDouble() * Math.Min(20, Math.Pow(2, before));
        var left = (until - Stopwatch.GetTimestamp()) / (double)Stopwatch.Frequency;
        return Task.Delay(TimeSpan.FromSeconds(Math.Clamp(pause, 0, Math.Max(left, 0))));
    }

    static double At(double[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
}
