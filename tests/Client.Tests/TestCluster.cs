using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using Orleans.Runtime;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.Node;
using OrleansDfs.Replication;
using OrleansDfs.Storage;

namespace OrleansDfs.Client.Tests;

/// <summary>Three real storage nodes on folders of this test, reached in process, with fakes for the grains only.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    // In memory where the system has that: these tests lose no power, and an fsync of a busy disk costs more than all else here.
    private readonly string _folder = Directory.CreateDirectory(
        Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), "client-tests-" + Guid.NewGuid().ToString("N"))).FullName;
    private readonly Dictionary<NodeId, TestPeer> _peers = [];

    private TestCluster(DfsClientOptions options, TimeProvider time)
    {
        Grains = new FakeGrains(this);
        Connections = new DfsConnections(Grains.Factory, options, new InProcess(this), time, NullLoggerFactory.Instance) { Random = new Random(7) };
    }

    public Guid ClusterId { get; } = Guid.NewGuid();

    public FakeGrains Grains { get; }

    public DfsConnections Connections { get; }

    public IReadOnlyList<TestPeer> Peers { get; private set; } = [];

    public TestPeer this[NodeId node] => _peers[node];

    public static async Task<TestCluster> StartAsync(Action<DfsClientOptions>? configure = null, TimeProvider? time = null, int nodes = 3)
    {
        var options = new DfsClientOptions { WriteBudget = TimeSpan.FromSeconds(5), SpareChunks = 0, SharedChunks = 1 };
        configure?.Invoke(options);
        var cluster = new TestCluster(options, time ?? TimeProvider.System);
        // At once: a new folder costs many fsyncs.
        foreach (var peer in await Task.WhenAll(Enumerable.Range(0, nodes).Select(cluster.OpenNodeAsync))) cluster._peers[peer.Address.Node] = peer;
        cluster.Peers = [.. cluster._peers.Values];
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        await Connections.DisposeAsync();
        await Task.WhenAll(Peers.Select(p => p.Node.DisposeAsync().AsTask()));
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<TestPeer> OpenNodeAsync(int number)
    {
        var disk = FileSystemDisk.Open(Directory.CreateDirectory(Path.Combine(_folder, $"node{number}")).FullName);
        var store = await ChunkStore.OpenAsync(disk, ClusterId, new ChunkStoreOptions { ReserveBytes = 0 });
        var address = new NodeAddress(store.NodeId, 1, "node" + number, 1 + number);
        return new TestPeer(new StorageNode(store, address, a => _peers[a.Node], new StorageNodeOptions(), TimeProvider.System));
    }

    private sealed class InProcess(TestCluster cluster) : PeerSource
    {
        public override IChunkPeer Get(Guid clusterId, NodeAddress address) => cluster._peers[address.Node];

        public override ValueTask DisposeAsync() => default;
    }
}

/// <summary>Stands for Orleans' factory: hands out this test's grains by interface.</summary>
public class GrainFactoryProxy : DispatchProxy
{
    internal FakeGrains Grains { get; set; } = null!;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        Grains.Get(targetMethod!.ReturnType, args![0] is GrainId here ? here.Key.ToString()! : args[0]!);
}
