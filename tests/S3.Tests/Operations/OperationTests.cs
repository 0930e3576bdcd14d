namespace OrleansDfs.S3.Tests.Operations;

public class OperationTests
{
    /// <summary>The operations of the service model of botocore 1.43, API version 2006-03-01.</summary>
    private const string Published = """
        AbortMultipartUpload CompleteMultipartUpload CopyObject CreateBucket CreateBucketMetadataConfiguration
        CreateBucketMetadataTableConfiguration CreateMultipartUpload CreateSession DeleteBucket DeleteBucketAnalyticsConfiguration
        DeleteBucketCors DeleteBucketEncryption DeleteBucketIntelligentTieringConfiguration DeleteBucketInventoryConfiguration
        DeleteBucketLifecycle DeleteBucketMetadataConfiguration DeleteBucketMetadataTableConfiguration DeleteBucketMetricsConfiguration
        DeleteBucketOwnershipControls DeleteBucketPolicy DeleteBucketReplication DeleteBucketTagging DeleteBucketWebsite DeleteObject
        DeleteObjectTagging DeleteObjects DeletePublicAccessBlock GetBucketAbac GetBucketAccelerateConfiguration GetBucketAcl
        GetBucketAnalyticsConfiguration GetBucketCors GetBucketEncryption GetBucketIntelligentTieringConfiguration
        GetBucketInventoryConfiguration GetBucketLifecycle GetBucketLifecycleConfiguration GetBucketLocation GetBucketLogging
        GetBucketMetadataConfiguration GetBucketMetadataTableConfiguration GetBucketMetricsConfiguration GetBucketNotification
        GetBucketNotificationConfiguration GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus GetBucketReplication
        GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite GetObject GetObjectAcl GetObjectAttributes
        GetObjectLegalHold GetObjectLockConfiguration GetObjectRetention GetObjectTagging GetObjectTorrent GetPublicAccessBlock HeadBucket
        HeadObject ListBucketAnalyticsConfigurations ListBucketIntelligentTieringConfigurations ListBucketInventoryConfigurations
        ListBucketMetricsConfigurations ListBuckets ListDirectoryBuckets ListMultipartUploads ListObjectVersions ListObjects ListObjectsV2
        ListParts PutBucketAbac PutBucketAccelerateConfiguration PutBucketAcl PutBucketAnalyticsConfiguration PutBucketCors
        PutBucketEncryption PutBucketIntelligentTieringConfiguration PutBucketInventoryConfiguration PutBucketLifecycle
        PutBucketLifecycleConfiguration PutBucketLogging PutBucketMetricsConfiguration PutBucketNotification
        PutBucketNotificationConfiguration PutBucketOwnershipControls PutBucketPolicy PutBucketReplication PutBucketRequestPayment
        PutBucketTagging PutBucketVersioning PutBucketWebsite PutObject PutObjectAcl PutObjectLegalHold PutObjectLockConfiguration
        PutObjectRetention PutObjectTagging PutPublicAccessBlock RenameObject RestoreObject SelectObjectContent
        UpdateBucketMetadataInventoryTableConfiguration UpdateBucketMetadataJournalTableConfiguration UpdateObjectEncryption UploadPart
        UploadPartCopy WriteGetObjectResponse
        """;

    [Fact]
    public void Every_published_operation_is_named()
    {
        var published = Published.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.True(published.Length > 105);
        Assert.Empty(published.Except(OperationTable.All.Select(o => o.Name)));
        Assert.Equal(["OptionsBucket", "OptionsObject", "PostObject"],
            OperationTable.All.Select(o => o.Name).Except(published).Order(StringComparer.Ordinal)); // in the REST API, not in the SDKs' model
    }

    /// <summary>Makes the request that the table describes and asks the matcher: no operation hides another.</summary>
    [Fact]
    public void Every_operation_is_reached_by_its_own_request()
    {
        foreach (var operation in OperationTable.All.Where(o => o.AliasOf is null && o.Name != "WriteGetObjectResponse"))
        {
            var path = operation.Level switch { ResourceLevel.Service => "/", ResourceLevel.Bucket => "/bucket", _ => "/bucket/key" };
            var query = operation.Subresource is { } name ? $"?{name}={operation.SubresourceValue}" : "?";
            if (operation.Parameter is { } parameter) query += $"&{parameter}=1";
            var headers = operation.Header is { } header ? Http.Headers((header, "x")) : Http.Headers();
            Assert.Same(operation, OperationMatcher.Match(operation.Method, Http.Target(path + query + "&x-id=" + operation.Name), headers));
        }
    }

    [Theory]
    [InlineData("GET", "/bucket?list-type=1", "ListObjects")]
    [InlineData("GET", "/bucket?prefix=acl&unknown=1", "ListObjects")]
    [InlineData("GET", "/bucket/key?versionId=null&partNumber=1&response-expires=x", "GetObject")]
    [InlineData("GET", "/bucket/key?location&session=mine", "GetObject")]
    [InlineData("PUT", "/bucket/key?partNumber=1", "PutObject")]
    [InlineData("DELETE", "/bucket/key?versionId=1", "DeleteObject")]
    [InlineData("PUT", "/bucket/key?X-Amz-Copy-Source=a%2Fb&X-Amz-Signature=0", "CopyObject")]
    [InlineData("PUT", "/bucket/key?x-amz-copy-source=a%2Fb", "PutObject")]
    [InlineData("POST", "/bucket/key?select&select-type=2", "SelectObjectContent")]
    [InlineData("POST", "/bucket/key?uploads=", "CreateMultipartUpload")]
    public void Routes(string method, string raw, string name) =>
        Assert.Equal(name, OperationMatcher.Match(method, Http.Target(raw), Http.Headers()).Name);

    [Theory]
    [InlineData("POST", "/")]
    [InlineData("PUT", "/")]
    [InlineData("DELETE", "/bucket?acl")]
    [InlineData("DELETE", "/bucket?uploads")]
    [InlineData("DELETE", "/bucket/key?acl")]
    [InlineData("DELETE", "/bucket/key?lifecycle")]
    [InlineData("PUT", "/bucket/key?uploadId=x")]
    [InlineData("PUT", "/bucket/key?location")]
    [InlineData("HEAD", "/bucket/key?acl")]
    [InlineData("POST", "/bucket/key")]
    [InlineData("PATCH", "/bucket/key")]
    public void What_s3_has_not_is_refused(string method, string raw) =>
        Expect.Refusal(ErrorCode.MethodNotAllowed, () => OperationMatcher.Match(method, Http.Target(raw), Http.Headers()));

    [Theory]
    [InlineData("get")]
    [InlineData("GETS")]
    public void What_is_no_method_of_http_is_a_bad_request(string method) =>
        Expect.Refusal(ErrorCode.BadRequest, () => OperationMatcher.Match(method, Http.Target("/bucket/key"), Http.Headers()));

    [Fact]
    public void Subresources_that_contradict_each_other_are_refused()
    {
        var error = Expect.Refusal(ErrorCode.InvalidArgument,
            () => OperationMatcher.Match("GET", Http.Target("/bucket?acl&tagging"), Http.Headers()));
        Assert.Equal("Conflicting query string parameters: acl, tagging", error.Message);
        Assert.Equal("GetBucketAcl", OperationMatcher.Match("GET", Http.Target("/bucket?acl&acl"), Http.Headers()).Name);
    }

    [Fact]
    public void What_is_not_built_says_its_name()
    {
        var refusal = OperationMatcher.NotBuilt(OperationTable.Named("PutBucketWebsite"));
        Assert.Equal(501, refusal.Code.Status);
        Assert.Contains("PutBucketWebsite", refusal.Error.Message);
    }

    [Fact]
    public void Iam_actions_are_actions()
    {
        foreach (var operation in OperationTable.All)
            Assert.Matches(operation.Method == "OPTIONS" ? "^$" : "^(s3|s3express|s3-object-lambda):[A-Z][A-Za-z]+$", operation.IamAction);
    }
}
