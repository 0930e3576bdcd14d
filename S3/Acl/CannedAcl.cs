namespace OrleansDfs.S3;

/// <summary>Canned ACLs (AWS, "Access control list (ACL) overview").</summary>
public enum CannedAcl
{
    Private,
    PublicRead,
    PublicReadWrite,
    AuthenticatedRead,
    AwsExecRead,
    BucketOwnerRead,
    BucketOwnerFullControl,
    LogDeliveryWrite,
}

public static class CannedAcls
{
    /// <summary>Reads x-amz-acl.</summary>
    /// <exception cref="S3Exception">InvalidArgument: no such ACL.</exception>
    public static CannedAcl? Read(RequestHeaders headers) => headers["x-amz-acl"] switch
    {
        null => null,
        "private" => CannedAcl.Private,
        "public-read" => CannedAcl.PublicRead,
        "public-read-write" => CannedAcl.PublicReadWrite,
        "authenticated-read" => CannedAcl.AuthenticatedRead,
        "aws-exec-read" => CannedAcl.AwsExecRead,
        "bucket-owner-read" => CannedAcl.BucketOwnerRead,
        "bucket-owner-full-control" => CannedAcl.BucketOwnerFullControl,
        "log-delivery-write" => CannedAcl.LogDeliveryWrite,
        var other => throw Unknown(other),
    };

    public static S3Exception Unknown(string value) =>
        new(ErrorCode.InvalidArgument, null, ("ArgumentName", "x-amz-acl"), ("ArgumentValue", value));

    /// <summary>What it grants on a bucket; the two that speak of a bucket's owner say nothing new there (AWS: "ignored").</summary>
    public static AccessControlList OnBucket(this CannedAcl canned, string owner) =>
        Make(owner, canned is CannedAcl.BucketOwnerRead or CannedAcl.BucketOwnerFullControl ? [] : Others(canned, owner));

    /// <summary>What it grants on an object. <c>log-delivery-write</c> is for buckets only.</summary>
    public static AccessControlList OnObject(this CannedAcl canned, string owner, string bucketOwner) =>
        Make(owner, canned is CannedAcl.BucketOwnerRead or CannedAcl.BucketOwnerFullControl
            && owner == bucketOwner ? [] : Others(canned, bucketOwner));

    private static AccessControlList Make(string owner, Grant[] others) =>
        new([new Grant(Grantee.User(owner), AclPermission.FullControl), .. others]);

    private static Grant[] Others(CannedAcl canned, string bucketOwner) => canned switch
    {
        CannedAcl.PublicRead => [new(Grantee.AllUsers, AclPermission.Read)],
        CannedAcl.PublicReadWrite => [new(Grantee.AllUsers, AclPermission.Read), new(Grantee.AllUsers, AclPermission.Write)],
        CannedAcl.AuthenticatedRead => [new(Grantee.AuthenticatedUsers, AclPermission.Read)],
        CannedAcl.AwsExecRead => [new(Grantee.User(Grantee.AwsExecId), AclPermission.Read)],
        CannedAcl.BucketOwnerRead => [new(Grantee.User(bucketOwner), AclPermission.Read)],
        CannedAcl.BucketOwnerFullControl => [new(Grantee.User(bucketOwner), AclPermission.FullControl)],
        CannedAcl.LogDeliveryWrite => [new(Grantee.LogDelivery, AclPermission.Write), new(Grantee.LogDelivery, AclPermission.ReadAcp)],
        _ => [],
    };
}
