using System.Diagnostics;
using Spectre.Console;

namespace OrleansDfs.Cli;

/// <summary>Runs an upload or a download with a bar, or in silence where nobody watches, and says how fast it was.</summary>
internal sealed class Transfer(IAnsiConsole console)
{
    public async Task RunAsync(string name, long size, Func<IProgress<long>?, Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        if (console.Profile.Capabilities.Interactive && !Console.IsOutputRedirected)
        {
            await console.Progress()
                .AutoClear(true)
                .Columns(
                    new TaskDescriptionColumn(),
                    new ProgressBarColumn(),
                    new PercentageColumn(),
                    new DownloadedColumn(),
                    new TransferSpeedColumn(),
                    new RemainingTimeColumn())
                .StartAsync(context => work(new Bar(context.AddTask(Markup.Escape(name), maxValue: Math.Max(1, size)))));
        }
        else
        {
            await work(null);
        }
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        console.Profile.Out.Writer.WriteLine($"{Sizes.Text(size)} in {seconds:0.0} s, {Sizes.Text((long)(size / Math.Max(seconds, 0.001)))}/s");
    }

    /// <summary>Reports come from several lanes, not always in order; a bar never goes back.</summary>
    private sealed class Bar(ProgressTask task) : IProgress<long>
    {
        private readonly Lock _gate = new();

        public void Report(long value)
        {
            lock (_gate)
            {
                if (value > task.Value) task.Value = value;
            }
        }
    }
}
