using OrleansDfs.Abstractions;

namespace OrleansDfs.Gateway;

/// <summary>Settings of a bucket that are documents under their subresource's name.</summary>
static class BucketDocuments
{
    /// <summary>The document as it is now: another gateway may have changed it, and no call follows whose revision would show that.</summary>
    public static async Task<string?> Read(S3Request request, string name) => (await request.Reload()).Settings.GetValueOrDefault(name);

    /// <summary>Sets a document, or removes it with <c>null</c>, by compare-and-set on the revision that was authorised (P17).</summary>
    /// <exception cref="S3.S3Exception">NoSuchBucket, AccessDenied, OperationAborted, ServiceUnavailable.</exception>
    public static async Task Change(S3Request request, string name, string? document)
    {
        var changed = await request.OnBucket(
            bucket => request.Grains.Bucket(bucket.Name)
                .Change(new ChangeBucket(bucket.Ref, null, new Dictionary<string, string?> { [name] = document })),
            result => result.Status);
        request.Backend.Buckets.Forget(request.BucketName);
        changed.Status.ThrowUnlessOk();
    }
}
