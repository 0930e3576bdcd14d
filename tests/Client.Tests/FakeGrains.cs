using System.Collections.Concurrent;
using System.Reflection;
using Orleans;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Client.Tests;

/// <summary>The grains a client calls, with their state in memory: what is tested is the client, on storage nodes that are real.</summary>
internal sealed class FakeGrains
{
    private readonly ConcurrentDictionary<(Type, object), object> _grains = new();

    public FakeGrains(TestCluster cluster)
    {
        var factory = (GrainFactoryProxy)(object)DispatchProxy.Create<IGrainFactory, GrainFactoryProxy>();
        factory.Grains = this;
        Factory = (IGrainFactory)(object)factory;
        Allocator = new FakeAllocator(cluster);
        ClusterGrain = new FakeClusterGrain(cluster);
        Catalog = new FakeCatalog(cluster);
    }

    public IGrainFactory Factory { get; }

    public FakeAllocator Allocator { get; }

    public FakeClusterGrain ClusterGrain { get; }

    public FakeCatalog Catalog { get; }

    public object Get(Type type, object key) => _grains.GetOrAdd((type, key), _ => type.Name switch
    {
        nameof(IChunkAllocatorGrain) => Allocator,
        nameof(IClusterGrain) => ClusterGrain,
        nameof(IFilesGrain) => new FakeFilesGrain(this),
        nameof(IFileGrain) => new FakeFileGrain(Catalog, (string)key),
        nameof(IBucketGrain) => new FakeBucketGrain(Catalog, (string)key),
        nameof(IUploadGrain) => new FakeUploadGrain(Catalog, (string)key),
        nameof(IListingGrain) => new FakeListingGrain(Catalog),
        _ => throw new NotSupportedException(type.Name),
    });
}

/// <summary>Opens chunks on the real nodes, as the silo's allocator does (P4).</summary>
internal sealed class FakeAllocator(TestCluster cluster) : IChunkAllocatorGrain
{
    private int _chunks;

    public ConcurrentDictionary<ChunkId, OpenChunk> Opened { get; } = new();

    public ConcurrentQueue<OpenChunkRequest> Requests { get; } = new();

    public ConcurrentQueue<(ChunkId Chunk, string Reason)> Released { get; } = new();

    public ConcurrentQueue<ChunkId[]> Renewals { get; } = new();

    public HashSet<ChunkId> NoLongerOpen { get; } = [];

    public bool IsUnavailable { get; set; }

    public long Capacity { get; set; } = RecordLayout.DefaultChunkCapacity;

    /// <summary>Whose turn it is to be primary, where a test wants to know.</summary>
    public Func<int, int> PrimaryOf { get; set; } = i => i % 3;

    public async Task<OpenChunkResult> Open(OpenChunkRequest request)
    {
        Requests.Enqueue(request);
        if (IsUnavailable) return new OpenChunkResult(DfsStatus.Unavailable, null, "a test says so");
        var number = Interlocked.Increment(ref _chunks);
        var chunk = new ChunkId(number);
        var peers = cluster.Peers.Where(p => !p.IsDead && !request.Avoid.Contains(p.Address.Node)).ToList();
        if (peers.Count < 2) return new OpenChunkResult(DfsStatus.Unavailable, null, "fewer than two nodes");
        var first = PrimaryOf(number - 1) % peers.Count;
        var primary = peers[first];
        peers.RemoveAt(first);
        peers.Insert(0, primary);
        var replicas = peers.Select((p, i) => new ReplicaAt(p.Address.Node, i + 1)).ToList();
        var secondaries = peers.Skip(1).Select((p, i) => new PeerReplica(p.Address, i + 2)).ToList();
        for (var i = peers.Count - 1; i >= 0; i--)
        {
            var role = i == 0 ? ReplicaRole.Primary : ReplicaRole.Secondary;
            var create = new CreateRequest(new ReplicaFile(chunk, i + 1), request.Kind, 1, role, Capacity, i == 0 ? secondaries : []);
            var status = await peers[i].CreateAsync(create, CancellationToken.None);
            if (status != ChunkStatus.Ok) return new OpenChunkResult(DfsStatus.Unavailable, null, $"create: {status}");
        }
        var open = new OpenChunk(chunk, request.Kind, primary.Address.Node, 1, 1, Capacity, replicas);
        Opened[chunk] = open;
        return new OpenChunkResult(DfsStatus.Ok, open, "");
    }

    public Task<ChunkId[]> Renew(string opener, ChunkId[] chunks)
    {
        Renewals.Enqueue(chunks);
        return Task.FromResult(chunks.Where(NoLongerOpen.Contains).ToArray());
    }

    public ConcurrentQueue<(BlobId Blob, ChunkId[] Chunks)> Holds { get; } = new();

    public Task Hold(BlobId blob, ChunkId[] chunks)
    {
        Holds.Enqueue((blob, chunks));
        return Task.CompletedTask;
    }

    public Task Release(string opener, ChunkId[] chunks, string reason)
    {
        foreach (var chunk in chunks) Released.Enqueue((chunk, reason));
        return Task.CompletedTask;
    }

    public IReadOnlyList<ChunkLocation> Locate(IEnumerable<Extent> extents) =>
        [.. extents.Select(e => e.Chunk).Distinct().Select(c => new ChunkLocation(c, Opened[c].Replicas))];
}

internal sealed class FakeClusterGrain(TestCluster cluster) : IClusterGrain
{
    private int _questions;

    public int Questions => _questions;

    public Task<ClusterNodes> Nodes(CancellationToken cancellation = default)
    {
        Interlocked.Increment(ref _questions);
        var nodes = cluster.Peers.Select(p => new StorageNodeInfo(
            p.Address.Node, p.Address.Incarnation, p.Address.Host, p.Address.Host, p.Address.Port, p.Address.Host,
            NodeState.Registered, false, false, 0, 0, default, true));
        return Task.FromResult(new ClusterNodes(cluster.ClusterId, new NodeTable(1, [.. nodes])));
    }

    public Task<ClusterStatus> Status(CancellationToken cancellation = default) => throw new NotSupportedException();
}
