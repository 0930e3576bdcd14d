using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

static class GetBucketLocation
{
    public static Task Handle(S3Request request)
    {
        request.Xml(output => BucketResults.WriteLocation(output, request.Bucket.Region));
        return Task.CompletedTask;
    }
}
