using Orleans.Concurrency;
using Orleans.GrainDirectory;
using Orleans.Placement;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Silo.Placement;

namespace OrleansDfs.Silo.Buckets;

/// <summary>One bucket name. Keeps nothing: the catalog's row decides, by compare-and-set on its revision (PROTOCOL P17).</summary>
public abstract class BucketGrainBase : Grain, IBucketGrain
{
    private readonly CatalogDatabase _catalog;
    private readonly BucketName _name;

    protected BucketGrainBase(IGrainContext context, CatalogDatabase catalog)
    {
        _catalog = catalog;
        _name = BucketName.Parse(context.GrainId.Key.ToString()![2..]); // "n/NAME"
    }

    public async Task<BucketResult> Find(CancellationToken cancellation)
    {
        try
        {
            var bucket = await _catalog.Buckets.FindAsync(_name, cancellation);
            return new BucketResult(bucket is null ? DfsStatus.NoSuchBucket : DfsStatus.Ok, bucket);
        }
        catch (CatalogException e)
        {
            return new BucketResult(e.ToDfs(), null);
        }
    }

    public async Task<BucketResult> Create(CreateBucket request)
    {
        var outcome = await _catalog.Buckets.CreateAsync(_name, request.Owner, request.Region, request.ObjectLock, request.Settings);
        return new BucketResult(outcome.Status.ToDfs(), outcome.Bucket);
    }

    public async Task<DfsStatus> Delete(BucketRef bucket) => (await _catalog.Buckets.DeleteAsync(bucket)).ToDfs();

    public async Task<BucketResult> Change(ChangeBucket request)
    {
        var outcome = await _catalog.Buckets.ChangeAsync(request.Bucket, request.Versioning, request.Settings, request.EnableObjectLock);
        return new BucketResult(outcome.Status.ToDfs(), outcome.Bucket);
    }
}

/// <summary>The one activation that the directory knows.</summary>
[PreferLocalPlacement, Reentrant]
[GrainType("bucket")]
public sealed class BucketGrain(IGrainContext context, CatalogDatabase catalog) : BucketGrainBase(context, catalog);

/// <summary>On whichever silo is asked: needs no other silo, and is used while one may be dying (PROTOCOL P20).</summary>
[StatelessWorker(1), Reentrant, GrainDirectory(NoDirectory.Name), CollectionAgeLimit(Minutes = 2)]
[GrainType("bucket-here")]
public sealed class BucketHereGrain(IGrainContext context, CatalogDatabase catalog) : BucketGrainBase(context, catalog);
