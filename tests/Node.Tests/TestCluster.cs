using System.Collections.Concurrent;
using OrleansDfs.Model;
using OrleansDfs.Replication;
using OrleansDfs.Storage;

namespace OrleansDfs.Node.Tests;

/// <summary>What a test waits for at most before it fails; never what it waits for when it passes.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(25);

    /// <summary>A machine under load must not break connections either: their deadlines are tested where they are set.</summary>
    public static readonly ChunkPeerOptions Peers =
        ChunkPeerOptions.Default with { ConnectTimeout = TimeSpan.FromSeconds(20), StallTimeout = TimeSpan.FromSeconds(20) };

    public static async Task<T> Within<T>(this ValueTask<T> task) => await task.AsTask().WaitAsync(Limit);

    public static async Task<T> Within<T>(this Task<T> task) => await task.WaitAsync(Limit);

    public static Task Until(Func<bool> condition) => Until(() => Task.FromResult(condition()));

    public static async Task Until(Func<Task<bool>> condition)
    {
        var end = DateTime.UtcNow + Limit;
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow < end, "The condition did not come true in time.");
            await Task.Delay(2);
        }
    }
}

/// <summary>One storage node on a temporary folder, with its endpoint on a free loopback port.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly ChunkPeers _peers;

    private TestNode(string folder, StorageNode node, ChunkEndpoint endpoint, ChunkPeers peers)
    {
        Folder = folder;
        Node = node;
        Endpoint = endpoint;
        _peers = peers;
        Node.ChunkBroken += (chunk, cause) => Broken.Enqueue((chunk, cause));
        Endpoint.Faulted += Faults.Enqueue;
        Endpoint.Refused += (_, reason) => Refusals.Enqueue(reason);
    }

    public string Folder { get; }

    public StorageNode Node { get; }

    public ChunkEndpoint Endpoint { get; }

    public NodeAddress Address => Node.Address;

    public ConcurrentQueue<(ChunkId Chunk, ChunkStatus Cause)> Broken { get; } = new();

    public ConcurrentQueue<Exception> Faults { get; } = new();

    public ConcurrentQueue<string> Refusals { get; } = new();

    public static async Task<TestNode> StartAsync(
        string folder, ClusterIdentity cluster, long incarnation, TimeProvider time, StorageNodeOptions options,
            Func<NodeAddress, IChunkPeer>? peers = null)
    {
        var store = await ChunkStore.OpenAsync(FileSystemDisk.Open(folder), cluster.ClusterId, new ChunkStoreOptions { ReserveBytes = 0 });
        var endpoint = new ChunkEndpoint(cluster, new ChunkEndpointOptions(), TimeProvider.System);
        var port = (await endpoint.ListenAsync()).Port;
        var own = new ChunkPeers(cluster, Patience.Peers, TimeProvider.System);
        var node = new StorageNode(store, new NodeAddress(store.NodeId, incarnation, "127.0.0.1", port), peers ?? own.Get, options, time);
        var started = new TestNode(folder, node, endpoint, own);
        endpoint.Start(node);
        return started;
    }

    /// <summary>The bytes of a replica as they are on the disk.</summary>
    public byte[] FileBytes(ReplicaFile file)
    {
        using var stream = new FileStream(PathOf(file), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public void FlipBit(ReplicaFile file, long offset)
    {
        using var stream = new FileStream(PathOf(file), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        stream.Position = offset;
        var value = stream.ReadByte();
        stream.Position = offset;
        stream.WriteByte((byte)(value ^ 4));
    }

    public async ValueTask DisposeAsync()
    {
        await Endpoint.DisposeAsync();
        await Node.DisposeAsync();
        await _peers.DisposeAsync();
    }

    private string PathOf(ReplicaFile file) => Directory.EnumerateFiles(Folder, $"{file}.*", SearchOption.AllDirectories).Single();
}

/// <summary>Three nodes over real TCP, and a client's peers.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private static long _nextChunk = 1000;
    private readonly string _root = Directory.CreateTempSubdirectory("odfs-node-").FullName;
    private readonly TimeProvider _time;
    private readonly StorageNodeOptions _options;

    private TestCluster(TimeProvider time, StorageNodeOptions options, ClusterTlsMode tls)
    {
        Identity = new ClusterIdentity(Guid.NewGuid(), Enumerable.Range(1, 32).Select(i => (byte)i).ToArray(), tls);
        _time = time;
        _options = options;
        Client = new ChunkPeers(Identity, Patience.Peers, TimeProvider.System);
    }

    public ClusterIdentity Identity { get; }

    public ChunkPeers Client { get; }

    public List<TestNode> Nodes { get; } = [];

    public static async Task<TestCluster> StartAsync(
        int nodes = 3,
        TimeProvider? time = null,
        StorageNodeOptions? options = null,
        Func<NodeAddress, IChunkPeer>? peers = null,
        ClusterTlsMode tls = ClusterTlsMode.Auto)
    {
        // A machine under load must not break chunks: only the test of the deadline sets one, on its own clock.
        var patient = new StorageNodeOptions { Deadlines = ChunkDeadlines.Default with { Append = TimeSpan.FromSeconds(20) } };
        var cluster = new TestCluster(time ?? TimeProvider.System, options ?? patient, tls);
        for (var i = 0; i < nodes; i++) await cluster.AddAsync(peers);
        return cluster;
    }

    public async Task<TestNode> AddAsync(Func<NodeAddress, IChunkPeer>? peers = null)
    {
        var node = await TestNode.StartAsync(Path.Combine(_root, $"node{Nodes.Count}"), Identity, 1, _time, _options, peers);
        Nodes.Add(node);
        return node;
    }

    public async Task RestartAsync(int index)
    {
        var old = Nodes[index];
        await old.DisposeAsync();
        Nodes[index] = await TestNode.StartAsync(old.Folder, Identity, old.Address.Incarnation + 1, _time, _options);
    }

    public IChunkPeer Peer(int index) => Client.Get(Nodes[index].Address);

    /// <summary>Opens a chunk on all nodes as P4 says; node 0 is the primary.</summary>
    public async Task<TestChunk> OpenAsync(long capacity = RecordLayout.DefaultChunkCapacity)
    {
        var chunk = new ChunkId(Interlocked.Increment(ref _nextChunk));
        var replicas = Nodes.Select((n, i) => new PeerReplica(n.Address, i + 1)).ToList();
        for (var i = replicas.Count - 1; i >= 0; i--)
        {
            var request = new CreateRequest(
                replicas[i].FileOf(chunk), ChunkKind.Shared, 1, i == 0
                    ? ReplicaRole.Primary : ReplicaRole.Secondary, capacity, i == 0 ? replicas[1..] : []);
            Assert.Equal(ChunkStatus.Ok, await Peer(i).CreateAsync(request, default).Within());
        }
        return new TestChunk(this, chunk, replicas);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        foreach (var node in Nodes) await node.DisposeAsync();
        foreach (var node in Nodes) Assert.Empty(node.Faults);
        Directory.Delete(_root, recursive: true);
    }
}

/// <summary>An open chunk of a <see cref="TestCluster"/>.</summary>
internal sealed record TestChunk(TestCluster Cluster, ChunkId Chunk, IReadOnlyList<PeerReplica> Replicas)
{
    public ReplicaFile File(int index) => Replicas[index].FileOf(Chunk);

    public ValueTask<AppendResult> AppendAsync(byte[] record) => Cluster.Peer(0).AppendAsync(new AppendRequest(File(0), 1), record, default);

    public ValueTask<CloseResult> CloseAsync(int index) => Cluster.Peer(index).CloseAsync(File(index), default);

    public async Task<byte[]> ReadAsync(int index, long start, long end)
    {
        var bytes = new byte[end - start];
        Assert.Equal(ChunkStatus.Ok, await Cluster.Peer(index).ReadAsync(File(index), start, bytes, default).Within());
        return bytes;
    }
}

/// <summary>Unplaced records as a writer builds them.</summary>
internal static class Records
{
    private static readonly RecordOwner Owner = new(BucketName.Parse("photos"), ObjectKey.Parse("2024/summer/ä.jpg"));

    public static byte[] Unplaced(int payload, int seed = 1)
    {
        var record = new byte[Format.RecordSize(Owner, payload)];
        var header = Format.HeaderSize(Owner);
        Format.WriteHeader(record, Owner, new BlobId(Guid.NewGuid()), 0, payload);
        var random = new Random(seed);
        for (var page = 0; page < RecordLayout.PageCount(payload); page++)
            random.NextBytes(record.AsSpan(header + Format.PageStart(page), Format.PageLength(payload, page)));
        Format.SealPages(record.AsSpan(header), payload);
        return record;
    }

    public static byte[] Placed(byte[] unplaced, ChunkId chunk, long offset)
    {
        var placed = unplaced.ToArray();
        Format.Place(placed, chunk, offset);
        return placed;
    }
}
