namespace OrleansDfs.Abstractions;

/// <summary>
/// How a grain call ended. Outcomes are values: exceptions of the database cannot cross the wire, and callers decide by them.
/// The gateway holds the one map from these to S3's error codes.
/// </summary>
public enum DfsStatus
{
    Ok = 0,
    NoSuchBucket = 1,

    /// <summary>The bucket is not at the revision that the caller authorised against: load it again, authorise again, call again.</summary>
    BucketChanged = 2,
    BucketAlreadyExists = 3,
    BucketNotEmpty = 4,
    NoSuchKey = 5,
    NoSuchVersion = 6,

    /// <summary>The version asked for, or the current one, is a delete marker.</summary>
    DeleteMarker = 7,
    PreconditionFailed = 8,

    /// <summary>A chunk of these bytes was sealed shorter or retired before the commit (PROTOCOL P16): nothing became visible; write again.</summary>
    BytesLost = 9,
    NoSuchUpload = 10,
    InvalidPart = 11,
    PartTooSmall = 12,

    /// <summary>A checksum or size given by the client is not that of the bytes.</summary>
    BadDigest = 13,

    /// <summary>Another change got in between; nothing happened; the client may try again.</summary>
    Conflict = 14,

    /// <summary>The catalog or too many nodes are away. Nothing happened.</summary>
    Unavailable = 15,

    /// <summary>The outcome of the commit could not be learned (PROTOCOL P18). It is never sent again; the bytes are kept.</summary>
    Unknown = 16,
    AccessDenied = 17,
    NotFound = 18,
    InvalidRequest = 19,

    /// <summary>A retention or a legal hold forbids it.</summary>
    Locked = 20,

    /// <summary>Complete must name the checksum of each part, for the upload was begun with a composite one.</summary>
    PartChecksumMissing = 21,

    /// <summary>Complete names another type of checksum than the upload was begun with.</summary>
    ChecksumTypeDiffers = 22,

    /// <summary>The file would not have the size that the client expects.</summary>
    SizeDiffers = 23,

    /// <summary>Parts of a composite checksum must be numbered from 1 without gaps.</summary>
    PartsNotConsecutive = 24,

    /// <summary>More is asked for than there is room for. Nothing happened; try again a little later.</summary>
    Busy = 25,
}
