using System.Runtime.InteropServices;
using OrleansDfs.AppHost;
using OrleansDfs.AppHost.Setup;

// Interrupts and terminations end the run in order; the second one ends it at once, and the children end with their standard input.
using var stop = new CancellationTokenSource();
List<PosixSignalRegistration> signals = [];
foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT })
{
    signals.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = !stop.IsCancellationRequested;
        stop.Cancel();
    }));
}

try
{
    var options = Options.Parse(args, Path.Combine(BuildPaths.Solution ?? Environment.CurrentDirectory, ".data"));
    if (options.Help)
    {
        Console.WriteLine(Options.Usage);
        return 0;
    }
    using var data = DataFolder.Take(options.Data);
    var start = await Start.PrepareAsync(options, data, ClusterEnvironment.OfThisProcess(), stop.Token);
    return await Cluster.RunAsync(start, stop.Token);
}
catch (SetupException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 0;
}
finally
{
    signals.ForEach(registration => registration.Dispose());
}
