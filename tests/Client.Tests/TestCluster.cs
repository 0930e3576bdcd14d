using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.Node;
using OrleansDfs.Replication;
using OrleansDfs.Storage;

namespace OrleansDfs.Client.Tests;

/// <summary>Three real storage nodes on folders of this test, reached in process, with fakes for the grains only.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("client-tests-").FullName;
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
        for (var i = 0; i < nodes; i++)
        {
            var disk = FileSystemDisk.Open(Directory.CreateDirectory(Path.Combine(cluster._folder, $"node{i}")).FullName);
            var store = await ChunkStore.OpenAsync(disk, cluster.ClusterId, new ChunkStoreOptions { ReserveBytes = 0 });
            var address = new NodeAddress(store.NodeId, 1, "node" + i, 1 + i);
            var node = new StorageNode(store, address, a => cluster._peers[a.Node], new StorageNodeOptions(), TimeProvider.System);
            cluster._peers[store.NodeId] = new TestPeer(node);
        }
        cluster.Peers = [.. cluster._peers.Values];
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        await Connections.DisposeAsync();
        foreach (var peer in Peers) await peer.Node.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
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

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Grains.Get(targetMethod!.ReturnType, args![0]!);
}
