using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using OrleansDfs.Catalog;
using OrleansDfs.CatalogLoad;
using OrleansDfs.Testing;

// What commits, deletes and reads of small files cost in the catalog alone: no silo, no gateway, no bytes. A private PostgreSQL server, fsync on.
var callers = new Option<int>("--callers") { Description = "Calls at once, spread over the catalogs", DefaultValueFactory = _ => 8 };
var catalogs = new Option<int>("--catalogs") { Description = "Catalogs that share the database, as silos do", DefaultValueFactory = _ => 3 };
var seconds = new Option<double>("--seconds") { Description = "Length of one measurement", DefaultValueFactory = _ => 3 };
var rounds = new Option<int>("--rounds") { Description = "Measurements of each work, all in turn", DefaultValueFactory = _ => 2 };
var committers = new Option<int?>("--committers") { Description = "Instead of the default" };
var readers = new Option<int?>("--readers") { Description = "Instead of the default" };
var command = new RootCommand("Puts a catalog under load.") { callers, catalogs, seconds, rounds, committers, readers };
command.SetAction(async parsed =>
{
    await using var server = await PostgresServer.TryStartAsync("fsync=on", "shared_buffers=128MB", "max_wal_size=4GB");
    if (server is null)
    {
        await Console.Error.WriteLineAsync(PostgresServer.Missing);
        return 1;
    }
    var options = new CatalogOptions { Invariant = CatalogInvariants.PostgreSql, ConnectionString = await server.CreateDatabaseAsync() };
    options = options with
    {
        Committers = parsed.GetValue(committers) ?? options.Committers,
        Readers = parsed.GetValue(readers) ?? options.Readers,
    };
    var opened = new List<CatalogDatabase>();
    for (var i = 0; i < parsed.GetValue(catalogs); i++) opened.Add(await CatalogDatabase.OpenAsync(options, TimeProvider.System));
    var works = await Works.PrepareAsync(opened);
    var postmaster = await PostmasterAsync(options.ConnectionString);
    var length = TimeSpan.FromSeconds(parsed.GetValue(seconds));
    Console.WriteLine("| work | callers | per second | client CPU ms/op | PostgreSQL CPU ms/op | allocated KiB/op |");
    Console.WriteLine("|---|---|---|---|---|---|");
    foreach (var (_, work) in works.All) await RunAsync(work, parsed.GetValue(callers), TimeSpan.FromSeconds(2)); // compiled anew under load
    for (var round = 0; round < parsed.GetValue(rounds); round++)
        foreach (var (name, work) in works.All)
        {
            var before = ProcessorTime.Now(postmaster);
            var allocated = GC.GetTotalAllocatedBytes();
            var (count, took) = await RunAsync(work, parsed.GetValue(callers), length);
            var bytes = GC.GetTotalAllocatedBytes() - allocated;
            var used = ProcessorTime.Now(postmaster).Since(before);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {parsed.GetValue(callers)} | {count / took.TotalSeconds:0} | {1000 * used.OwnSeconds / count:0.000} | " +
                $"{1000 * used.ServerSeconds / count:0.000} | {bytes / 1024.0 / count:0.0} |"));
        }
    foreach (var catalog in opened) await catalog.DisposeAsync();
    return 0;
});
return await command.Parse(args).InvokeAsync();

static async Task<(long Count, TimeSpan Took)> RunAsync(Func<int, Task> work, int callers, TimeSpan length)
{
    var count = 0L;
    var clock = Stopwatch.StartNew();
    await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
    {
        while (clock.Elapsed < length)
        {
            await work(caller);
            Interlocked.Increment(ref count);
        }
    })));
    return (count, clock.Elapsed);
}

static async Task<int> PostmasterAsync(string connectionString)
{
    var folder = connectionString.Split(';').Single(p => p.StartsWith("Host=", StringComparison.Ordinal))["Host=".Length..];
    var lines = await File.ReadAllLinesAsync(Path.Combine(folder, "data", "postmaster.pid"));
    return int.Parse(lines[0], CultureInfo.InvariantCulture);
}
