using Orleans.Concurrency;
using Orleans.GrainDirectory;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Silo.Placement;

namespace OrleansDfs.Silo.Buckets;

/// <summary>
/// Pages straight from the primary database, on whichever silo is asked (RELIABILITY I9: a listing shows every write completed before it began).
/// </summary>
[StatelessWorker, Reentrant, GrainDirectory(NoDirectory.Name)]
[GrainType("listing")]
public sealed class ListingGrain(CatalogDatabase catalog) : Grain, IListingGrain
{
    public async Task<BucketsResult> Buckets(string? owner, string prefix, string after, int limit, CancellationToken cancellation)
    {
        try
        {
            var page = await catalog.Buckets.ListAsync(owner, prefix, after, limit, cancellation);
            return new BucketsResult(DfsStatus.Ok, [.. page.Buckets], page.More);
        }
        catch (CatalogException e)
        {
            return new BucketsResult(e.ToDfs(), [], false);
        }
    }

    public async Task<FilesResult> Files(ListFilesRequest request, CancellationToken cancellation)
    {
        try
        {
            var (status, page) = await catalog.Listings.FilesAsync(request, cancellation);
            return new FilesResult(status.ToDfs(), page);
        }
        catch (CatalogException e)
        {
            return new FilesResult(e.ToDfs(), null);
        }
    }

    public async Task<VersionsResult> Versions(ListVersionsRequest request, CancellationToken cancellation)
    {
        try
        {
            var (status, page) = await catalog.Listings.VersionsAsync(request, cancellation);
            return new VersionsResult(status.ToDfs(), page);
        }
        catch (CatalogException e)
        {
            return new VersionsResult(e.ToDfs(), null);
        }
    }

    public async Task<UploadsResult> Uploads(ListUploadsRequest request, CancellationToken cancellation)
    {
        try
        {
            var (status, page) = await catalog.Listings.UploadsAsync(request, cancellation);
            return new UploadsResult(status.ToDfs(), page);
        }
        catch (CatalogException e)
        {
            return new UploadsResult(e.ToDfs(), null);
        }
    }
}
