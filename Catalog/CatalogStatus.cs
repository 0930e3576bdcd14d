namespace OrleansDfs.Catalog;

/// <summary>How a call to the catalog ended. Expected ends are values; see <see cref="CatalogException"/> for the two that calls without a status
/// throw.</summary>
public enum CatalogStatus
{
    Ok = 0,

    /// <summary>The version that the caller knows is the current one, unchanged (P20).</summary>
    Unchanged,
    NoSuchBucket,

    /// <summary>The bucket is not at the revision that the caller authorised against.</summary>
    BucketChanged,
    BucketExists,
    BucketNotEmpty,
    NoSuchKey,
    NoSuchVersion,

    /// <summary>The version asked for, or the current one, is a delete marker.</summary>
    DeleteMarker,
    PreconditionFailed,

    /// <summary>The condition holds, but of a version that came after the upload had begun. Nothing happened.</summary>
    Overtaken,

    /// <summary>P16: a chunk was sealed shorter or retired. Nothing became visible; the bytes must be written again.</summary>
    BytesLost,
    NoSuchUpload,

    /// <summary>A retention or a legal hold forbids it.</summary>
    Locked,

    /// <summary>The version is not at the revision that the caller judged by.</summary>
    Changed,

    /// <summary>A part that Complete names was replaced after the caller had read it: read the parts again.</summary>
    PartsChanged,

    /// <summary>Nothing happened: the database was away, or a lock was not to be had in time. May be tried again.</summary>
    Unavailable,

    /// <summary>P18: the connection was lost at COMMIT and the attempt was not found. It may still commit: answer 503, keep the bytes, never commit
    /// again.</summary>
    Unknown,

    /// <summary>Too many calls wait for the database already (<see cref="CatalogOptions.MaxWaiting"/>). Nothing happened.</summary>
    Busy,
}

/// <summary>The database did not do what was asked, and not because of the data.</summary>
public abstract class CatalogException(string message, Exception? inner) : Exception(message, inner);

/// <summary>Nothing happened: the database is away or a lock was not to be had in time.</summary>
public sealed class CatalogUnavailableException(string message, Exception? inner = null) : CatalogException(message, inner);

/// <summary>P18: the connection was lost at COMMIT. Read the row again; the change may also show up later.</summary>
public sealed class CatalogOutcomeUnknownException(string message, Exception? inner = null) : CatalogException(message, inner);

/// <summary>The database cannot be used by this program: newer schema, wrong encoding. The message says what to do.</summary>
public sealed class CatalogUnusableException(string message, Exception? inner = null) : CatalogException(message, inner);
