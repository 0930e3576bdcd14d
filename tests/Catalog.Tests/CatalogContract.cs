using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Tests;

/// <summary>
/// The contract of the catalog, for both engines: every test here runs once per engine. Each test has a database of its own. The parts of the
/// contract are in the files
/// <c>*Contract.cs</c>, one class per concept.
/// </summary>
public abstract class CatalogContract : IAsyncLifetime
{
    private CatalogDatabase? _catalog;
    private int _blobs;

    internal CatalogDatabase Catalog => _catalog ?? throw new InvalidOperationException("The catalog is opened in InitializeAsync.");

    internal abstract TestDatabase Database { get; }

    public async Task InitializeAsync()
    {
        if (!await Database.CreateAsync()) return; // the tests themselves say why they are skipped
        _catalog = await OpenAsync();
    }

    public async Task DisposeAsync()
    {
        if (_catalog is not null)
        {
            await Invariants.AssertAsync(_catalog);
            await _catalog.DisposeAsync();
        }
        await Database.DisposeAsync();
    }

    internal Task<CatalogDatabase> OpenAsync(Func<CatalogOptions, CatalogOptions>? change = null)
    {
        var options = new CatalogOptions { Invariant = Database.Invariant, ConnectionString = Database.ConnectionString, MaxPoolSize = 12 };
        return CatalogDatabase.OpenAsync(change?.Invoke(options) ?? options, TimeProvider.System);
    }

    internal void Need() => Skip.If(_catalog is null, Testing.PostgresServer.Missing);

    internal async Task<BucketInfo> BucketAsync(string name = "bucket", Versioning versioning = Versioning.Unversioned)
    {
        var made = await Catalog.Buckets.CreateAsync(BucketName.Parse(name), "root", "us-east-1", false, new Dictionary<string, string>());
        Assert.Equal(CatalogStatus.Ok, made.Status);
        if (versioning == Versioning.Unversioned) return made.Bucket!;
        var changed = await Catalog.Buckets.ChangeAsync(made.Bucket!.Ref, versioning, new Dictionary<string, string?>());
        Assert.Equal(CatalogStatus.Ok, changed.Status);
        return changed.Bucket!;
    }

    /// <summary>An open chunk on three nodes that are not registered anywhere.</summary>
    internal Task<ChunkRow> ChunkAsync(CatalogDatabase? catalog = null)
    {
        NodeId[] nodes = [NodeId.New(), NodeId.New(), NodeId.New()];
        return (catalog ?? Catalog).Chunks.OpenAsync(new OpenChunkSpec(ChunkKind.Shared, 3, nodes[0], 1, nodes, "test", TimeSpan.FromMinutes(1)));
    }

    /// <summary>A blob of one record of 1,000 bytes at its own place in the chunk.</summary>
    internal WrittenBlob Blob(ChunkRow chunk, int length = 1000)
    {
        var start = RecordLayout.ChunkHeaderSize + 2000L * Interlocked.Increment(ref _blobs);
        var end = start + RecordLayout.FixedHeaderSize + RecordLayout.BodySize(length);
        return new WrittenBlob(BlobId.New(), length, [new Extent(chunk.Chunk, start, end, length)]);
    }

    internal static CommitRequest Commit(BucketInfo bucket, string key, WrittenBlob blob, string etag = "etag",
        WritePrecondition? precondition = null) =>
        new(bucket.Ref, ObjectKey.Parse(key), AttemptId.New(), blob, etag, FileProperties.Empty, new Dictionary<string, string>(),
            precondition ?? WritePrecondition.None);

    internal async Task<FileVersion> PutAsync(BucketInfo bucket, string key, ChunkRow chunk, string etag = "etag")
    {
        var outcome = await Catalog.Files.CommitAsync(Commit(bucket, key, Blob(chunk), etag));
        Assert.Equal(CatalogStatus.Ok, outcome.Status);
        return outcome.Version!;
    }

    internal Task<ReadOutcome> ReadAsync(BucketInfo bucket, string key, VersionSelection version = default, KnownVersion? known = null) =>
        Catalog.Files.ReadAsync(new ReadRequest(bucket.Ref, ObjectKey.Parse(key), version, known));

    internal Task<DeleteOutcome> DeleteAsync(BucketInfo bucket, string key, VersionSelection version = default, string? ifMatch = null) =>
        Catalog.Files.DeleteAsync(new DeleteRequest(bucket.Ref, ObjectKey.Parse(key), AttemptId.New(), version, ifMatch));

    internal static VersionSelection Exact(VersionId id) => new(id, false);

    internal static VersionSelection Null => new(null, true);
}
