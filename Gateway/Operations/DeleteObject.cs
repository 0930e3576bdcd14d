using OrleansDfs.Abstractions;
using OrleansDfs.Gateway.Access;
using OrleansDfs.Model;
using OrleansDfs.S3;
using VersionSelector = OrleansDfs.Abstractions.VersionSelector;

namespace OrleansDfs.Gateway.Operations;

/// <summary>
/// DeleteObject: a named version goes for ever; without one the current version goes, or a delete marker hides it. A missing key is no error.
/// </summary>
static class DeleteObject
{
    public static async Task Handle(S3Request request)
    {
        Unbuilt.Refuse(request);
        var selector = request.Version;
        var ifMatch = WritePreconditions.ReadDelete(request.Headers);
        var deleted = await Delete(request, request.Asked, request.Key, selector, ifMatch, ObjectLocks.ReadBypass(request));
        if (deleted.Status == DfsStatus.PreconditionFailed) throw WritePreconditions.Failure(new WritePrecondition(ifMatch, null));
        if (!IsDone(deleted.Status, ifMatch)) throw deleted.Status.ToException();
        if (deleted.IsDeleteMarker) request.Set("x-amz-delete-marker", "true");
        if (deleted.Version is { } version && (deleted.IsDeleteMarker || !selector.IsCurrent))
            request.Response.ShowVersion(request.Bucket, version, deleted.IsNull);
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public static Task<DeleteResult> Delete(
        S3Request request, AccessRequest asked, ObjectKey key, VersionSelector selector, string? ifMatch, bool bypass) => request.OnBucket(
        request.Bucket, asked,
        bucket => request.Grains.DeleteAsync(
            bucket.Id, key, new DeleteFile(bucket.Ref, AttemptId.New(), selector, ifMatch, bypass), request.Cancellation),
        result => result.Status);

    /// <summary>What is not there is deleted, unless a certain state of it was asked for.</summary>
    public static bool IsDone(DfsStatus status, string? ifMatch) =>
        status == DfsStatus.Ok || (ifMatch is null && status is (DfsStatus.NoSuchKey or DfsStatus.NoSuchVersion));
}
