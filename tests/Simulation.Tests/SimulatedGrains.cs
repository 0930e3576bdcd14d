using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Replication;
using OrleansDfs.Silo;
using OrleansDfs.Silo.Chunks;
using OrleansDfs.Silo.Files;
using OrleansDfs.Silo.Nodes;
using OrleansDfs.Silo.Uploads;

namespace OrleansDfs.Simulation.Tests;

/// <summary>
/// The silo as its callers see it: the product's own grains, made without Orleans, each activation kept. A call may be lost, or its answer. A file
/// has an activation for every caller: two at once are what the protocol has to bear (P20).
/// </summary>
sealed class SimulatedGrains
{
    private readonly SimulatedCluster _cluster;
    private readonly SimulatedProcess _caller;
    private readonly Dictionary<string, object> _activations = [];

    public SimulatedGrains(SimulatedCluster cluster, SimulatedProcess caller)
    {
        (_cluster, _caller) = (cluster, caller);
        var factory = DispatchProxy.Create<IGrainFactory, FactoryProxy>();
        ((FactoryProxy)(object)factory).Grains = this;
        Factory = factory;
    }

    public IGrainFactory Factory { get; }

    internal object Get(Type type, object key)
    {
        // Which of the grains that share all files it is follows from a hash of the key, which is another in every process.
        var name = key is GrainId id ? $"{id.Type} {id.Key}" : type == typeof(IFilesGrain) ? type.Name : $"{type.Name} {key}";
        if (_activations.TryGetValue(name, out var there)) return there;
        object grain = type.Name switch
        {
            nameof(IFilesGrain) => Calls<IFilesGrain>(new FilesGrain(_cluster.Catalog, Near(), Factory)),
            nameof(IFileGrain) => Calls<IFileGrain>(new FileGrain(Context(key), _cluster.Catalog)),
            nameof(IUploadGrain) => Calls<IUploadGrain>(new UploadGrain(Context(key), _cluster.Catalog)),
            nameof(IChunkAllocatorGrain) => Calls<IChunkAllocatorGrain>(new Allocator(_cluster)),
            nameof(IClusterGrain) => Calls<IClusterGrain>(new ClusterGrain(_cluster.Catalog, _cluster.Book, _cluster.Options)),
            nameof(IStorageNodeGrain) => Calls<IStorageNodeGrain>(new NodeGrain(_cluster, (Guid)key)),
            _ => throw new NotSupportedException(type.Name),
        };
        return _activations[name] = grain;
    }

    /// <summary>All silos are one here; its own node is the first, which may be away.</summary>
    private NearPages Near() => new(_cluster.Peer(_cluster.Silo, new NodeAddress(_cluster.Nodes[0].Id, 1, "127.0.0.1", 1)), _cluster.World.Time);

    private static IGrainContext Context(object key)
    {
        var context = DispatchProxy.Create<IGrainContext, ContextProxy>();
        ((ContextProxy)(object)context).Id = key is GrainId id ? id : GrainId.Create("simulated", (string)key);
        return context;
    }

    private T Calls<T>(T grain)
        where T : class
    {
        var calls = DispatchProxy.Create<T, CallProxy>();
        ((CallProxy)(object)calls).Of(_cluster, _caller, grain, typeof(T).Name);
        return calls;
    }

    /// <summary>As the product's, whose seals go to a grain; here they are begun at once, and not waited for either.</summary>
    private sealed class Allocator(SimulatedCluster cluster) : IChunkAllocatorGrain
    {
        public async Task<OpenChunkResult> Open(OpenChunkRequest request)
        {
            try
            {
                var outcome = await cluster.Opener.OpenAsync(request, cluster.Options.ChunkSize, cluster.Options.ChunkLease);
                foreach (var chunk in outcome.Abandoned) cluster.SealLater(chunk);
                return new OpenChunkResult(outcome.Chunk is null ? DfsStatus.Unavailable : DfsStatus.Ok, outcome.Chunk, outcome.Explanation);
            }
            catch (CatalogException e)
            {
                return new OpenChunkResult(DfsStatus.Unavailable, null, e.Message);
            }
        }

        public async Task<ChunkId[]> Renew(string opener, ChunkId[] chunks) =>
            [.. await cluster.Catalog.Chunks.RenewLeasesAsync(opener, chunks, cluster.Options.ChunkLease)];

        public Task Hold(BlobId blob, ChunkId[] chunks) => cluster.Catalog.Compaction.HoldAsync(blob, chunks, TimeSpan.FromMinutes(5));

        public Task Release(string opener, ChunkId[] chunks, string reason)
        {
            foreach (var chunk in chunks) cluster.SealLater(chunk);
            return Task.CompletedTask;
        }
    }

    private sealed class NodeGrain(SimulatedCluster cluster, Guid node) : IStorageNodeGrain
    {
        public Task<StorageNodeStatus> Status() => throw new NotSupportedException();

        public Task<ReconcileResult> Reconcile() => throw new NotSupportedException();

        public Task<bool> Serve(ChunkId chunk, long epoch)
        {
            if (cluster.Find(new NodeId(node)).Node is not { } there) return Task.FromResult(false);
            there.Serve(new ReplicaFile(chunk, epoch));
            return Task.FromResult(true);
        }

        public Task<bool> Examine(ChunkId chunk, long epoch) => Task.FromResult(false);

        public Task<CompactionResult> Compact(ChunkId[] chunks, int deadPercent) =>
            cluster.Compactor.CompactAsync(chunks, deadPercent, CancellationToken.None);
    }
}
