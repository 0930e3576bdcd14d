using System.Buffers;
using System.Text;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>
/// Get- and PutObjectLockConfiguration. Putting one turns Object Lock on where the bucket is versioned, for ever (AWS: "You can't disable Object
/// Lock after you enable it").
/// </summary>
static class ObjectLockConfiguration
{
    public static Task Get(S3Request request)
    {
        if (!request.Bucket.ObjectLock)
            throw new S3Exception(ErrorCode.ObjectLockConfigurationNotFoundError, null, ("BucketName", request.BucketName.Value));
        var rule = ObjectLocks.Rule(request.Bucket);
        request.Xml(output => ObjectLock.WriteConfiguration(output, rule));
        return Task.CompletedTask;
    }

    public static async Task Put(S3Request request)
    {
        if (request.Headers.Contains("x-amz-bucket-object-lock-token")) throw Unbuilt.NotImplemented("x-amz-bucket-object-lock-token");
        var rule = ObjectLock.ParseConfiguration(await request.ReadDocument(ObjectLock.MaxBytes, needsIntegrity: true));
        var document = new ArrayBufferWriter<byte>();
        ObjectLock.WriteConfiguration(document, rule);
        var text = rule is null ? null : Encoding.UTF8.GetString(document.WrittenSpan);
        var changed = await request.OnBucket(
            bucket =>
            {
                // Suspended or never versioned: versions could be overwritten, so no lock could be kept.
                if (bucket.Versioning != Versioning.Enabled)
                    throw new S3Exception(ErrorCode.InvalidBucketState,
                        "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
                return request.Grains.Bucket(bucket.Name).Change(
                    new ChangeBucket(bucket.Ref, null, new Dictionary<string, string?> { [ObjectLocks.Setting] = text }, EnableObjectLock: true));
            },
            result => result.Status);
        request.Backend.Buckets.Forget(request.BucketName);
        changed.Status.ThrowUnlessOk();
        request.Empty();
    }
}
