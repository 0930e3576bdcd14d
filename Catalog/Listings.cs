using OrleansDfs.Model;

namespace OrleansDfs.Catalog;

/// <summary>Pages of what a bucket holds, in the order of the keys' bytes. A page costs O(page) whatever the bucket's size (DESIGN §5).</summary>
public sealed class Listings
{
    /// <summary>Ok, NoSuchBucket, BucketChanged.</summary>
    public Task<(CatalogStatus Status, FilePage? Page)> FilesAsync(ListFilesRequest request, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>Ok, NoSuchBucket, BucketChanged.</summary>
    public Task<(CatalogStatus Status, VersionPage? Page)> VersionsAsync(ListVersionsRequest request, CancellationToken cancellation = default) =>
        throw new NotImplementedException();

    /// <summary>Ok, NoSuchBucket, BucketChanged.</summary>
    public Task<(CatalogStatus Status, UploadPage? Page)> UploadsAsync(ListUploadsRequest request, CancellationToken cancellation = default) =>
        throw new NotImplementedException();
}
