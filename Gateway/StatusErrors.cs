using OrleansDfs.Abstractions;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>
/// The one map from how a grain call ended to what S3 calls it. Exhaustive: a status it does not know is a bug and answers InternalError.
/// </summary>
static class StatusErrors
{
    public static S3Exception ToException(this DfsStatus status) => status switch
    {
        DfsStatus.NoSuchBucket => new(ErrorCode.NoSuchBucket),
        DfsStatus.BucketChanged => new(ErrorCode.OperationAborted), // changed again and again while the call was repeated
        DfsStatus.BucketAlreadyExists => new(ErrorCode.BucketAlreadyExists),
        DfsStatus.BucketNotEmpty => new(ErrorCode.BucketNotEmpty),
        DfsStatus.NoSuchKey => new(ErrorCode.NoSuchKey),
        DfsStatus.NoSuchVersion => new(ErrorCode.NoSuchVersion),
        DfsStatus.DeleteMarker => new(ErrorCode.NoSuchKey),
        DfsStatus.PreconditionFailed => new(ErrorCode.PreconditionFailed),
        DfsStatus.BytesLost => new(ErrorCode.SlowDown, "The bytes could not be kept. Please send the request again."), // P16: nothing became visible
        DfsStatus.Busy => new(ErrorCode.SlowDown),
        DfsStatus.NoSuchUpload => new(ErrorCode.NoSuchUpload),
        DfsStatus.InvalidPart => new(ErrorCode.InvalidPart),
        DfsStatus.PartTooSmall => new(ErrorCode.EntityTooSmall),
        DfsStatus.BadDigest => new(ErrorCode.BadDigest),
        DfsStatus.Conflict => new(ErrorCode.ConditionalRequestConflict),
        DfsStatus.Unavailable => new(ErrorCode.ServiceUnavailable),
        DfsStatus.Unknown => new(ErrorCode.ServiceUnavailable, "The outcome of the request is not known."), // P18: never sent again by us
        DfsStatus.AccessDenied => new(ErrorCode.AccessDenied),
        DfsStatus.Locked => new(ErrorCode.AccessDenied, "Access Denied because object protected by object lock."),
        DfsStatus.NotFound => new(ErrorCode.NoSuchKey),
        DfsStatus.InvalidRequest or DfsStatus.PartChecksumMissing or DfsStatus.ChecksumTypeDiffers => new(ErrorCode.InvalidRequest),
        DfsStatus.SizeDiffers => new(ErrorCode.InvalidRequest, "The provided 'x-amz-mp-object-size' header value does not match what was computed."),
        DfsStatus.PartsNotConsecutive => new(ErrorCode.InvalidPartOrder),
        _ => new(ErrorCode.InternalError),
    };

    /// <summary>Goes on only with <see cref="DfsStatus.Ok"/>.</summary>
    public static void ThrowUnlessOk(this DfsStatus status)
    {
        if (status != DfsStatus.Ok) throw status.ToException();
    }
}
