using Orleans.Concurrency;
using Orleans.GrainDirectory;
using Orleans.Placement;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Silo.Placement;

namespace OrleansDfs.Silo.Uploads;

/// <summary>
/// One multipart upload. Parts are registered side by side; Complete reads them, judges what the client named, and lets the catalog make one version
/// of them under the upload's lock (RELIABILITY I11): a part replaced in between is seen there, and Complete judges again.
/// </summary>
public abstract class UploadGrainBase : Grain, IUploadGrain
{
    private const int PartsPerRead = 1000;
    private const int JudgeAgain = 3;

    private readonly CatalogDatabase _catalog;
    private readonly UploadId _upload;

    protected UploadGrainBase(IGrainContext context, CatalogDatabase catalog)
    {
        _catalog = catalog;
        var key = context.GrainId.Key.ToString()!; // "u/ID"
        if (!UploadId.TryParse(key[2..], out _upload)) throw new ArgumentException($"'{key}' does not name an upload.", nameof(context));
    }

    public async Task<DfsStatus> Create(CreateUpload request) => (await _catalog.Uploads.CreateAsync(request.Bucket, request.Upload)).ToDfs();

    public async Task<FindUploadResult> Find(BucketRef bucket, ObjectKey key, CancellationToken cancellation)
    {
        try
        {
            var found = await FindOpenAsync(bucket, key, cancellation);
            return new FindUploadResult(found is null ? DfsStatus.NoSuchUpload : DfsStatus.Ok, found);
        }
        catch (CatalogException e)
        {
            return new FindUploadResult(e.ToDfs(), null);
        }
    }

    public async Task<PutPartResult> PutPart(PutPart request)
    {
        var outcome = await _catalog.Uploads.PutPartAsync(new PutPartRequest(
            request.Bucket, request.Key, _upload, request.Number, request.Attempt, request.Blob, request.ETag, request.Checksum,
            request.PlainLength));
        return new PutPartResult(outcome.Status.ToDfs(), outcome.Part);
    }

    public async Task<ListPartsResult> ListParts(BucketRef bucket, ObjectKey key, int after, int limit, CancellationToken cancellation)
    {
        try
        {
            if (await FindOpenAsync(bucket, key, cancellation) is not { } upload) return new ListPartsResult(DfsStatus.NoSuchUpload, null, [], false);
            var page = await _catalog.Uploads.ListPartsAsync(_upload, after, limit, cancellation);
            return new ListPartsResult(DfsStatus.Ok, upload, [.. page.Parts], page.More);
        }
        catch (CatalogException e)
        {
            return new ListPartsResult(e.ToDfs(), null, [], false);
        }
    }

    public async Task<CommitResult> Complete(CompleteUpload request)
    {
        try
        {
            for (var judged = 0; judged < JudgeAgain; judged++)
            {
                var found = await _catalog.Uploads.FindAsync(_upload);
                if (found is null || !Matches(found.Upload, request.Bucket, request.Key)) return new CommitResult(DfsStatus.NoSuchUpload, null);
                if (found.Completed is { } before) return new CommitResult(DfsStatus.Ok, before);

                var assembly = MultipartAssembly.Of(found.Upload, await PartsAsync(), request);
                if (assembly.Status != DfsStatus.Ok)
                {
                    // Its parts go with an upload that is aborted: then it is not the part that is wrong.
                    return await _catalog.Uploads.FindAsync(_upload) is null
                        ? Gone(request) : new CommitResult(assembly.Status, null, assembly.Faulty);
                }
                var outcome = await _catalog.Uploads.CompleteAsync(new CompleteRequest(
                    request.Bucket, request.Key, _upload, AttemptId.New(), assembly.Parts, assembly.ETag,
                    found.Upload.Properties with { Checksum = assembly.Checksum }, request.Precondition));
                if (outcome.Status == CatalogStatus.NoSuchUpload) return Gone(request);
                if (outcome.Status != CatalogStatus.PartsChanged) return new CommitResult(outcome.Status.ToDfs(), outcome.Version);
            }
            return new CommitResult(DfsStatus.Conflict, null);
        }
        catch (CatalogException e)
        {
            return new CommitResult(e.ToDfs(), null);
        }
    }

    public async Task<DfsStatus> Abort(BucketRef bucket, ObjectKey key)
    {
        try
        {
            var found = await _catalog.Uploads.FindAsync(_upload);
            if (found is null || !Matches(found.Upload, bucket, key)) return DfsStatus.NoSuchUpload;
            return (await _catalog.Uploads.AbortAsync(_upload)).ToDfs();
        }
        catch (CatalogException e)
        {
            return e.ToDfs();
        }
    }

    private async Task<UploadInfo?> FindOpenAsync(BucketRef bucket, ObjectKey key, CancellationToken cancellation) =>
        await _catalog.Uploads.FindAsync(_upload, cancellation) is { Completed: null } found
            && Matches(found.Upload, bucket, key) ? found.Upload : null;

    /// <summary>Aborted since we looked: who set a condition learns that somebody was there between (AWS, "Conditional requests": 409).</summary>
    private static CommitResult Gone(CompleteUpload request) =>
        new(request.Precondition == WritePrecondition.None ? DfsStatus.NoSuchUpload : DfsStatus.Conflict, null);

    private static bool Matches(UploadInfo upload, BucketRef bucket, ObjectKey key) => upload.BucketId == bucket.Id && upload.Key == key;

    private async Task<Dictionary<int, UploadPart>> PartsAsync()
    {
        var parts = new Dictionary<int, UploadPart>();
        var after = 0;
        while (true)
        {
            var page = await _catalog.Uploads.ListPartsAsync(_upload, after, PartsPerRead);
            foreach (var part in page.Parts) parts[after = part.Number] = part;
            if (!page.More) return parts;
        }
    }
}

/// <summary>The one activation that the directory knows.</summary>
[PreferLocalPlacement, Reentrant]
[GrainType("upload")]
public sealed class UploadGrain(IGrainContext context, CatalogDatabase catalog) : UploadGrainBase(context, catalog);

/// <summary>On whichever silo is asked: needs no other silo, and is used while one may be dying (PROTOCOL P20).</summary>
[StatelessWorker(1), Reentrant, GrainDirectory(NoDirectory.Name), CollectionAgeLimit(Minutes = 2)]
[GrainType("upload-here")]
public sealed class UploadHereGrain(IGrainContext context, CatalogDatabase catalog) : UploadGrainBase(context, catalog);
