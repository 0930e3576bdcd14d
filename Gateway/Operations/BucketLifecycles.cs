using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>GetBucketLifecycleConfiguration, and GetBucketLifecycle.</summary>
static class GetBucketLifecycleConfiguration
{
    public static async Task Handle(S3Request request)
    {
        var json = await BucketDocuments.Read(request, LifecycleConfiguration.Setting)
            ?? throw new S3Exception(ErrorCode.NoSuchLifecycleConfiguration, null, ("BucketName", request.BucketName.Value));
        var configuration = LifecycleConfiguration.FromJson(json);
        request.Set(LifecycleResults.TransitionMinimumSizeHeader, configuration.TransitionMinimumSize);
        request.Xml(output => LifecycleResults.Write(output, configuration));
    }
}

/// <summary>PutBucketLifecycleConfiguration, and PutBucketLifecycle. Kept are the validated rules as JSON, which the silos execute.</summary>
static class PutBucketLifecycleConfiguration
{
    public static async Task Handle(S3Request request)
    {
        var minimum = LifecycleResults.ReadTransitionMinimumSize(request.Headers);
        var rules = LifecycleParser.Parse(await request.ReadDocument(LifecycleParser.MaxBytes, needsIntegrity: true));
        var configuration = new LifecycleConfiguration(rules, minimum);
        await BucketDocuments.Change(request, LifecycleConfiguration.Setting, configuration.ToJson());
        request.Set(LifecycleResults.TransitionMinimumSizeHeader, minimum);
        request.Empty();
    }
}

/// <summary>DeleteBucketLifecycle.</summary>
static class DeleteBucketLifecycle
{
    public static async Task Handle(S3Request request)
    {
        await BucketDocuments.Change(request, LifecycleConfiguration.Setting, null);
        request.Empty(StatusCodes.Status204NoContent);
    }
}
