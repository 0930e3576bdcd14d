using OrleansDfs.Abstractions;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>ListParts.</summary>
static class ListParts
{
    public static async Task Handle(S3Request request)
    {
        var upload = MultipartParameters.UploadId(request.Query);
        await request.RequireUpload(upload);
        var parameters = ListPartsParameters.Read(request.Query);
        var limit = Math.Max(1, parameters.MaxParts); // whether the upload exists is asked for a page of nothing too
        var listed = await request.ReadOnBucket(
            bucket => request.Grains.Upload(upload).ListParts(bucket.Ref, request.Key, parameters.PartNumberMarker, limit, request.Cancellation),
            result => result.Status);
        listed.Status.ThrowUnlessOk();
        request.AnnounceAbort(request.Key, listed.Upload!.Initiated);
        var (parts, more) = parameters.MaxParts == 0 ? ([], false) : (listed.Parts, listed.More);
        request.Xml(output => MultipartResults.WriteParts(output, request.BucketName, listed.Upload!, parameters, parts, more));
    }
}
