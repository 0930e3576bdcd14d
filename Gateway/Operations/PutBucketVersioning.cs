using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>PutBucketVersioning. Once enabled it can only be suspended; the catalog changes it under the bucket's lock (P17).</summary>
static class PutBucketVersioning
{
    public static async Task Handle(S3Request request)
    {
        var versioning = VersioningRequest.Parse(await request.ReadDocument(VersioningRequest.MaxBytes));
        var changed = await request.OnBucket(
            bucket => bucket.ObjectLock && versioning != Versioning.Enabled
                ? throw new S3Exception(ErrorCode.InvalidBucketState,
                    "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.")
                : request.Grains.Bucket(bucket.Name).Change(new ChangeBucket(bucket.Ref, versioning, [])), result => result.Status);
        request.Backend.Buckets.Forget(request.BucketName);
        changed.Status.ThrowUnlessOk();
        request.Empty();
    }
}
