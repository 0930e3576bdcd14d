using OrleansDfs.Abstractions;
using OrleansDfs.Gateway.Access;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>
/// Who may go on with an upload: whom a policy allows, the bucket's owner, and who began it. A grant of WRITE does not open uploads of others.
/// </summary>
static class UploadAccess
{
    /// <exception cref="S3Exception">AccessDenied, NoSuchUpload.</exception>
    public static async Task RequireUpload(this S3Request request, UploadId id)
    {
        if (!Authorization.IsByGrantOnly(request.Asked, request.Bucket)) return;
        var found = await request.ReadOnBucket(
            bucket => request.Grains.Upload(id).Find(bucket.Ref, request.Key, request.Cancellation), result => result.Status);
        found.Status.ThrowUnlessOk();
        if (found.Upload!.Initiator != request.Sender) throw Authorization.Denied(request.Operation);
    }
}
