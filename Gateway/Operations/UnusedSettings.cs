using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>
/// Reads of bucket settings that cannot be set here yet: what AWS answers where the feature was never used, which is the truth. Tools that look at
/// everything of a bucket (Terraform, inventories) go on; whoever sets one is told NotImplemented by the operation's name.
/// </summary>
static class UnusedSettings
{
    /// <summary>By operation: an empty document, or the error that says there is none.</summary>
    public static readonly IReadOnlyDictionary<string, Func<S3Request, Task>> Reads = new Dictionary<string, Func<S3Request, Task>>
    {
        ["GetBucketAccelerateConfiguration"] = Empty("AccelerateConfiguration"),
        ["GetBucketLogging"] = Empty("BucketLoggingStatus"),
        ["GetBucketNotificationConfiguration"] = Empty("NotificationConfiguration"),
        ["GetBucketReplication"] = Missing(ErrorCode.ReplicationConfigurationNotFoundError),
        ["GetBucketWebsite"] = Missing(ErrorCode.NoSuchWebsiteConfiguration),
        ["GetBucketAnalyticsConfiguration"] = Missing(ErrorCode.NoSuchConfiguration),
        ["GetBucketIntelligentTieringConfiguration"] = Missing(ErrorCode.NoSuchConfiguration),
        ["GetBucketInventoryConfiguration"] = Missing(ErrorCode.NoSuchConfiguration),
        ["GetBucketMetricsConfiguration"] = Missing(ErrorCode.NoSuchConfiguration),
        ["ListBucketAnalyticsConfigurations"] = NoneListed("ListBucketAnalyticsConfigurationResult"),
        ["ListBucketIntelligentTieringConfigurations"] = NoneListed("ListBucketIntelligentTieringConfigurationsOutput"),
        ["ListBucketInventoryConfigurations"] = NoneListed("ListInventoryConfigurationsResult"),
        ["ListBucketMetricsConfigurations"] = NoneListed("ListMetricsConfigurationsResult"),
    };

    static Func<S3Request, Task> Empty(string root) => request =>
    {
        request.Xml(output => BucketResults.WriteEmpty(output, root));
        return Task.CompletedTask;
    };

    static Func<S3Request, Task> NoneListed(string root) => request =>
    {
        request.Xml(output => BucketResults.WriteNoneListed(output, root));
        return Task.CompletedTask;
    };

    static Func<S3Request, Task> Missing(ErrorCode code) =>
        request => throw new S3Exception(code, null, ("BucketName", request.BucketName.Value));
}
