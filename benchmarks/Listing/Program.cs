using System.CommandLine;
using OrleansDfs.Catalog;
using OrleansDfs.Listing;
using OrleansDfs.Model;
using OrleansDfs.Testing;

// What a page of 1,000 costs in a bucket of 1,000 keys and in one of a million, straight from the catalog.
var engine = new Option<string>("--engine") { Description = "postgres or sqlite", DefaultValueFactory = _ => "postgres" };
var keys = new Option<int>("--keys") { Description = "Keys of the large bucket", DefaultValueFactory = _ => 1_000_000 };
var only = new Option<string>("--only") { Description = "Layouts whose names contain this", DefaultValueFactory = _ => "" };
var connection = new Option<string?>("--connection")
{
    Description = "An empty PostgreSQL database with pg_stat_statements; its tables are emptied. Without it a private server is started (fsync off).",
};
var command = new RootCommand("Times pages of listings and counts the blocks they touch.") { engine, keys, only, connection };
command.SetAction(async parsed =>
{
    var folder = Directory.CreateTempSubdirectory("orleansdfs-listing").FullName;
    var given = parsed.GetValue(connection);
    var isPostgres = parsed.GetValue(engine) == "postgres";
    await using var server = isPostgres && given is null
        ? await PostgresServer.TryStartAsync(
            "shared_preload_libraries=pg_stat_statements", "max_wal_size=8GB", "autovacuum=off", "shared_buffers=128MB")
        : null;
    var text = given ?? (server is null ? null : await server.CreateDatabaseAsync());
    if (isPostgres && text is null)
    {
        await Console.Error.WriteLineAsync(PostgresServer.Missing);
        return 1;
    }
    await using (IStore store = isPostgres ? new PostgresStore(text!) : new SqliteStore(Path.Combine(folder, "catalog.db")))
        await MeasureAsync(store, parsed.GetValue(keys), parsed.GetValue(only)!);
    Directory.Delete(folder, recursive: true);
    return 0;
});
return await command.Parse(args).InvokeAsync();

static async Task MeasureAsync(IStore store, int keys, string only)
{
    await using var catalog = await CatalogDatabase.OpenAsync(
        new CatalogOptions { Invariant = store.Invariant, ConnectionString = store.ConnectionString }, TimeProvider.System);
    if (store is PostgresStore postgres) await postgres.PrepareAsync();
    var small = await NewBucketAsync(catalog, "small");
    var large = await NewBucketAsync(catalog, "large");
    Console.WriteLine($"{store.Invariant}, {keys:n0} keys against 1,000; load of the machine {await LoadAsync()}");
    Console.WriteLine();
    Console.WriteLine("| layout | page | 1,000: p50 / p95 ms | blocks | large: first ms, blocks | p50 / p95 ms | blocks | p50 ratio |");
    Console.WriteLine("|---|---|---|---|---|---|---|---|");
    foreach (var layout in Layout.All.Where(l => l.Name.Contains(only, StringComparison.Ordinal)))
    {
        await store.ClearAsync();
        var random = new Random(1);
        var (few, many) = (layout.Small, layout.Large(keys));
        await store.FillAsync(small.Id, layout.Rows(few, 1, random));
        await store.FillAsync(large.Id, layout.Rows(many, 10L * keys, random));
        await store.VacuumAsync();
        if (layout.Deleted > 0)
        {
            await store.DeleteBeforeAsync(small.Id, layout.FirstKept(few));
            await store.DeleteBeforeAsync(large.Id, layout.FirstKept(many));
        }
        var pages = new Pages(catalog, store, layout);
        await pages.ReportAsync("first", small, large, "");
        if (layout.Deleted == 0 && layout.Name != "few prefixes") await pages.ReportAsync("middle", small, large, layout.Key(many / 2, many));
        if (layout.Deleted == 0) continue;
        await store.VacuumAsync();
        await pages.ReportAsync("first, vacuumed", small, large, "");
    }
}

static async Task<BucketInfo> NewBucketAsync(CatalogDatabase catalog, string name) => (await catalog.Buckets.CreateAsync(
    BucketName.Parse($"{name}-{Guid.NewGuid():N}"), "root", "us-east-1", false, new Dictionary<string, string>())).Bucket!;

static async Task<string> LoadAsync() =>
    File.Exists("/proc/loadavg") ? string.Join(' ', (await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[..3]) : "unknown";
