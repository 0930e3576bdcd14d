using System.Diagnostics;
using OrleansDfs.AppHost.Local;
using OrleansDfs.AppHost.Setup;

namespace OrleansDfs.AppHost;

/// <summary>
/// The cluster by the local launcher. Start: database, then all silos at once, then the gateway; each waits until what it needs is healthy.
/// Stop in reverse, all within ten seconds. The same entry point exists in <c>Aspire/</c>; the build compiles one of the two.
/// </summary>
static class Cluster
{
    /// <summary>A silo that does not come up holds the gateway back for so long; then the others serve without it.</summary>
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <summary>Runs until <paramref name="cancel"/>; the exit code.</summary>
    public static async Task<int> RunAsync(Start start, CancellationToken cancel)
    {
        if (start.Options.Others is [var unknown, ..])
            throw new SetupException($"Unknown option '{unknown}'; --help lists the options.");
        var began = Stopwatch.GetTimestamp();
        var terminal = new Terminal();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var catalog = await LocalCatalog.ChooseAsync(start.Data, start.Ports, start.Environment, terminal, cancel);
        var page = new WebPage(start.Ports.Get("apphost"));
        start.Ports.Save();
        ClientFile.Write(start.Data, start.Plan, catalog.ConnectionString, catalog.Invariant, start.Environment);
        terminal.Say($"Catalog: {catalog.Description}");

        var processes = new Processes(start.Plan, catalog, start.Environment, http);
        Resource Make(ResourceSpec spec) =>
            new(spec, new ResourceLog(start.Data.Combine("logs", spec.Name + ".log")), TimeProvider.System)
            {
                Report = (resource, lines, isState) => terminal.Lines(resource.Spec.Name, lines, isState),
            };
        var database = catalog.Server is null ? null : Make(catalog.Server);
        List<Resource> silos = [.. start.Plan.Silos.Select(silo => Make(processes.Silo(silo)))];
        var gateway = Make(processes.Gateway());
        List<Resource> all = database is null ? [.. silos, gateway] : [database, .. silos, gateway];

        try
        {
            await page.StartAsync(all, cancel);
            await StartAsync(catalog, database, silos, gateway, terminal, cancel);
            terminal.Ready(start.Plan, start.Data, catalog.Description, page.Url, ClusterEnvironment.HasDashboard(start.Environment),
                Stopwatch.GetElapsedTime(began));
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            terminal.Say("Stopping.");
        }
        finally
        {
            await gateway.DisposeAsync();
            await Task.WhenAll(silos.Select(silo => silo.DisposeAsync().AsTask()));
            if (database is not null)
                await database.DisposeAsync();
            await page.DisposeAsync();
        }
        return 0;
    }

    static async Task StartAsync(
        LocalCatalog catalog, Resource? database, List<Resource> silos, Resource gateway, Terminal terminal, CancellationToken cancel)
    {
        if (database is not null)
        {
            database.Start();
            await database.FirstHealthy.WaitAsync(cancel);
        }
        else if (catalog.Invariant == Catalog.PostgresInvariant)
        {
            await WaitForDatabaseAsync(catalog.ConnectionString, terminal, cancel);
        }
        foreach (var silo in silos)
            silo.Start();
        var allHealthy = Task.WhenAll(silos.Select(silo => silo.FirstHealthy));
        await Task.WhenAny(allHealthy, Task.Delay(_patience, cancel));
        cancel.ThrowIfCancellationRequested();
        if (!allHealthy.IsCompleted)
        {
            var missing = silos.Where(silo => !silo.FirstHealthy.IsCompleted).Select(silo => silo.Spec.Name);
            terminal.Say($"Not healthy after {_patience.TotalSeconds:0} s: {string.Join(", ", missing)}. The gateway starts as soon as one silo is.");
            await Task.WhenAny(silos.Select(silo => silo.FirstHealthy)).WaitAsync(cancel);
        }
        gateway.Start();
        await gateway.FirstHealthy.WaitAsync(cancel);
    }

    /// <summary>A database that is not ours to start: waited for, since a silo without it ends at once.</summary>
    static async Task WaitForDatabaseAsync(string connectionString, Terminal terminal, CancellationToken cancel)
    {
        var isSaid = false;
        while (!await PostgresDatabase.EnsureAsync(connectionString, cancel))
        {
            if (!isSaid)
                terminal.Say("Waiting for the configured PostgreSQL, which does not answer. Start it, or correct ConnectionStrings__catalog.");
            isSaid = true;
            await Task.Delay(TimeSpan.FromSeconds(1), cancel);
        }
    }
}
