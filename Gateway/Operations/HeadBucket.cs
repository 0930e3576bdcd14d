namespace OrleansDfs.Gateway.Operations;

/// <summary>HeadBucket: authorisation has found the bucket already; what is left is where it is.</summary>
static class HeadBucket
{
    public static Task Handle(S3Request request)
    {
        request.Set("x-amz-bucket-region", request.Bucket.Region);
        request.Set("x-amz-access-point-alias", "false");
        request.Set(S3.BucketResults.ArnHeader, S3.BucketResults.Arn(request.BucketName));
        request.Response.ContentType = "application/xml";
        return Task.CompletedTask;
    }
}
