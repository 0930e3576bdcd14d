using Orleans.Concurrency;
using Orleans.GrainDirectory;
using Orleans.Placement;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Silo.Placement;

namespace OrleansDfs.Silo.Files;

/// <summary>
/// All files, on whichever silo is asked. It keeps nothing: every call goes to the catalog, which decides. No stateless worker, although it is one in
/// spirit: Orleans places each call of a stateless worker anew, and finds an activation like this one in its cache.
/// </summary>
[PreferLocalPlacement, Reentrant, GrainDirectory(NoDirectory.Name)]
[GrainType("files")]
public sealed class FilesGrain(CatalogDatabase catalog, NearPages near, IGrainFactory grains) : Grain, IFilesGrain
{
    public async Task<OpenFileResult> Open(ObjectKey key, OpenFile request, CancellationToken cancellation)
    {
        var wish = request.WithoutManifest ? ManifestWish.None : ManifestWish.IfShort;
        var result = await catalog.OpenAsync(key, request, wish, cancellation);
        var isLong = result is { Status: DfsStatus.Ok, Manifest: null } && !request.WithoutManifest;
        if (isLong) return await File(request, key).Open(request, cancellation);
        return await near.JoinAsync(result, request.PagesUpTo);
    }

    public Task<CommitResult> Commit(ObjectKey key, CommitFile request) => catalog.CommitAsync(key, request);

    public Task<DeleteResult> Delete(ObjectKey key, DeleteFile request) => catalog.DeleteAsync(key, request);

    public Task<CommitResult> FindAttempt(long bucketId, ObjectKey key, AttemptId attempt, CancellationToken cancellation) =>
        catalog.FindAttemptAsync(bucketId, key, attempt, cancellation);

    /// <summary>The one that remembers, unless the silo it lives on may be dying.</summary>
    private IFileGrain File(OpenFile request, ObjectKey key) =>
        request.Alone ? grains.FileHere(request.Bucket.Id, key) : grains.File(request.Bucket.Id, key);
}
