using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>ListMultipartUploads.</summary>
static class ListMultipartUploads
{
    public static async Task Handle(S3Request request)
    {
        var parameters = ListUploadsParameters.Read(request.Query);
        var page = await Page(request, parameters);
        request.Xml(output => ListResults.WriteUploads(output, request.BucketName, parameters, page));
    }

    static async Task<UploadPage> Page(S3Request request, ListUploadsParameters parameters)
    {
        var common = parameters.Common;
        if (common.MaxKeys == 0) return new UploadPage([], [], null, null);
        var listed = await request.ReadOnBucket(
            bucket => request.Grains.Listing().Uploads(
                new ListUploadsRequest(bucket.Ref, common.Prefix, common.Delimiter, parameters.KeyMarker, parameters.AfterUpload, common.MaxKeys),
                request.Cancellation),
            result => result.Status);
        listed.Status.ThrowUnlessOk();
        return listed.Page!;
    }
}
