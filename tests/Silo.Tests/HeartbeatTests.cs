using Microsoft.Extensions.Logging.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Node;
using OrleansDfs.Replication;
using OrleansDfs.Silo.Nodes;
using OrleansDfs.Storage;
using OrleansDfs.Storage.Tests;

namespace OrleansDfs.Silo.Tests;

/// <summary>What the catalog learns of a node from its heartbeats (issue 4, point 1; PROTOCOL P1, P9; RELIABILITY I3, I19).</summary>
public sealed class HeartbeatTests : IAsyncLifetime
{
    private const long Reserve = 1 << 20;
    private static readonly TimeSpan AliveWithin = TimeSpan.FromMinutes(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("orleansdfs-heartbeat-").FullName;
    private readonly MemoryDisk _disk = new() { Capacity = 1 << 30 };
    private CatalogDatabase _catalog = null!;
    private StorageNode _node = null!;
    private Heartbeat _heartbeat = null!;

    public async Task InitializeAsync()
    {
        var connection = $"Data Source={Path.Combine(_folder, "catalog.db")}";
        var options = new CatalogOptions { Invariant = CatalogInvariants.Sqlite, ConnectionString = connection };
        _catalog = await CatalogDatabase.OpenAsync(options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        var store = await ChunkStore.OpenAsync(_disk, _catalog.ClusterId, new ChunkStoreOptions { ReserveBytes = Reserve });
        var incarnation = await RegisterAsync(store.NodeId);
        _node = new StorageNode(
            store, new NodeAddress(store.NodeId, incarnation, "127.0.0.1", 1), _ => throw new InvalidOperationException("It has no peers."),
            new StorageNodeOptions(), TimeProvider.System);
        _heartbeat = new Heartbeat(_node, _catalog);
    }

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        await _catalog.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_heartbeat_tells_the_space_and_a_full_disk_and_that_it_has_room_again()
    {
        var row = await BeatAsync();
        Assert.Equal((1L << 30, false, false, true), (row.TotalBytes, row.ReadOnly, row.FsyncFailed, row.Alive));
        Assert.InRange(row.FreeBytes, 1, row.TotalBytes);

        _disk.Capacity = Reserve / 2;
        row = await BeatAsync();
        Assert.Equal((Reserve / 2, true, false), (row.TotalBytes, row.ReadOnly, row.FsyncFailed));

        _disk.Capacity = 1 << 30;
        Assert.False((await BeatAsync()).ReadOnly);
    }

    [Fact]
    public async Task A_failed_fsync_makes_the_node_read_only_in_the_catalog_and_the_mark_outlives_the_process()
    {
        var file = new ReplicaFile(new ChunkId(1), 1);
        var create = new CreateRequest(file, ChunkKind.Shared, _node.Address.Incarnation, ReplicaRole.Primary, 1 << 20, []);
        Assert.Equal(ChunkStatus.Ok, await _node.CreateAsync(create, CancellationToken.None));
        _disk.Fault = (call, _) => call == DiskCall.Sync ? DiskError.Failed : DiskError.None;
        Assert.Equal(ChunkStatus.Damaged, (await _node.CloseAsync(file, CancellationToken.None)).Status);
        _disk.Fault = null;

        var row = await BeatAsync();
        Assert.Equal((true, true), (row.ReadOnly, row.FsyncFailed));

        // A start that knows nothing of it registers: the mark stays (P9), and the former incarnation learns that it is not the last (P1).
        await RegisterAsync(_node.Address.Node);
        Assert.True((await RowAsync()).FsyncFailed);
        Assert.False(await _heartbeat.BeatAsync(CancellationToken.None));
    }

    private Task<long> RegisterAsync(NodeId node) => _catalog.Nodes.RegisterAsync(new NodeRegistration(node, "silo", "127.0.0.1", 1, "host", 1, 1));

    private async Task<StorageNodeInfo> BeatAsync()
    {
        Assert.True(await _heartbeat.BeatAsync(CancellationToken.None));
        return await RowAsync();
    }

    private async Task<StorageNodeInfo> RowAsync() => (await _catalog.Nodes.TableAsync(AliveWithin)).Nodes.Single();
}
