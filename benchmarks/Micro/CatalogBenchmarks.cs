using System.Globalization;
using BenchmarkDotNet.Attributes;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Testing;

namespace OrleansDfs.Micro;

/// <summary>
/// Commits of new small files and reads of them, by callers at once, which the catalog makes few transactions and queries of. Durable: fsync on.
/// PostgreSQL runs where the machine has its programs; times are those of the whole, its allocations ours alone.
/// </summary>
public class CatalogBenchmarks
{
    const int Operations = 256;

    static readonly Dictionary<string, string> _none = [];

    ScratchFolder _folder = null!;
    PostgresServer? _postgres;
    CatalogDatabase _catalog = null!;
    BucketInfo _bucket = null!;
    ChunkRow _chunk = null!;
    int _keys;

    public static IEnumerable<string> Engines => PostgresServer.FindPrograms() is null ? ["SQLite"] : ["SQLite", "PostgreSQL"];

    [ParamsSource(nameof(Engines))]
    public string Engine { get; set; } = "";

    [Params(1, 64)]
    public int Callers { get; set; }

    [GlobalSetup]
    public async Task OpenAsync()
    {
        _folder = new ScratchFolder();
        CatalogOptions options;
        if (Engine == "SQLite")
        {
            var source = $"Data Source={Path.Combine(_folder.Path, "catalog.db")}";
            options = new CatalogOptions { Invariant = CatalogInvariants.Sqlite, ConnectionString = source };
        }
        else
        {
            _postgres = await PostgresServer.TryStartAsync("fsync=on", "shared_buffers=128MB")
                ?? throw new InvalidOperationException(PostgresServer.Missing);
            options = new CatalogOptions { Invariant = CatalogInvariants.PostgreSql, ConnectionString = await _postgres.CreateDatabaseAsync() };
        }
        _catalog = await CatalogDatabase.OpenAsync(options, TimeProvider.System);
        _bucket = (await _catalog.Buckets.CreateAsync(BucketName.Parse("bucket"), "root", "us-east-1", false, _none)).Bucket!;
        NodeId[] nodes = [NodeId.New(), NodeId.New(), NodeId.New()];
        _chunk = await _catalog.Chunks.OpenAsync(new OpenChunkSpec(ChunkKind.Shared, 3, nodes[0], 1, nodes, "micro", TimeSpan.FromHours(1)));
        await CommitAsync();
    }

    [Benchmark(OperationsPerInvoke = Operations)]
    public Task CommitAsync() => CallAsync(async () =>
    {
        var n = Interlocked.Increment(ref _keys);
        var start = RecordLayout.ChunkHeaderSize + 8192L * n;
        var blob = new WrittenBlob(BlobId.New(), 4096, [new Extent(_chunk.Chunk, start, start + 4200, 4096)]);
        var outcome = await _catalog.Files.CommitAsync(new CommitRequest(
            _bucket.Ref, Key(n), AttemptId.New(), blob, "d41d8cd98f00b204e9800998ecf8427e", FileProperties.Empty, _none, WritePrecondition.None));
        if (outcome.Status != CatalogStatus.Ok) throw new InvalidOperationException($"A commit answered {outcome.Status}.");
    });

    [Benchmark(OperationsPerInvoke = Operations)]
    public Task ReadAsync() => CallAsync(async () =>
    {
        var key = Key(Random.Shared.Next(_keys) + 1);
        var outcome = await _catalog.Files.ReadAsync(new ReadRequest(_bucket.Ref, key, VersionSelection.Current, null));
        if (outcome.Status != CatalogStatus.Ok) throw new InvalidOperationException($"A read answered {outcome.Status}.");
    });

    [GlobalCleanup]
    public async Task CloseAsync()
    {
        await _catalog.DisposeAsync();
        if (_postgres is not null) await _postgres.DisposeAsync();
        _folder.Delete();
    }

    Task CallAsync(Func<Task> call) => Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
    {
        for (var i = 0; i < Operations / Callers; i++) await call();
    }));

    static ObjectKey Key(int n) => ObjectKey.Parse(string.Create(CultureInfo.InvariantCulture, $"{n % 100:00}/{n}"));
}
