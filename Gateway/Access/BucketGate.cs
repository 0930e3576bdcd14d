using OrleansDfs.Abstractions;
using OrleansDfs.Client;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Access;

/// <summary>A bucket that was authorised.</summary>
/// <param name="Opened">The file as it was when it decided, where the decision depended on it: what is then served or changed must be this and no
/// other.</param>
sealed record Entered(BucketInfo Bucket, OpenFileResult? Opened);

/// <summary>From what is asked and a bucket's name to the bucket, authorised.</summary>
sealed class BucketGate(BucketCache buckets, ClusterGrains grains)
{
    /// <summary>Tries when the bucket changes while a file is looked at.</summary>
    const int Attempts = S3Request.BucketAttempts;

    /// <param name="fresh">What is remembered is known to be stale.</param>
    /// <exception cref="S3Exception">NoSuchBucket, AccessDenied.</exception>
    public async ValueTask<Entered> Enter(AccessRequest asked, BucketName name, bool fresh, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var bucket = await Find(name, fresh, cancellation);
            if (!Authorization.NeedsFile(asked, bucket))
            {
                Authorization.Require(asked, bucket, null);
                return new Entered(bucket, null);
            }
            var opened = await Open(asked, bucket, cancellation);
            if (opened.Status == DfsStatus.BucketChanged && attempt < Attempts)
            {
                fresh = true;
                continue;
            }
            if (opened.Status is not (DfsStatus.Ok or DfsStatus.NoSuchKey or DfsStatus.NoSuchVersion or DfsStatus.DeleteMarker))
                throw opened.Status.ToException();
            Authorization.Require(asked, bucket, opened.Version);
            return new Entered(bucket, opened);
        }
    }

    /// <summary>
    /// The version asked for: the one that was judged where the decision depended on it, or else as it is now. A bucket that changed meanwhile is
    /// entered again.
    /// </summary>
    /// <exception cref="S3Exception">NoSuchBucket, AccessDenied.</exception>
    public async ValueTask<(Entered Entered, OpenFileResult File)> Open(AccessRequest asked, Entered entered, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (entered.Opened is { } judged) return (entered, judged);
            var opened = await Open(asked, entered.Bucket, cancellation);
            if (opened.Status is not (DfsStatus.BucketChanged or DfsStatus.NoSuchBucket) || attempt == Attempts) return (entered, opened);
            entered = await Enter(asked, entered.Bucket.Name, fresh: true, cancellation);
        }
    }

    /// <summary><c>x-amz-expected-bucket-owner</c>: a client that named the wrong owner must not touch the bucket.</summary>
    /// <exception cref="S3Exception">AccessDenied; InvalidBucketOwnerAWSAccountID for what is no account's id: those are 12 digits or, here, a
    /// user's name.</exception>
    public static void CheckExpectedOwner(BucketInfo bucket, string? expected)
    {
        if (expected is null || expected == bucket.Owner) return;
        var mayBe = expected.All(char.IsAsciiDigit) ? expected.Length == 12 : expected == "root" || AccountRules.IsUserName(expected);
        throw mayBe
            ? new S3Exception(ErrorCode.AccessDenied)
            : new S3Exception(ErrorCode.InvalidBucketOwnerAWSAccountID, $"{ErrorCode.InvalidBucketOwnerAWSAccountID.Message}... [{expected}]");
    }

    async ValueTask<BucketInfo> Find(BucketName name, bool fresh, CancellationToken cancellation)
    {
        var found = fresh ? await buckets.Load(name, cancellation) : await buckets.Find(name, cancellation);
        if (found.Status == DfsStatus.NoSuchBucket) throw new S3Exception(ErrorCode.NoSuchBucket, null, ("BucketName", name.Value));
        found.Status.ThrowUnlessOk();
        return found.Bucket!;
    }

    Task<OpenFileResult> Open(AccessRequest asked, BucketInfo bucket, CancellationToken cancellation)
    {
        OpenFile open;
        try
        {
            open = asked.ReadsBytes
                ? new OpenFile(bucket.Ref, Versions.Parse(asked.Version), PagesUpTo: RecordLayout.PageSize)
                : new OpenFile(bucket.Ref, Versions.Parse(asked.Version), WithoutManifest: true);
        }
        catch (S3Exception)
        {
            return Task.FromResult(new OpenFileResult(DfsStatus.NoSuchVersion, null, null)); // 400 is not before 403: the handler says it
        }
        return grains.ReadAsync(() => grains.File(bucket.Id, asked.Key!.Value).Open(open, cancellation), cancellation);
    }
}
