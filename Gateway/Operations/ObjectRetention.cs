using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>Get- and PutObjectRetention of one version. The catalog decides under the key's lock whether the change is allowed.</summary>
static class ObjectRetention
{
    public static async Task Get(S3Request request)
    {
        ObjectLocks.Require(request.Bucket);
        var version = await OpenedFile.Look(request);
        var retention = version.Properties.Retention ?? throw new S3Exception(ErrorCode.NoSuchObjectLockConfiguration);
        request.Xml(output => ObjectLock.WriteRetention(output, retention));
    }

    public static async Task Put(S3Request request)
    {
        ObjectLocks.Require(request.Bucket);
        var selector = request.Version;
        var bypass = ObjectLocks.ReadBypass(request);
        var body = await request.ReadDocument(ObjectLock.MaxBytes, needsIntegrity: true);
        var retention = ObjectLock.ParseRetention(body, request.Backend.Time.GetUtcNow());
        await OpenedFile.Change(
            request, selector, bucket => new ChangeFile(bucket.Ref, selector, Retention: new RetentionChange(retention, bypass)));
        request.Empty();
    }
}
