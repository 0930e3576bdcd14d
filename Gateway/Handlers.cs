using System.Collections.Frozen;
using OrleansDfs.Gateway.Operations;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>The one table from operations to what runs them. What is not here answers NotImplemented by its name.</summary>
static class Handlers
{
    /// <summary>The one operation on a bucket that is not there yet.</summary>
    public static readonly Operation CreateBucket = OperationTable.Named(nameof(Operations.CreateBucket));

    /// <summary>The one operation whose key and signature are in its body.</summary>
    public static readonly Operation PostObject = OperationTable.Named(nameof(Operations.PostObject));

    static readonly FrozenDictionary<string, Func<S3Request, Task>> _table = new Dictionary<string, Func<S3Request, Task>>
    {
        [nameof(ListBuckets)] = ListBuckets.Handle,
        [nameof(Operations.CreateBucket)] = Operations.CreateBucket.Handle,
        [nameof(HeadBucket)] = HeadBucket.Handle,
        [nameof(DeleteBucket)] = DeleteBucket.Handle,
        [nameof(GetBucketLocation)] = GetBucketLocation.Handle,
        [nameof(GetBucketVersioning)] = GetBucketVersioning.Handle,
        [nameof(PutBucketVersioning)] = PutBucketVersioning.Handle,
        ["GetBucketAcl"] = BucketAcls.Get,
        ["PutBucketAcl"] = BucketAcls.Put,
        [nameof(GetObjectAcl)] = GetObjectAcl.Handle,
        [nameof(PutObjectAcl)] = PutObjectAcl.Handle,
        ["GetBucketPolicy"] = BucketPolicies.Get,
        ["PutBucketPolicy"] = BucketPolicies.Put,
        ["DeleteBucketPolicy"] = BucketPolicies.Delete,
        ["GetBucketPolicyStatus"] = BucketPolicies.GetStatus,
        ["GetPublicAccessBlock"] = PublicAccessBlocks.Get,
        ["PutPublicAccessBlock"] = PublicAccessBlocks.Put,
        ["DeletePublicAccessBlock"] = PublicAccessBlocks.Delete,
        ["GetBucketOwnershipControls"] = BucketOwnershipControls.Get,
        ["PutBucketOwnershipControls"] = BucketOwnershipControls.Put,
        ["DeleteBucketOwnershipControls"] = BucketOwnershipControls.Delete,
        [nameof(ListObjects)] = ListObjects.Handle,
        [nameof(ListObjectsV2)] = ListObjectsV2.Handle,
        [nameof(ListObjectVersions)] = ListObjectVersions.Handle,
        [nameof(PutObject)] = PutObject.Handle,
        [nameof(Operations.PostObject)] = Operations.PostObject.Handle,
        [nameof(GetObject)] = GetObject.Handle,
        [nameof(HeadObject)] = HeadObject.Handle,
        [nameof(CopyObject)] = CopyObject.Handle,
        [nameof(DeleteObject)] = DeleteObject.Handle,
        [nameof(DeleteObjects)] = DeleteObjects.Handle,
        [nameof(CreateMultipartUpload)] = CreateMultipartUpload.Handle,
        [nameof(UploadPart)] = UploadPart.Handle,
        [nameof(UploadPartCopy)] = UploadPartCopy.Handle,
        [nameof(CompleteMultipartUpload)] = CompleteMultipartUpload.Handle,
        [nameof(AbortMultipartUpload)] = AbortMultipartUpload.Handle,
        [nameof(ListParts)] = ListParts.Handle,
        [nameof(ListMultipartUploads)] = ListMultipartUploads.Handle,
        [nameof(GetObjectAttributes)] = GetObjectAttributes.Handle,
        [nameof(GetBucketCors)] = GetBucketCors.Handle,
        [nameof(PutBucketCors)] = PutBucketCors.Handle,
        [nameof(DeleteBucketCors)] = DeleteBucketCors.Handle,
        [nameof(GetBucketLifecycleConfiguration)] = GetBucketLifecycleConfiguration.Handle,
        [nameof(PutBucketLifecycleConfiguration)] = PutBucketLifecycleConfiguration.Handle,
        [nameof(DeleteBucketLifecycle)] = DeleteBucketLifecycle.Handle,
        [nameof(GetObjectTagging)] = GetObjectTagging.Handle,
        [nameof(PutObjectTagging)] = PutObjectTagging.Handle,
        [nameof(DeleteObjectTagging)] = DeleteObjectTagging.Handle,
        [nameof(GetBucketTagging)] = GetBucketTagging.Handle,
        [nameof(PutBucketTagging)] = PutBucketTagging.Handle,
        [nameof(DeleteBucketTagging)] = DeleteBucketTagging.Handle,
        ["GetObjectLockConfiguration"] = ObjectLockConfiguration.Get,
        ["PutObjectLockConfiguration"] = ObjectLockConfiguration.Put,
        ["GetObjectRetention"] = ObjectRetention.Get,
        ["PutObjectRetention"] = ObjectRetention.Put,
        ["GetObjectLegalHold"] = ObjectLegalHold.Get,
        ["PutObjectLegalHold"] = ObjectLegalHold.Put,
        [nameof(GetBucketRequestPayment)] = GetBucketRequestPayment.Handle,
        [nameof(PutBucketRequestPayment)] = PutBucketRequestPayment.Handle,
        ["GetBucketEncryption"] = BucketEncryption.Get,
        ["PutBucketEncryption"] = BucketEncryption.Put,
        ["DeleteBucketEncryption"] = BucketEncryption.Delete,
    }.Concat(UnusedSettings.Reads).ToFrozenDictionary(entry => OperationTable.Named(entry.Key).Name, entry => entry.Value);

    /// <summary>
    /// It is answered with more than NotImplemented. Preflights have no handler here: <see cref="CrossOrigin"/> answers them before any signature.
    /// </summary>
    public static bool IsBuilt(Operation operation) => _table.ContainsKey(operation.Name) || operation.Method == HttpMethods.Options;

    public static Func<S3Request, Task>? Of(Operation operation) => _table.GetValueOrDefault(operation.Name);
}
