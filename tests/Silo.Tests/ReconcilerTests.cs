using Microsoft.Extensions.Logging.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Node;
using OrleansDfs.Replication;
using OrleansDfs.Silo.Nodes;
using OrleansDfs.Storage;

namespace OrleansDfs.Silo.Tests;

/// <summary>A node that was away when a chunk was sealed (P13): a real engine in a folder, a real catalog in SQLite.</summary>
public sealed class ReconcilerTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleansdfs-reconcile-").FullName;
    private CatalogDatabase _catalog = null!;
    private StorageNode _node = null!;
    private Reconciler _reconciler = null!;
    private NodeId _other;

    public async Task InitializeAsync()
    {
        _catalog = await CatalogDatabase.OpenAsync(
            new CatalogOptions { Invariant = CatalogInvariants.Sqlite, ConnectionString = $"Data Source={Path.Combine(_folder, "catalog.db")}" },
            TimeProvider.System);
        var store = await ChunkStore.OpenAsync(FileSystemDisk.Open(Path.Combine(_folder, "node")), _catalog.ClusterId);
        var incarnation = await _catalog.Nodes.RegisterAsync(new NodeRegistration(store.NodeId, "here", "127.0.0.1", 1, "here", 1L << 40, 1L << 40));
        _other = NodeId.New();
        await _catalog.Nodes.RegisterAsync(new NodeRegistration(_other, "there", "127.0.0.1", 2, "there", 1L << 40, 1L << 40));
        _node = new StorageNode(
            store, new NodeAddress(store.NodeId, incarnation, "127.0.0.1", 1), _ => throw new InvalidOperationException("No peer is called."),
            new StorageNodeOptions(), TimeProvider.System);
        _reconciler = new Reconciler(_catalog, _node, TimeProvider.System, NullLogger<Reconciler>.Instance);
    }

    public async Task DisposeAsync()
    {
        _reconciler.Dispose();
        await _node.DisposeAsync();
        await _catalog.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Without_its_file_an_unverified_replica_loses_its_row_and_no_longer_bars_the_node()
    {
        var (chunk, _) = await SealedWithoutThisNodeAsync(makeFile: false);
        var result = await _reconciler.RunAsync(atStart: true, CancellationToken.None);
        Assert.Equal(1, result.Lost);
        Assert.DoesNotContain((await _catalog.Chunks.GetAsync(chunk))!.Replicas, r => r.Node == _node.Address.Node);
    }

    [Fact]
    public async Task With_every_page_proven_it_becomes_live_and_is_served()
    {
        var (chunk, file) = await SealedWithoutThisNodeAsync(makeFile: true);
        var result = await _reconciler.RunAsync(atStart: true, CancellationToken.None);
        Assert.Equal(1, result.Verified);
        Assert.Equal(ReplicaState.Live, (await _catalog.Chunks.GetAsync(chunk))!.Replicas.Single(r => r.Epoch == file.Epoch).State);
        Assert.Equal(ChunkStatus.Ok, await _node.ReadAsync(file, 0, new byte[RecordLayout.ChunkHeaderSize], CancellationToken.None));
    }

    [Fact]
    public async Task The_last_copy_stays_known_also_when_it_is_short()
    {
        var row = await _catalog.Chunks.OpenAsync(
            new OpenChunkSpec(ChunkKind.Shared, 1, _node.Address.Node, 1, [_node.Address.Node], "a writer", TimeSpan.FromSeconds(30)));
        var file = new ReplicaFile(row.Chunk, row.Replicas.Single().Epoch);
        var create =
            new CreateRequest(file, ChunkKind.Shared, _node.Address.Incarnation, ReplicaRole.Secondary, RecordLayout.DefaultChunkCapacity, []);
        Assert.Equal(ChunkStatus.Ok, await _node.CreateAsync(create, CancellationToken.None));
        await _catalog.Chunks.BeginSealAsync(row.Chunk);
        await _catalog.Chunks.SealAsync(row.Chunk, 10 * RecordLayout.ChunkHeaderSize, [file.Epoch], [], []); // longer than what is here

        var result = await _reconciler.RunAsync(atStart: true, CancellationToken.None);
        Assert.Equal(0, result.Lost);
        Assert.Equal(0, result.Quarantined);
        Assert.Single((await _catalog.Chunks.GetAsync(row.Chunk))!.Replicas);
    }

    /// <summary>An empty chunk of two replicas, sealed while this node did not answer.</summary>
    private async Task<(ChunkId Chunk, ReplicaFile File)> SealedWithoutThisNodeAsync(bool makeFile)
    {
        var row = await _catalog.Chunks.OpenAsync(
            new OpenChunkSpec(ChunkKind.Shared, 2, _other, 1, [_other, _node.Address.Node], "a writer", TimeSpan.FromSeconds(30)));
        var mine = row.Replicas.Single(r => r.Node == _node.Address.Node).Epoch;
        var file = new ReplicaFile(row.Chunk, mine);
        if (makeFile)
        {
            var create =
                new CreateRequest(file, ChunkKind.Shared, _node.Address.Incarnation, ReplicaRole.Secondary, RecordLayout.DefaultChunkCapacity, []);
            Assert.Equal(ChunkStatus.Ok, await _node.CreateAsync(create, CancellationToken.None));
        }
        await _catalog.Chunks.BeginSealAsync(row.Chunk);
        var theirs = row.Replicas.Single(r => r.Node == _other).Epoch;
        var sealing = await _catalog.Chunks.SealAsync(row.Chunk, RecordLayout.ChunkHeaderSize, [theirs], [mine], []);
        Assert.Equal(SealStatus.Sealed, sealing.Status);
        return (row.Chunk, file);
    }
}
