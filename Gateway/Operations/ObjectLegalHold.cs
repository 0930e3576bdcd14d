using OrleansDfs.Abstractions;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>Get- and PutObjectLegalHold of one version.</summary>
static class ObjectLegalHold
{
    public static async Task Get(S3Request request)
    {
        ObjectLocks.Require(request.Bucket);
        var version = await OpenedFile.Look(request);
        var hold = version.Properties.LegalHold ?? throw new S3Exception(ErrorCode.NoSuchObjectLockConfiguration);
        request.Xml(output => ObjectLock.WriteLegalHold(output, hold));
    }

    public static async Task Put(S3Request request)
    {
        var selector = request.Version;
        var hold = ObjectLock.ParseLegalHold(await request.ReadDocument(ObjectLock.MaxBytes, needsIntegrity: true));
        ObjectLocks.Require(request.Bucket); // AWS reads the document first
        await OpenedFile.Change(request, selector, bucket => new ChangeFile(bucket.Ref, selector, LegalHold: hold));
        request.Empty();
    }
}
