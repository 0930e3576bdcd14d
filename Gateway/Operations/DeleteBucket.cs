using OrleansDfs.Abstractions;

namespace OrleansDfs.Gateway.Operations;

/// <summary>DeleteBucket: the catalog looks for emptiness under the bucket's lock (P17).</summary>
static class DeleteBucket
{
    public static async Task Handle(S3Request request)
    {
        var status = await request.OnBucket(bucket => request.Grains.Bucket(bucket.Name).Delete(bucket.Ref), result => result);
        request.Backend.Buckets.Forget(request.BucketName);
        status.ThrowUnlessOk();
        request.Empty(StatusCodes.Status204NoContent);
    }
}
