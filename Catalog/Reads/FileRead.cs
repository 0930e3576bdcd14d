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

    /// <summary>Of the last of <see cref="Extents"/>; -1: there is none.</summary>
    public int LastOrdinal { get; set; } = -1;

    /// <summary>Places of the chunks of the first few extents.</summary>
    public List<ChunkLocation> Locations { get; } = [];

    /// <summary>The caller's copy is the current one: no extents were read.</summary>
    public bool Unchanged => Request.Known is { } known && Row is not null && Row.Version == known.Version.Value && Row.Revision == known.Revision;

    public bool WantsManifest => Status == CatalogStatus.Ok && Request.Manifest switch
    {
        ManifestWish.Page => true,
        ManifestWish.IfShort => Row!.PartCount == 0 && LastOrdinal < ReadRequest.FewExtents,
        _ => false,
    };

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
        (BucketRevision, Row, LastOrdinal) = (null, null, -1);
        Extents.Clear();
        Locations.Clear();
    }

    /// <summary>The chunk is there; its replicas, if any serve, are added one by one.</summary>
    public void Locate(ChunkId chunk)
    {
        if (!Locations.Exists(l => l.Chunk == chunk)) Locations.Add(new ChunkLocation(chunk, new List<ReplicaAt>(3)));
    }

    public void Locate(ChunkId chunk, ReplicaAt replica)
    {
        var replicas = (List<ReplicaAt>)Locations.Find(l => l.Chunk == chunk)!.Replicas;
        if (!replicas.Contains(replica)) replicas.Add(replica); // two extents of one chunk bring them twice
    }

    public void End(ManifestPage? manifest)
    {
        var status = Status;
        var version = status is CatalogStatus.Ok or CatalogStatus.DeleteMarker ? Row!.ToFileVersion() : null;
        _done.TrySetResult(new ReadOutcome(status, version, manifest));
    }

    public void EndUnread(CatalogStatus status) => _done.TrySetResult(new ReadOutcome(status, null, null));

    public void Fail(Exception error) => _done.TrySetException(error);
}
