using OrleansDfs.Abstractions;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>DeleteBucket: the catalog looks for emptiness under the bucket's lock (P17).</summary>
static class DeleteBucket
{
    public static async Task Handle(S3Request request)
    {
        var status = await request.OnBucket(bucket => request.Grains.Bucket(bucket.Name).Delete(bucket.Ref), result => result);
        request.Backend.Buckets.Forget(request.BucketName);
        if (status == DfsStatus.BucketNotEmpty && request.Bucket.ShowsVersions())
            throw new S3Exception(
                ErrorCode.BucketNotEmpty, "The bucket you tried to delete is not empty. You must delete all versions in the bucket.");
        status.ThrowUnlessOk();
        request.Empty(StatusCodes.Status204NoContent);
    }
}
