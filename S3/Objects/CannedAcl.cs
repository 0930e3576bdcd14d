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
    /// <summary>Reads x-amz-acl. Whether it may be used, and what it grants, is the gateway's decision.</summary>
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
        var other => throw new S3Exception(ErrorCode.InvalidArgument, null, ("ArgumentName", "x-amz-acl"), ("ArgumentValue", other)),
    };
}
