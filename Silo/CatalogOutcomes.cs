using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;

namespace OrleansDfs.Silo;

/// <summary>The catalog's outcomes as the wire knows them; exhaustive, so that a new one does not compile unnoticed into a wrong answer.</summary>
static class CatalogOutcomes
{
    public static DfsStatus ToDfs(this CatalogStatus status) => status switch
    {
        CatalogStatus.Ok or CatalogStatus.Unchanged => DfsStatus.Ok,
        CatalogStatus.NoSuchBucket => DfsStatus.NoSuchBucket,
        CatalogStatus.BucketChanged => DfsStatus.BucketChanged,
        CatalogStatus.BucketExists => DfsStatus.BucketAlreadyExists,
        CatalogStatus.BucketNotEmpty => DfsStatus.BucketNotEmpty,
        CatalogStatus.NoSuchKey => DfsStatus.NoSuchKey,
        CatalogStatus.NoSuchVersion => DfsStatus.NoSuchVersion,
        CatalogStatus.DeleteMarker => DfsStatus.DeleteMarker,
        CatalogStatus.PreconditionFailed => DfsStatus.PreconditionFailed,
        CatalogStatus.BytesLost => DfsStatus.BytesLost,
        CatalogStatus.NoSuchUpload => DfsStatus.NoSuchUpload,
        CatalogStatus.Locked => DfsStatus.Locked,
        CatalogStatus.PartsChanged or CatalogStatus.Changed or CatalogStatus.Overtaken => DfsStatus.Conflict,
        CatalogStatus.Unavailable => DfsStatus.Unavailable,
        CatalogStatus.Unknown => DfsStatus.Unknown,
        CatalogStatus.Busy => DfsStatus.Busy,
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "An outcome of the catalog that the silo does not know."),
    };

    /// <summary>For calls without a status of their own.</summary>
    public static DfsStatus ToDfs(this CatalogException exception) =>
        exception is CatalogOutcomeUnknownException ? DfsStatus.Unknown : DfsStatus.Unavailable;
}
