using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>ListObjectsV2.</summary>
static class ListObjectsV2
{
    public static async Task Handle(S3Request request)
    {
        var parameters = ListObjectsV2Parameters.Read(request.Query);
        var page = await ListObjects.Page(request, parameters.Common, parameters.After);
        request.Set("x-amz-bucket-region", request.Bucket.Region);
        request.Xml(output => ListResults.WriteObjectsV2(output, request.BucketName, parameters, page));
    }
}
