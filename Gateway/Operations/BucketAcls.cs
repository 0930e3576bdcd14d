using OrleansDfs.Gateway.Access;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>Get and PutBucketAcl. The owner of a bucket never changes.</summary>
static class BucketAcls
{
    public static async Task Get(S3Request request)
    {
        var bucket = await request.Reload(); // another gateway may have changed it, and no call follows whose revision would show that
        request.Xml(output => AccessControlDocument.Write(output, bucket.Owner, BucketAcl.Of(bucket)));
    }

    public static async Task Put(S3Request request)
    {
        var body = await request.ReadDocument(AccessControlDocument.MaxBytes);
        var asked = AclRequest.Read(request.Headers, body, ofObject: false);
        asked = await request.ResolveGrantees(asked, request.Bucket.Owner); // AWS tells of an unknown grantee also where ACLs are off
        AclRules.CheckSupported(request.Bucket, asked);
        await BucketSettings.ChangeBy(request, BucketAcl.Setting, bucket =>
        {
            AclRules.CheckSupported(bucket, asked);
            if (asked.Owner is { } owner && owner != bucket.Owner) throw new S3Exception(ErrorCode.AccessDenied);
            var list = asked.Canned?.OnBucket(bucket.Owner) ?? new AccessControlList(asked.Grants);
            AclRules.CheckPublic(bucket, list);
            return BucketAcl.Document(bucket.Owner, list);
        });
        request.Empty();
    }
}
