using Microsoft.Extensions.Logging;

namespace OrleansDfs.Catalog;

/// <summary>
/// The catalog: one source of truth for everything but the bytes (DESIGN §5). One per process. Its parts share the connections, the batching
/// writer and the coalescing reader.
/// </summary>
public sealed class CatalogDatabase : IAsyncDisposable
{
    private CatalogDatabase() =>
        (Buckets, Files, Listings, Uploads, Chunks, Nodes, Users, Usage, Maintenance) = (new(), new(), new(), new(), new(), new(), new(), new(), new());

    /// <summary>Written once, when the schema is first made.</summary>
    public Guid ClusterId { get; }

    /// <summary>For Orleans' ADO.NET providers: <see cref="CatalogInvariants"/>.</summary>
    public string Invariant { get; } = "";

    /// <summary>For Orleans' ADO.NET providers: the same database, with the deadlines of ORLEANS.md §1.</summary>
    public string OrleansConnectionString { get; } = "";

    public Buckets Buckets { get; }
    public Files Files { get; }
    public Listings Listings { get; }
    public Uploads Uploads { get; }
    public Chunks Chunks { get; }
    public Nodes Nodes { get; }
    public Users Users { get; }
    public Usage Usage { get; }
    public Maintenance Maintenance { get; }

    /// <summary>Waits for the database up to <see cref="CatalogOptions.WaitForDatabase"/>, then brings its schema up to date under a lock.</summary>
    /// <exception cref="CatalogUnavailableException">It did not answer in time.</exception>
    /// <exception cref="CatalogUnusableException">Its schema is newer than this program, or it is not UTF-8.</exception>
    public static Task<CatalogDatabase> OpenAsync(
        CatalogOptions options, TimeProvider time, ILoggerFactory? loggers = null, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
