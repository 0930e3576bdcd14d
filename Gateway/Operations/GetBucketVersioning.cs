using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

static class GetBucketVersioning
{
    public static async Task Handle(S3Request request)
    {
        // Another gateway may have changed it, and no call follows whose revision would show it.
        var bucket = await request.Reload();
        request.Xml(output => BucketResults.WriteVersioning(output, bucket.Versioning));
    }
}
