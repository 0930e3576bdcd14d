using System.Globalization;
using Orleans.Concurrency;
using Orleans.GrainDirectory;
using Orleans.Placement;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Silo.Placement;
using CatalogCopy = OrleansDfs.Catalog.CopyRequest;

namespace OrleansDfs.Silo.Files;

/// <summary>
/// One key of a bucket. It decides nothing: the catalog judges every write on the row as locked (PROTOCOL P15), and every read is confirmed by a
/// query sent after
/// the read arrived (P20), so two activations of one file do no harm. What it keeps is the manifest of the version read last, which spares the
/// catalog
/// from reading a large file's extents again; small files are opened, committed and deleted through <see cref="FilesGrain"/>.
/// </summary>
public abstract class FileGrainBase : Grain, IFileGrain
{
    /// <summary>A manifest worth keeping; smaller ones come along with the confirmation for nothing.</summary>
    private const int KeepFrom = ReadRequest.FewExtents;

    private readonly CatalogDatabase _catalog;
    private readonly long _bucketId;
    private readonly ObjectKey _key;
    private OpenFileResult? _last;

    protected FileGrainBase(IGrainContext context, CatalogDatabase catalog)
    {
        _catalog = catalog;
        // "f/BUCKET-ID/KEY": the key may hold anything, slashes too.
        var key = context.GrainId.Key.ToString()!;
        var slash = key.IndexOf('/', 2);
        _bucketId = long.Parse(key.AsSpan(2, slash - 2), NumberStyles.None, CultureInfo.InvariantCulture);
        _key = ObjectKey.Parse(key[(slash + 1)..]);
    }

    public async Task<OpenFileResult> Open(OpenFile request, CancellationToken cancellation)
    {
        if (request.Bucket.Id != _bucketId) return new OpenFileResult(DfsStatus.BucketChanged, null, null);
        if (request.WithoutManifest) return await _catalog.OpenAsync(_key, request, ManifestWish.None, cancellation);
        var last = _last;
        var known = last is { Version: { } v } && Selects(request.Version, v) ? new KnownVersion(v.Version, v.Revision) : (KnownVersion?)null;
        var outcome = await _catalog.Files.ReadAsync(new ReadRequest(request.Bucket, _key, FileMessages.Selection(request.Version), known), cancellation);
        if (outcome.Status == CatalogStatus.Unchanged)
        {
            // The version is the same; where its bytes lie may not be: repair moves replicas, compaction moves extents out of a chunk that it
            // retires.
            var page = last!.Manifest!;
            var locations = await _catalog.Files.LocateAsync([.. page.Locations.Select(l => l.Chunk)], cancellation);
            if (locations.Count == page.Locations.Count) return last with { Manifest = page with { Locations = [.. locations] } };
            outcome = await _catalog.Files.ReadAsync(
                new ReadRequest(request.Bucket, _key, FileMessages.Selection(request.Version), null), cancellation);
        }
        var result = new OpenFileResult(outcome.Status.ToDfs(), outcome.Version, outcome.Manifest);
        _last = result is { Status: DfsStatus.Ok, Version.IsCurrent: true, Manifest.Extents.Count: >= KeepFrom } ? result : null;
        return result;
    }

    public async Task<ManifestResult> Manifest(ReadManifest request, CancellationToken cancellation)
    {
        try
        {
            var page = await _catalog.Files.ManifestFromAsync(_bucketId, _key, request.Version, request.Offset, cancellation);
            return new ManifestResult(page is null ? DfsStatus.NoSuchVersion : DfsStatus.Ok, page);
        }
        catch (CatalogException e)
        {
            return new ManifestResult(e.ToDfs(), null);
        }
    }

    public async Task<PartsResult> Parts(VersionId version, CancellationToken cancellation)
    {
        try
        {
            return new PartsResult(DfsStatus.Ok, [.. await _catalog.Files.PartsAsync(_bucketId, _key, version, cancellation)]);
        }
        catch (CatalogException e)
        {
            return new PartsResult(e.ToDfs(), []);
        }
    }

    public async Task<CommitResult> Commit(CommitFile request) =>
        request.Bucket.Id == _bucketId ? await _catalog.CommitAsync(_key, request) : new CommitResult(DfsStatus.BucketChanged, null);

    public Task<CommitResult> FindAttempt(AttemptId attempt, CancellationToken cancellation) =>
        _catalog.FindAttemptAsync(_bucketId, _key, attempt, cancellation);

    public async Task<CommitResult> CopyFrom(CopyFile request)
    {
        if (request.Bucket.Id != _bucketId) return new CommitResult(DfsStatus.BucketChanged, null);
        var outcome = await _catalog.Files.CopyAsync(new CatalogCopy(
            request.Bucket, _key, request.Attempt, request.SourceBucket, request.SourceKey, request.SourceVersion,
            request.Properties, request.Tags, request.Precondition));
        return new CommitResult(outcome.Status.ToDfs(), outcome.Version);
    }

    public async Task<DeleteResult> Delete(DeleteFile request) => request.Bucket.Id == _bucketId
        ? await _catalog.DeleteAsync(_key, request)
        : new DeleteResult(DfsStatus.BucketChanged, null, false, false);

    public async Task<CommitResult> Change(ChangeFile request)
    {
        if (request.Bucket.Id != _bucketId) return new CommitResult(DfsStatus.BucketChanged, null);
        var outcome = await _catalog.Files.ChangeAsync(new AttributesRequest(request.Bucket, _key, FileMessages.Selection(request.Version))
        {
            Tags = request.Tags,
            Acl = request.Acl,
            Retention = request.Retention is { } change ? new RetentionWish(change.Retention, change.BypassGovernance) : null,
            LegalHold = request.LegalHold,
            Revision = request.Revision,
        });
        return new CommitResult(outcome.Status.ToDfs(), outcome.Version);
    }

    private static bool Selects(VersionSelector selector, FileVersion version) =>
        selector.IsCurrent ? version.IsCurrent : selector.Null ? version.IsNull : selector.Version == version.Version;
}

/// <summary>The one activation that the directory knows.</summary>
[PreferLocalPlacement, Reentrant]
[GrainType("file")]
public sealed class FileGrain(IGrainContext context, CatalogDatabase catalog) : FileGrainBase(context, catalog);

/// <summary>On whichever silo is asked: needs no other silo, and is used while one may be dying (PROTOCOL P20).</summary>
[StatelessWorker(1), Reentrant, GrainDirectory(NoDirectory.Name), CollectionAgeLimit(Minutes = 2)]
[GrainType("file-here")]
public sealed class FileHereGrain(IGrainContext context, CatalogDatabase catalog) : FileGrainBase(context, catalog);
