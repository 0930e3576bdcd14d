using OrleansDfs.Abstractions;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>AbortMultipartUpload: its parts lose their bytes.</summary>
static class AbortMultipartUpload
{
    public static async Task Handle(S3Request request)
    {
        Unbuilt.Refuse(request);
        var id = MultipartParameters.UploadId(request.Query);
        await request.RequireUpload(id);
        var status = await request.OnBucket(bucket => request.Grains.Upload(id).Abort(bucket.Ref, request.Key), result => result);
        status.ThrowUnlessOk();
        request.Empty(StatusCodes.Status204NoContent);
    }
}
