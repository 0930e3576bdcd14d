using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.S3;
using VersionSelector = OrleansDfs.Abstractions.VersionSelector;

namespace OrleansDfs.Gateway;

/// <summary>
/// Preconditions of writes. The catalog decides them under the key's lock (P15); here they are only asked about before a body is taken.
/// </summary>
static class WriteConditions
{
    /// <summary>Spares a client the upload that cannot succeed. That it passes says nothing: only the commit decides.</summary>
    /// <exception cref="S3Exception">PreconditionFailed, NoSuchKey.</exception>
    public static async Task CheckEarly(S3Request request, WritePrecondition precondition)
    {
        if (precondition == WritePrecondition.None) return;
        var opened = await request.ReadOnBucket(
            bucket => request.Grains.File(bucket.Id, request.Key)
                .Open(new OpenFile(bucket.Ref, VersionSelector.Current, WithoutManifest: true), request.Cancellation),
            result => result.Status);
        if (opened.Status is not (DfsStatus.Ok or DfsStatus.NoSuchKey or DfsStatus.DeleteMarker)) throw opened.Status.ToException();
        var current = opened.Status == DfsStatus.Ok ? opened.Version!.ETag : null;
        switch (precondition.Judge(current))
        {
            case PreconditionOutcome.NoSuchKey: throw new S3Exception(ErrorCode.NoSuchKey);
            case PreconditionOutcome.Failed: throw WritePreconditions.Failure(precondition);
        }
    }

    public static void ThrowUnlessOk(DfsStatus status, WritePrecondition precondition, ObjectKey key)
    {
        if (status == DfsStatus.PreconditionFailed) throw WritePreconditions.Failure(precondition);
        if (status == DfsStatus.Conflict && precondition != WritePrecondition.None) throw WritePreconditions.Conflict(precondition, key);
        status.ThrowUnlessOk();
    }
}
