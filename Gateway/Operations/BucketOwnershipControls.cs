using System.Text;
using OrleansDfs.Gateway.Access;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>Get, Put and DeleteBucketOwnershipControls.</summary>
static class BucketOwnershipControls
{
    public static Task Get(S3Request request)
    {
        var document = BucketOwnership.Find(request.Bucket)
            ?? throw new S3Exception(ErrorCode.OwnershipControlsNotFoundError, null, ("BucketName", request.BucketName.Value));
        var ownership = AccessDocuments.ParseOwnership(Encoding.UTF8.GetBytes(document));
        request.Xml(output => AccessDocuments.WriteOwnership(output, ownership));
        return Task.CompletedTask;
    }

    public static async Task Put(S3Request request)
    {
        var ownership = AccessDocuments.ParseOwnership(await request.ReadDocument(AccessDocuments.MaxBytes));
        await BucketSettings.Change(request, BucketOwnership.Setting, BucketOwnership.Document(ownership), bucket =>
        {
            // What the ACL grants to others would end unseen.
            if (ownership == BucketOwnership.Enforced && !BucketAcl.Kept(bucket).NamesOnly(bucket.Owner))
                throw new S3Exception(ErrorCode.InvalidBucketAclWithObjectOwnership);
        });
        request.Empty();
    }

    public static async Task Delete(S3Request request)
    {
        await BucketSettings.Change(request, BucketOwnership.Setting, BucketOwnership.Deleted);
        request.Empty(StatusCodes.Status204NoContent);
    }
}
