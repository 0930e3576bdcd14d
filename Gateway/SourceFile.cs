using OrleansDfs.Abstractions;
using OrleansDfs.Gateway.Access;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>The source of a copy: authorised as a read of its own, opened, and its conditions judged, in this order (S3.md §6, 10 and 12).</summary>
/// <param name="IsCurrent">No version was named.</param>
sealed record SourceFile(BucketInfo Bucket, AccessRequest Asked, ObjectKey Key, bool IsCurrent, FileVersion Version, ManifestPage Manifest)
{
    /// <exception cref="S3Exception">NoSuchBucket, AccessDenied, NoSuchKey, InvalidRequest, PreconditionFailed.</exception>
    public static async Task<SourceFile> Open(S3Request request)
    {
        var named = CopySource.Parse(request.Headers["x-amz-copy-source"]!);
        var asked = request.Asked.ToRead(named);
        var gate = request.Backend.Gate;
        var selector = named.Version.ToGrain();
        var (entered, opened) =
            await gate.Open(asked, await gate.Enter(asked, named.Bucket, fresh: false, request.Cancellation), request.Cancellation);
        var bucket = entered.Bucket;
        BucketGate.CheckExpectedOwner(bucket, request.Headers["x-amz-source-expected-bucket-owner"]);
        if (opened.Status is (DfsStatus.NoSuchKey or DfsStatus.NoSuchVersion or DfsStatus.DeleteMarker)
            && !Authorization.Allows(asked.ToList(), bucket, null))
            throw Authorization.Denied(asked.Operation); // who may not list is not told which keys there are
        if (opened.Status == DfsStatus.DeleteMarker && !selector.IsCurrent)
            throw new S3Exception(ErrorCode.InvalidRequest,
                "The source of a copy request may not specifically refer to a delete marker by version id.");
        if (opened.Status is DfsStatus.NoSuchKey or DfsStatus.DeleteMarker)
            throw new S3Exception(ErrorCode.NoSuchKey, null, ("Key", named.Key.Value));
        opened.Status.ThrowUnlessOk();
        var version = opened.Version!;
        ReadPreconditions.ReadCopySource(request.Headers, request.Backend.Time.GetUtcNow()).JudgeCopySource(version.ETag, version.LastModified);
        return new SourceFile(bucket, asked, named.Key, selector.IsCurrent, version, opened.Manifest!);
    }

    public async Task<BucketInfo> Reload(S3Request request) =>
        (await request.Backend.Gate.Enter(Asked, Bucket.Name, fresh: true, request.Cancellation)).Bucket;
}
