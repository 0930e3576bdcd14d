using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Access;

/// <summary>From an identity and a bucket's name to the bucket, authorised.</summary>
sealed class BucketGate(BucketCache buckets)
{
    /// <param name="fresh">What is remembered is known to be stale.</param>
    /// <exception cref="S3Exception">NoSuchBucket, AccessDenied.</exception>
    public async ValueTask<BucketInfo> Enter(Identity identity, Operation operation, BucketName name, bool fresh, CancellationToken cancellation)
    {
        var found = fresh ? await buckets.Load(name, cancellation) : await buckets.Find(name, cancellation);
        if (found.Status == DfsStatus.NoSuchBucket) throw new S3Exception(ErrorCode.NoSuchBucket, null, ("BucketName", name.Value));
        found.Status.ThrowUnlessOk();
        Authorization.Require(identity, operation, found.Bucket!);
        return found.Bucket!;
    }

    /// <summary><c>x-amz-expected-bucket-owner</c>: a client that named the wrong owner must not touch the bucket.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public static void CheckExpectedOwner(BucketInfo bucket, string? expected)
    {
        if (expected is not null && expected != bucket.Owner) throw new S3Exception(ErrorCode.AccessDenied);
    }
}
