using Orleans.Runtime;
using OrleansDfs.Model;

namespace OrleansDfs.Abstractions;

/// <summary>
/// How grains are addressed. Keys carry a prefix that is no hexadecimal digit: ADO.NET storage takes bare hexadecimal strings for numbers and would
/// merge different keys.
/// </summary>
public static class GrainKeys
{
    /// <summary>More than one, so that they run on all processors and a client, which chooses a silo by grain, calls all silos.</summary>
    public const int FilesGrains = 64;

    /// <param name="share">0 to <see cref="FilesGrains"/> - 1; any of them serves any file.</param>
    public static IFilesGrain Files(this IGrainFactory grains, int share) => grains.GetGrain<IFilesGrain>(share);

    public static IFileGrain File(this IGrainFactory grains, long bucketId, ObjectKey key) =>
        GrainNames<IFileGrain>.Get(grains, $"f/{bucketId}/{key}");

    /// <summary>The same file on whichever silo is asked, without the directory.</summary>
    public static IFileGrain FileHere(this IGrainFactory grains, long bucketId, ObjectKey key) =>
        grains.GetGrain<IFileGrain>(GrainId.Create("file-here", $"f/{bucketId}/{key}"));

    public static IBucketGrain BucketHere(this IGrainFactory grains, BucketName name) =>
        grains.GetGrain<IBucketGrain>(GrainId.Create("bucket-here", $"n/{name}"));

    public static IUploadGrain UploadHere(this IGrainFactory grains, UploadId upload) =>
        grains.GetGrain<IUploadGrain>(GrainId.Create("upload-here", $"u/{upload}"));

    public static IBucketGrain Bucket(this IGrainFactory grains, BucketName name) => GrainNames<IBucketGrain>.Get(grains, $"n/{name}");

    public static IUploadGrain Upload(this IGrainFactory grains, UploadId upload) => GrainNames<IUploadGrain>.Get(grains, $"u/{upload}");

    public static IChunkGrain Chunk(this IGrainFactory grains, ChunkId chunk) => grains.GetGrain<IChunkGrain>(chunk.Value);

    public static IStorageNodeGrain StorageNode(this IGrainFactory grains, NodeId node) => grains.GetGrain<IStorageNodeGrain>(node.Value);

    public static IListingGrain Listing(this IGrainFactory grains) => grains.GetGrain<IListingGrain>(0);

    /// <param name="number">All do the same; a client chooses a silo by it.</param>
    public static IChunkAllocatorGrain ChunkAllocator(this IGrainFactory grains, int number = 0) => grains.GetGrain<IChunkAllocatorGrain>(number);

    public static IClusterGrain Cluster(this IGrainFactory grains) => grains.GetGrain<IClusterGrain>(0);

    public static IKeyGrain Keys(this IGrainFactory grains) => grains.GetGrain<IKeyGrain>(0);

    public static IOperationsGrain Operations(this IGrainFactory grains) => grains.GetGrain<IOperationsGrain>(0);

    public static IIdentityGrain Identity(this IGrainFactory grains) => grains.GetGrain<IIdentityGrain>(0);

    public static IAccountGrain Accounts(this IGrainFactory grains) => grains.GetGrain<IAccountGrain>(0);

    public static ILifecycleGrain Lifecycle(this IGrainFactory grains) => grains.GetGrain<ILifecycleGrain>(0);

    public static ISupervisorGrain Supervisor(this IGrainFactory grains) => grains.GetGrain<ISupervisorGrain>(0);
}

/// <summary>
/// What Orleans calls a grain interface and the grains that have it. Orleans reads the interface's attributes by reflection for each <c>GetGrain</c>
/// by type, a twentieth of what a small request costs; the names hang on the compiled types alone, so the first reference tells them for good.
/// </summary>
static class GrainNames<TGrain>
    where TGrain : class, IGrainWithStringKey
{
    static Names? _names;

    public static TGrain Get(IGrainFactory grains, string key)
    {
        if (_names is { } names) return (TGrain)grains.GetGrain(GrainId.Create(names.Grain, IdSpan.Create(key)), names.Interface);
        var grain = grains.GetGrain<TGrain>(key);
        if (grain is GrainReference reference) _names = new Names(reference.GrainId.Type, reference.InterfaceType); // a test's stand-in is none
        return grain;
    }

    sealed record Names(GrainType Grain, GrainInterfaceType Interface);
}
