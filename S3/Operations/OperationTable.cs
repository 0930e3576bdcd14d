namespace OrleansDfs.S3;

/// <summary>
/// Every operation of S3, as data (Amazon S3 API Reference, "Actions", Amazon S3). What this server has no handler for answers NotImplemented by its
/// name, never as if the subresource had not been there. Order matters only among operations of one method, level and subresource: the more
/// particular first.
/// </summary>
public static class OperationTable
{
    public static readonly IReadOnlyList<Operation> All =
    [
        new("ListBuckets", "GET", ResourceLevel.Service, "s3:ListAllMyBuckets"),
        new("ListDirectoryBuckets", "GET", ResourceLevel.Service, "s3express:ListAllMyDirectoryBuckets") { AliasOf = "ListBuckets" },
        new("CreateSession", "GET", ResourceLevel.Bucket, "s3express:CreateSession") { Subresource = "session" },
        new("ListObjectsV2", "GET", ResourceLevel.Bucket, "s3:ListBucket") { Subresource = "list-type", SubresourceValue = "2" },
        new("ListObjects", "GET", ResourceLevel.Bucket, "s3:ListBucket"),
        new("ListObjectVersions", "GET", ResourceLevel.Bucket, "s3:ListBucketVersions") { Subresource = "versions" },
        new("ListMultipartUploads", "GET", ResourceLevel.Bucket, "s3:ListBucketMultipartUploads") { Subresource = "uploads" },
        new("GetBucketLocation", "GET", ResourceLevel.Bucket, "s3:GetBucketLocation") { Subresource = "location" },
        new("HeadBucket", "HEAD", ResourceLevel.Bucket, "s3:ListBucket"),
        new("CreateBucket", "PUT", ResourceLevel.Bucket, "s3:CreateBucket"),
        new("DeleteBucket", "DELETE", ResourceLevel.Bucket, "s3:DeleteBucket"),
        new("DeleteObjects", "POST", ResourceLevel.Bucket, "s3:DeleteObject") { Subresource = "delete" },
        new("PostObject", "POST", ResourceLevel.Bucket, "s3:PutObject"),
        new("OptionsBucket", "OPTIONS", ResourceLevel.Bucket, ""),
        new("GetBucketAbac", "GET", ResourceLevel.Bucket, "s3:GetBucketABAC") { Subresource = "abac" },
        new("PutBucketAbac", "PUT", ResourceLevel.Bucket, "s3:PutBucketABAC") { Subresource = "abac" },
        new("GetBucketAccelerateConfiguration", "GET", ResourceLevel.Bucket, "s3:GetAccelerateConfiguration") { Subresource = "accelerate" },
        new("PutBucketAccelerateConfiguration", "PUT", ResourceLevel.Bucket, "s3:PutAccelerateConfiguration") { Subresource = "accelerate" },
        new("GetBucketAcl", "GET", ResourceLevel.Bucket, "s3:GetBucketAcl") { Subresource = "acl" },
        new("PutBucketAcl", "PUT", ResourceLevel.Bucket, "s3:PutBucketAcl") { Subresource = "acl" },
        new("GetBucketAnalyticsConfiguration", "GET", ResourceLevel.Bucket, "s3:GetAnalyticsConfiguration")
        { Subresource = "analytics", Parameter = "id" },
        new("ListBucketAnalyticsConfigurations", "GET", ResourceLevel.Bucket, "s3:GetAnalyticsConfiguration") { Subresource = "analytics" },
        new("PutBucketAnalyticsConfiguration", "PUT", ResourceLevel.Bucket, "s3:PutAnalyticsConfiguration") { Subresource = "analytics" },
        new("DeleteBucketAnalyticsConfiguration", "DELETE", ResourceLevel.Bucket, "s3:PutAnalyticsConfiguration") { Subresource = "analytics" },
        new("GetBucketCors", "GET", ResourceLevel.Bucket, "s3:GetBucketCORS") { Subresource = "cors" },
        new("PutBucketCors", "PUT", ResourceLevel.Bucket, "s3:PutBucketCORS") { Subresource = "cors" },
        new("DeleteBucketCors", "DELETE", ResourceLevel.Bucket, "s3:PutBucketCORS") { Subresource = "cors" },
        new("GetBucketEncryption", "GET", ResourceLevel.Bucket, "s3:GetEncryptionConfiguration") { Subresource = "encryption" },
        new("PutBucketEncryption", "PUT", ResourceLevel.Bucket, "s3:PutEncryptionConfiguration") { Subresource = "encryption" },
        new("DeleteBucketEncryption", "DELETE", ResourceLevel.Bucket, "s3:PutEncryptionConfiguration") { Subresource = "encryption" },
        new("GetBucketIntelligentTieringConfiguration", "GET", ResourceLevel.Bucket, "s3:GetIntelligentTieringConfiguration")
        { Subresource = "intelligent-tiering", Parameter = "id" },
        new("ListBucketIntelligentTieringConfigurations", "GET", ResourceLevel.Bucket, "s3:GetIntelligentTieringConfiguration")
        { Subresource = "intelligent-tiering" },
        new("PutBucketIntelligentTieringConfiguration", "PUT", ResourceLevel.Bucket, "s3:PutIntelligentTieringConfiguration")
        { Subresource = "intelligent-tiering" },
        new("DeleteBucketIntelligentTieringConfiguration", "DELETE", ResourceLevel.Bucket, "s3:PutIntelligentTieringConfiguration")
        { Subresource = "intelligent-tiering" },
        new("GetBucketInventoryConfiguration", "GET", ResourceLevel.Bucket, "s3:GetInventoryConfiguration")
        { Subresource = "inventory", Parameter = "id" },
        new("ListBucketInventoryConfigurations", "GET", ResourceLevel.Bucket, "s3:GetInventoryConfiguration") { Subresource = "inventory" },
        new("PutBucketInventoryConfiguration", "PUT", ResourceLevel.Bucket, "s3:PutInventoryConfiguration") { Subresource = "inventory" },
        new("DeleteBucketInventoryConfiguration", "DELETE", ResourceLevel.Bucket, "s3:PutInventoryConfiguration") { Subresource = "inventory" },
        new("GetBucketLifecycleConfiguration", "GET", ResourceLevel.Bucket, "s3:GetLifecycleConfiguration") { Subresource = "lifecycle" },
        new("PutBucketLifecycleConfiguration", "PUT", ResourceLevel.Bucket, "s3:PutLifecycleConfiguration") { Subresource = "lifecycle" },
        new("DeleteBucketLifecycle", "DELETE", ResourceLevel.Bucket, "s3:PutLifecycleConfiguration") { Subresource = "lifecycle" },
        new("GetBucketLifecycle", "GET", ResourceLevel.Bucket, "s3:GetLifecycleConfiguration")
        { Subresource = "lifecycle", AliasOf = "GetBucketLifecycleConfiguration" },
        new("PutBucketLifecycle", "PUT", ResourceLevel.Bucket, "s3:PutLifecycleConfiguration")
        { Subresource = "lifecycle", AliasOf = "PutBucketLifecycleConfiguration" },
        new("GetBucketLogging", "GET", ResourceLevel.Bucket, "s3:GetBucketLogging") { Subresource = "logging" },
        new("PutBucketLogging", "PUT", ResourceLevel.Bucket, "s3:PutBucketLogging") { Subresource = "logging" },
        new("CreateBucketMetadataConfiguration", "POST", ResourceLevel.Bucket, "s3:CreateBucketMetadataTableConfiguration")
        { Subresource = "metadataConfiguration" },
        new("GetBucketMetadataConfiguration", "GET", ResourceLevel.Bucket, "s3:GetBucketMetadataTableConfiguration")
        { Subresource = "metadataConfiguration" },
        new("DeleteBucketMetadataConfiguration", "DELETE", ResourceLevel.Bucket, "s3:DeleteBucketMetadataTableConfiguration")
        { Subresource = "metadataConfiguration" },
        new("CreateBucketMetadataTableConfiguration", "POST", ResourceLevel.Bucket, "s3:CreateBucketMetadataTableConfiguration")
        { Subresource = "metadataTable" },
        new("GetBucketMetadataTableConfiguration", "GET", ResourceLevel.Bucket, "s3:GetBucketMetadataTableConfiguration")
        { Subresource = "metadataTable" },
        new("DeleteBucketMetadataTableConfiguration", "DELETE", ResourceLevel.Bucket, "s3:DeleteBucketMetadataTableConfiguration")
        { Subresource = "metadataTable" },
        new("UpdateBucketMetadataInventoryTableConfiguration", "PUT", ResourceLevel.Bucket, "s3:UpdateBucketMetadataInventoryTableConfiguration")
        { Subresource = "metadataInventoryTable" },
        new("UpdateBucketMetadataJournalTableConfiguration", "PUT", ResourceLevel.Bucket, "s3:UpdateBucketMetadataJournalTableConfiguration")
        { Subresource = "metadataJournalTable" },
        new("GetBucketMetricsConfiguration", "GET", ResourceLevel.Bucket, "s3:GetMetricsConfiguration") { Subresource = "metrics", Parameter = "id" },
        new("ListBucketMetricsConfigurations", "GET", ResourceLevel.Bucket, "s3:GetMetricsConfiguration") { Subresource = "metrics" },
        new("PutBucketMetricsConfiguration", "PUT", ResourceLevel.Bucket, "s3:PutMetricsConfiguration") { Subresource = "metrics" },
        new("DeleteBucketMetricsConfiguration", "DELETE", ResourceLevel.Bucket, "s3:PutMetricsConfiguration") { Subresource = "metrics" },
        new("GetBucketNotificationConfiguration", "GET", ResourceLevel.Bucket, "s3:GetBucketNotification") { Subresource = "notification" },
        new("PutBucketNotificationConfiguration", "PUT", ResourceLevel.Bucket, "s3:PutBucketNotification") { Subresource = "notification" },
        new("GetBucketNotification", "GET", ResourceLevel.Bucket, "s3:GetBucketNotification")
        { Subresource = "notification", AliasOf = "GetBucketNotificationConfiguration" },
        new("PutBucketNotification", "PUT", ResourceLevel.Bucket, "s3:PutBucketNotification")
        { Subresource = "notification", AliasOf = "PutBucketNotificationConfiguration" },
        new("GetObjectLockConfiguration", "GET", ResourceLevel.Bucket, "s3:GetBucketObjectLockConfiguration") { Subresource = "object-lock" },
        new("PutObjectLockConfiguration", "PUT", ResourceLevel.Bucket, "s3:PutBucketObjectLockConfiguration") { Subresource = "object-lock" },
        new("GetBucketOwnershipControls", "GET", ResourceLevel.Bucket, "s3:GetBucketOwnershipControls") { Subresource = "ownershipControls" },
        new("PutBucketOwnershipControls", "PUT", ResourceLevel.Bucket, "s3:PutBucketOwnershipControls") { Subresource = "ownershipControls" },
        new("DeleteBucketOwnershipControls", "DELETE", ResourceLevel.Bucket, "s3:PutBucketOwnershipControls") { Subresource = "ownershipControls" },
        new("GetBucketPolicy", "GET", ResourceLevel.Bucket, "s3:GetBucketPolicy") { Subresource = "policy" },
        new("PutBucketPolicy", "PUT", ResourceLevel.Bucket, "s3:PutBucketPolicy") { Subresource = "policy" },
        new("DeleteBucketPolicy", "DELETE", ResourceLevel.Bucket, "s3:DeleteBucketPolicy") { Subresource = "policy" },
        new("GetBucketPolicyStatus", "GET", ResourceLevel.Bucket, "s3:GetBucketPolicyStatus") { Subresource = "policyStatus" },
        new("GetPublicAccessBlock", "GET", ResourceLevel.Bucket, "s3:GetBucketPublicAccessBlock") { Subresource = "publicAccessBlock" },
        new("PutPublicAccessBlock", "PUT", ResourceLevel.Bucket, "s3:PutBucketPublicAccessBlock") { Subresource = "publicAccessBlock" },
        new("DeletePublicAccessBlock", "DELETE", ResourceLevel.Bucket, "s3:PutBucketPublicAccessBlock") { Subresource = "publicAccessBlock" },
        new("GetBucketReplication", "GET", ResourceLevel.Bucket, "s3:GetReplicationConfiguration") { Subresource = "replication" },
        new("PutBucketReplication", "PUT", ResourceLevel.Bucket, "s3:PutReplicationConfiguration") { Subresource = "replication" },
        new("DeleteBucketReplication", "DELETE", ResourceLevel.Bucket, "s3:PutReplicationConfiguration") { Subresource = "replication" },
        new("GetBucketRequestPayment", "GET", ResourceLevel.Bucket, "s3:GetBucketRequestPayment") { Subresource = "requestPayment" },
        new("PutBucketRequestPayment", "PUT", ResourceLevel.Bucket, "s3:PutBucketRequestPayment") { Subresource = "requestPayment" },
        new("GetBucketTagging", "GET", ResourceLevel.Bucket, "s3:GetBucketTagging") { Subresource = "tagging" },
        new("PutBucketTagging", "PUT", ResourceLevel.Bucket, "s3:PutBucketTagging") { Subresource = "tagging" },
        new("DeleteBucketTagging", "DELETE", ResourceLevel.Bucket, "s3:PutBucketTagging") { Subresource = "tagging" },
        new("GetBucketVersioning", "GET", ResourceLevel.Bucket, "s3:GetBucketVersioning") { Subresource = "versioning" },
        new("PutBucketVersioning", "PUT", ResourceLevel.Bucket, "s3:PutBucketVersioning") { Subresource = "versioning" },
        new("GetBucketWebsite", "GET", ResourceLevel.Bucket, "s3:GetBucketWebsite") { Subresource = "website" },
        new("PutBucketWebsite", "PUT", ResourceLevel.Bucket, "s3:PutBucketWebsite") { Subresource = "website" },
        new("DeleteBucketWebsite", "DELETE", ResourceLevel.Bucket, "s3:DeleteBucketWebsite") { Subresource = "website" },
        new("GetObject", "GET", ResourceLevel.Object, "s3:GetObject"),
        new("HeadObject", "HEAD", ResourceLevel.Object, "s3:GetObject"),
        new("UploadPartCopy", "PUT", ResourceLevel.Object, "s3:PutObject")
        { Subresource = "uploadId", Parameter = "partNumber", Header = "x-amz-copy-source" },
        new("UploadPart", "PUT", ResourceLevel.Object, "s3:PutObject") { Subresource = "uploadId", Parameter = "partNumber" },
        new("CopyObject", "PUT", ResourceLevel.Object, "s3:PutObject") { Header = "x-amz-copy-source" },
        new("PutObject", "PUT", ResourceLevel.Object, "s3:PutObject"),
        new("DeleteObject", "DELETE", ResourceLevel.Object, "s3:DeleteObject"),
        new("OptionsObject", "OPTIONS", ResourceLevel.Object, ""),
        new("CreateMultipartUpload", "POST", ResourceLevel.Object, "s3:PutObject") { Subresource = "uploads" },
        new("CompleteMultipartUpload", "POST", ResourceLevel.Object, "s3:PutObject") { Subresource = "uploadId" },
        new("AbortMultipartUpload", "DELETE", ResourceLevel.Object, "s3:AbortMultipartUpload") { Subresource = "uploadId" },
        new("ListParts", "GET", ResourceLevel.Object, "s3:ListMultipartUploadParts") { Subresource = "uploadId" },
        new("GetObjectAttributes", "GET", ResourceLevel.Object, "s3:GetObjectAttributes") { Subresource = "attributes" },
        new("GetObjectAcl", "GET", ResourceLevel.Object, "s3:GetObjectAcl") { Subresource = "acl" },
        new("PutObjectAcl", "PUT", ResourceLevel.Object, "s3:PutObjectAcl") { Subresource = "acl" },
        new("UpdateObjectEncryption", "PUT", ResourceLevel.Object, "s3:UpdateObjectEncryption") { Subresource = "encryption" },
        new("GetObjectLegalHold", "GET", ResourceLevel.Object, "s3:GetObjectLegalHold") { Subresource = "legal-hold" },
        new("PutObjectLegalHold", "PUT", ResourceLevel.Object, "s3:PutObjectLegalHold") { Subresource = "legal-hold" },
        new("RenameObject", "PUT", ResourceLevel.Object, "s3express:CreateSession") { Subresource = "renameObject" },
        new("RestoreObject", "POST", ResourceLevel.Object, "s3:RestoreObject") { Subresource = "restore" },
        new("GetObjectRetention", "GET", ResourceLevel.Object, "s3:GetObjectRetention") { Subresource = "retention" },
        new("PutObjectRetention", "PUT", ResourceLevel.Object, "s3:PutObjectRetention") { Subresource = "retention" },
        new("SelectObjectContent", "POST", ResourceLevel.Object, "s3:GetObject") { Subresource = "select" },
        new("GetObjectTagging", "GET", ResourceLevel.Object, "s3:GetObjectTagging") { Subresource = "tagging" },
        new("PutObjectTagging", "PUT", ResourceLevel.Object, "s3:PutObjectTagging") { Subresource = "tagging" },
        new("DeleteObjectTagging", "DELETE", ResourceLevel.Object, "s3:DeleteObjectTagging") { Subresource = "tagging" },
        new("GetObjectTorrent", "GET", ResourceLevel.Object, "s3:GetObjectTorrent") { Subresource = "torrent" },
        new("WriteGetObjectResponse", "POST", ResourceLevel.Service, "s3-object-lambda:WriteGetObjectResponse")
        { Header = "x-amz-request-route" },
    ];

    private static readonly Dictionary<string, Operation> ByName = All.ToDictionary(o => o.Name);

    /// <exception cref="KeyNotFoundException">S3 has no such operation.</exception>
    public static Operation Named(string name) => ByName[name];
}
