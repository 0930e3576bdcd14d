using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansDfs.Catalog.Commits;
using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Reads;
using OrleansDfs.Catalog.Schema;

namespace OrleansDfs.Catalog;

/// <summary>
/// The catalog: one source of truth for everything but the bytes (DESIGN §5). One per process. Its parts share the connections, the batching
/// writer and the coalescing reader.
/// </summary>
public sealed class CatalogDatabase : IAsyncDisposable
{
    private readonly Committer _committer;
    private readonly ReadCoalescer _reads;

    private CatalogDatabase(Engine engine, CatalogOptions options, Guid clusterId, TimeProvider time, ILogger log)
    {
        Engine = engine;
        ClusterId = clusterId;
        Invariant = options.Invariant;
        OrleansConnectionString = Opening.OrleansConnectionString(options);
        _committer = new Committer(engine, options, time, log);
        _reads = new ReadCoalescer(engine, options, time, log);
        Buckets = new Buckets(engine);
        Files = new Files(engine, _committer, _reads);
        Listings = new Listings(engine);
        Lifecycles = new Lifecycles(engine);
        Uploads = new Uploads(engine, _committer);
        Chunks = new Chunks(engine);
        Compaction = new Compaction(engine);
        Scrubs = new Scrubs(engine);
        Nodes = new Nodes(engine);
        Moves = new Moves(engine);
        Users = new Users(engine);
        Accounts = new Accounts(engine);
        Usage = new Usage(engine);
        Maintenance = new Maintenance(engine);
    }

    /// <summary>Written once, when the schema is first made.</summary>
    public Guid ClusterId { get; }

    /// <summary>For Orleans' ADO.NET providers: <see cref="CatalogInvariants"/>.</summary>
    public string Invariant { get; }

    /// <summary>For Orleans' ADO.NET providers: the same database, with deadlines and a pool of their own.</summary>
    public string OrleansConnectionString { get; }

    public Buckets Buckets { get; }
    public Files Files { get; }
    public Listings Listings { get; }
    public Lifecycles Lifecycles { get; }
    public Uploads Uploads { get; }
    public Chunks Chunks { get; }
    public Compaction Compaction { get; }
    public Scrubs Scrubs { get; }
    public Nodes Nodes { get; }
    public Moves Moves { get; }
    public Users Users { get; }
    public Accounts Accounts { get; }
    public Usage Usage { get; }
    public Maintenance Maintenance { get; }

    internal Engine Engine { get; }

    /// <summary>Waits for the database up to <see cref="CatalogOptions.WaitForDatabase"/>, then brings its schema up to date under a lock.</summary>
    /// <exception cref="CatalogUnavailableException">It did not answer in time.</exception>
    /// <exception cref="CatalogUnusableException">Its schema is newer than this program, it is not UTF-8, or it refuses the user.</exception>
    public static async Task<CatalogDatabase> OpenAsync(
        CatalogOptions options, TimeProvider time, ILoggerFactory? loggers = null, CancellationToken cancellation = default)
    {
        ILogger log = loggers is null ? NullLogger.Instance : loggers.CreateLogger<CatalogDatabase>();
        var (engine, clusterId) = await Opening.OpenAsync(options, time, log, cancellation);
        return new CatalogDatabase(engine, options, clusterId, time, log);
    }

    /// <summary>Keeps the mark of the cluster's secret that is shown first; answers whether this is it.</summary>
    /// <param name="mark">Derived from the secret; says nothing about it, and is never the same for two.</param>
    public Task<bool> IsSecretMarkAsync(string mark, CancellationToken cancellation = default) =>
        Engine.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("INSERT INTO settings (name, value) VALUES ('secret_mark', @mark) ON CONFLICT DO NOTHING", ("mark", mark));
                return (await session.QueryAsync("SELECT value FROM settings WHERE name = 'secret_mark'", r => r.GetString(0))).Single() == mark;
            },
            cancellation);

    /// <summary>Writes and reads that were given before this call are finished first.</summary>
    public async ValueTask DisposeAsync()
    {
        await _committer.DisposeAsync();
        await _reads.DisposeAsync();
        await Engine.DisposeAsync();
    }
}
