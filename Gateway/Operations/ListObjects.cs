using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>ListObjects, the first version.</summary>
static class ListObjects
{
    public static async Task Handle(S3Request request)
    {
        var parameters = ListObjectsParameters.Read(request.Query);
        var page = await Page(request, parameters.Common, parameters.Marker);
        request.Set("x-amz-bucket-region", request.Bucket.Region);
        request.Xml(output => ListResults.WriteObjects(output, request.BucketName, parameters, page));
    }

    /// <summary>One page; both versions of the operation ask the same.</summary>
    public static async Task<FilePage> Page(S3Request request, ListParameters common, string after)
    {
        if (common.MaxKeys == 0) return new FilePage([], [], null);
        var listed = await request.ReadOnBucket(
            bucket => request.Grains.Listing().Files(
                new ListFilesRequest(bucket.Ref, common.Prefix, common.Delimiter, after, common.MaxKeys), request.Cancellation),
            result => result.Status);
        listed.Status.ThrowUnlessOk();
        return listed.Page!;
    }
}
