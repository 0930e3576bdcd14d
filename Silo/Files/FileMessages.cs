using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;

namespace OrleansDfs.Silo.Files;

/// <summary>The messages of files as calls of the catalog, and its outcomes as answers.</summary>
internal static class FileMessages
{
    public static async Task<OpenFileResult> OpenAsync(
        this CatalogDatabase catalog, ObjectKey key, OpenFile request, ManifestWish wish, CancellationToken cancellation)
    {
        var outcome = await catalog.Files.ReadAsync(new ReadRequest(request.Bucket, key, Selection(request.Version), null, wish), cancellation);
        return new OpenFileResult(outcome.Status.ToDfs(), outcome.Version, outcome.Manifest);
    }

    public static async Task<CommitResult> CommitAsync(this CatalogDatabase catalog, ObjectKey key, CommitFile request)
    {
        var outcome = await catalog.Files.CommitAsync(new CommitRequest(
            request.Bucket, key, request.Attempt, request.Blob, request.ETag, request.Properties, request.Tags, request.Precondition,
            request.PlainLength));
        return new CommitResult(outcome.Status.ToDfs(), outcome.Version);
    }

    public static async Task<DeleteResult> DeleteAsync(this CatalogDatabase catalog, ObjectKey key, DeleteFile request)
    {
        var outcome = await catalog.Files.DeleteAsync(new DeleteRequest(
            request.Bucket, key, request.Attempt, Selection(request.Version), request.IfMatch, BypassGovernance: request.BypassGovernance));
        return new DeleteResult(outcome.Status.ToDfs(), outcome.Version, outcome.IsNull, outcome.IsDeleteMarker);
    }

    public static async Task<CommitResult> FindAttemptAsync(
        this CatalogDatabase catalog, long bucketId, ObjectKey key, AttemptId attempt, CancellationToken cancellation)
    {
        try
        {
            var found = await catalog.Files.FindAttemptAsync(bucketId, key, attempt, cancellation);
            return new CommitResult(found is null ? DfsStatus.NotFound : DfsStatus.Ok, found);
        }
        catch (CatalogException e)
        {
            return new CommitResult(e.ToDfs(), null);
        }
    }

    public static VersionSelection Selection(VersionSelector selector) => new(selector.Version, selector.Null);
}
