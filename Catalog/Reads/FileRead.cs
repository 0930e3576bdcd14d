using OrleansDfs.Catalog.Rows;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Reads;

/// <summary>One read that waits for its answer, with what the query found so far.</summary>
internal sealed class FileRead(ReadRequest request)
{
    private readonly TaskCompletionSource<ReadOutcome> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ReadRequest Request { get; } = request;
    public Task<ReadOutcome> Outcome => _done.Task;

    public long? BucketRevision { get; set; }
    public VersionRow? Row { get; set; }
    public List<Extent> Extents { get; } = [];

    /// <summary>The caller's copy is the current one: no extents were read.</summary>
    public bool Unchanged => Request.Known is { } known && Row is not null && Row.Version == known.Version.Value && Row.Revision == known.Revision;

    public bool WantsManifest => Request.Manifest && Status == CatalogStatus.Ok;

    public CatalogStatus Status
    {
        get
        {
            if (BucketRevision is null) return CatalogStatus.NoSuchBucket;
            if (BucketRevision != Request.Bucket.Revision) return CatalogStatus.BucketChanged;
            if (Row is null) return Request.Version.IsCurrent ? CatalogStatus.NoSuchKey : CatalogStatus.NoSuchVersion;
            if (Row.IsDeleteMarker) return CatalogStatus.DeleteMarker;
            return Unchanged ? CatalogStatus.Unchanged : CatalogStatus.Ok;
        }
    }

    /// <summary>Forgets what was found, for another query.</summary>
    public void Reset()
    {
        (BucketRevision, Row) = (null, null);
        Extents.Clear();
    }

    public void End(ManifestPage? manifest)
    {
        var status = Status;
        var version = status is CatalogStatus.Ok or CatalogStatus.DeleteMarker ? Row!.ToFileVersion() : null;
        _done.TrySetResult(new ReadOutcome(status, version, manifest));
    }

    public void EndUnavailable() => _done.TrySetResult(new ReadOutcome(CatalogStatus.Unavailable, null, null));

    public void Fail(Exception error) => _done.TrySetException(error);
}
