namespace OrleansDfs.Conformance.Tests.Operations;

/// <summary>
/// Settings that cannot be set here: their reads answer what AWS does where they were never used, their writes are refused by name.
/// </summary>
[Collection(S3Tests.Name)]
public sealed class UnusedSettingsTests(S3Server server)
{
    [Theory]
    [InlineData("accelerate", "AccelerateConfiguration")]
    [InlineData("logging", "BucketLoggingStatus")]
    [InlineData("notification", "NotificationConfiguration")]
    [InlineData("analytics", "ListBucketAnalyticsConfigurationResult")]
    [InlineData("intelligent-tiering", "ListBucketIntelligentTieringConfigurationsOutput")]
    [InlineData("inventory", "ListInventoryConfigurationsResult")]
    [InlineData("metrics", "ListMetricsConfigurationsResult")]
    public async Task Empty_documents(string subresource, string root)
    {
        var bucket = await server.NewBucket();
        var answer = await server.Raw(server.Signer.Head("GET", $"/{bucket}?{subresource}"));
        Assert.Equal(200, answer.Status);
        var document = System.Xml.Linq.XDocument.Parse(answer.Text);
        Assert.Equal((root, "http://s3.amazonaws.com/doc/2006-03-01/"), (document.Root!.Name.LocalName, document.Root.Name.NamespaceName));
        Assert.DoesNotContain(document.Root.Elements(), element => element.Name.LocalName != "IsTruncated" || element.Value != "false");
    }

    [Theory]
    [InlineData("replication", "ReplicationConfigurationNotFoundError")]
    [InlineData("website", "NoSuchWebsiteConfiguration")]
    [InlineData("object-lock", "ObjectLockConfigurationNotFoundError")]
    [InlineData("analytics&id=x", "NoSuchConfiguration")]
    [InlineData("intelligent-tiering&id=x", "NoSuchConfiguration")]
    [InlineData("inventory&id=x", "NoSuchConfiguration")]
    [InlineData("metrics&id=x", "NoSuchConfiguration")]
    public async Task Named_errors(string query, string code)
    {
        var bucket = await server.NewBucket();
        var answer = await server.Raw(server.Signer.Head("GET", $"/{bucket}?{query}"));
        Assert.Equal((404, code), (answer.Status, answer.Code));
        Assert.Contains($"<BucketName>{bucket}</BucketName>", answer.Text, StringComparison.Ordinal);
        Assert.Equal((404, "NoSuchBucket"), Of(await server.Raw(server.Signer.Head("GET", $"/{bucket}x?{query}"))));
        Assert.Equal((403, "AccessDenied"), Of(await server.Raw(server.AliceSigner.Head("GET", $"/{bucket}?{query}"))));
    }

    [Theory]
    [InlineData("accelerate", "PutBucketAccelerateConfiguration")]
    [InlineData("logging", "PutBucketLogging")]
    [InlineData("notification", "PutBucketNotificationConfiguration")]
    [InlineData("replication", "PutBucketReplication")]
    [InlineData("website", "PutBucketWebsite")]
    [InlineData("inventory&id=x", "PutBucketInventoryConfiguration")]
    public async Task Writes_are_refused_by_name(string query, string operation)
    {
        var bucket = await server.NewBucket();
        var answer = await server.Raw(server.Signer.Head("PUT", $"/{bucket}?{query}", [("content-length", "0")]));
        Assert.Equal((501, "NotImplemented"), Of(answer));
        Assert.Contains($"<Operation>{operation}</Operation>", answer.Text, StringComparison.Ordinal);
    }

    static (int, string) Of(RawResponse answer) => (answer.Status, answer.Code);
}
