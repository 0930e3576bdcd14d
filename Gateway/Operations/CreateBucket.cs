using OrleansDfs.Abstractions;
using OrleansDfs.Gateway.Access;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>
/// CreateBucket. One's own bucket again answers 200 in us-east-1, as AWS's oldest region does and as clients rely on; elsewhere 409.
/// </summary>
static class CreateBucket
{
    const string OldestRegion = "us-east-1";
    const string LockHeader = "x-amz-bucket-object-lock-enabled";

    /// <summary>AWS since April 2023: all four settings are on.</summary>
    const string EverythingBlocked =
        "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>"
        + "<BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>";

    public static async Task Handle(S3Request request)
    {
        // No label of a host name ends or begins with a hyphen: such a bucket could not be called by its host.
        if (request.BucketName.Value.Contains("-.", StringComparison.Ordinal) || request.BucketName.Value.Contains(".-", StringComparison.Ordinal))
            throw new S3Exception(ErrorCode.InvalidBucketName, null, ("BucketName", request.BucketName.Value));
        var settings = await Settings(request);
        var document = CreateBucketRequest.Parse(await request.ReadDocument(CreateBucketRequest.MaxBytes));
        CheckLocation(document.LocationConstraint, request.Backend.Settings.Region);
        if (document.Tags.Count > 0) settings[PutBucketTagging.Setting] = PutBucketTagging.Document(document.Tags);

        var created = await request.Grains.Bucket(request.BucketName).Create(
            new Abstractions.CreateBucket(request.User.Name, request.Backend.Settings.Region, WantsLock(request.Headers), settings));
        if (created.Status == DfsStatus.BucketAlreadyExists)
        {
            ThrowUnlessRepeatable(request, created, document.Tags.Count > 0);
            await ResetAcl(request, created.Bucket!, settings);
        }
        else created.Status.ThrowUnlessOk();
        request.Backend.Buckets.Forget(request.BucketName);
        request.Set("Location", "/" + request.BucketName);
        request.Set(BucketResults.ArnHeader, BucketResults.Arn(request.BucketName));
        request.Empty();
    }

    static bool WantsLock(RequestHeaders headers) => headers[LockHeader]?.ToLowerInvariant() switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw S3Exception.InvalidArgument($"Invalid value for {LockHeader}.", LockHeader, headers[LockHeader]!),
    };

    /// <param name="wantsTags">Then AWS repeats nothing, whether they are the same or not.</param>
    static void ThrowUnlessRepeatable(S3Request request, BucketResult created, bool wantsTags)
    {
        var details = ("BucketName", request.BucketName.Value);
        if (created.Bucket?.Owner != request.User.Name) throw new S3Exception(ErrorCode.BucketAlreadyExists, null, details);
        if (wantsTags || request.Backend.Settings.Region != OldestRegion) throw new S3Exception(ErrorCode.BucketAlreadyOwnedByYou, null, details);
    }

    /// <summary>AWS, CreateBucket: one's own bucket made again in us-east-1 "resets the bucket access control lists".</summary>
    static async Task ResetAcl(S3Request request, BucketInfo bucket, Dictionary<string, string> wanted)
    {
        var acl = wanted.GetValueOrDefault(BucketAcl.Setting);
        for (var attempt = 1; ; attempt++)
        {
            if (!BucketOwnership.AllowsAcls(bucket) || bucket.Settings.GetValueOrDefault(BucketAcl.Setting) == acl) return;
            AclRules.CheckPublic(bucket, BucketAcl.Kept(bucket with { Settings = wanted }));
            var change = new Dictionary<string, string?> { [BucketAcl.Setting] = acl };
            var changed = await request.Grains.Bucket(bucket.Name).Change(new ChangeBucket(bucket.Ref, null, change));
            if (changed.Status != DfsStatus.BucketChanged || attempt == S3Request.BucketAttempts)
            {
                changed.Status.ThrowUnlessOk();
                return;
            }
            var found = await request.Backend.Buckets.Load(bucket.Name, request.Cancellation); // another made it again at the same time
            found.Status.ThrowUnlessOk();
            if (found.Bucket!.Owner != request.User.Name)
                throw new S3Exception(ErrorCode.BucketAlreadyExists, null, ("BucketName", bucket.Name.Value));
            bucket = found.Bucket;
        }
    }

    static async Task<string?> Acl(S3Request request, string ownership, bool blocksPublic)
    {
        if (AclRequest.Read(request.Headers, ofObject: false) is not { } asked) return null;
        var owner = request.User.Name;
        if (ownership == BucketOwnership.Enforced && !AclRules.SaysNothing(asked, owner))
            throw new S3Exception(ErrorCode.InvalidBucketAclWithObjectOwnership);
        asked = await request.ResolveGrantees(asked, owner);
        var list = asked.Canned?.OnBucket(owner) ?? new AccessControlList(asked.Grants);
        if (blocksPublic && list.IsPublic) throw new S3Exception(ErrorCode.InvalidBucketAclWithBlockPublicAccessError);
        return BucketAcl.Document(owner, list);
    }

    static async Task<Dictionary<string, string>> Settings(S3Request request)
    {
        var given = request.Headers["x-amz-object-ownership"];
        if (given is not (null or BucketOwnership.Enforced or BucketOwnership.Preferred or BucketOwnership.Writer))
            throw S3Exception.InvalidArgument($"Invalid x-amz-object-ownership header: {given}", "x-amz-object-ownership", given);
        var legacy = request.Backend.Settings.LegacyBucketDefaults;
        var ownership = given ?? (legacy ? BucketOwnership.Writer : BucketOwnership.Enforced);
        var settings = new Dictionary<string, string> { [BucketOwnership.Setting] = BucketOwnership.Document(ownership) };
        if (!legacy) settings[PublicAccessBlock.Setting] = EverythingBlocked;
        if (await Acl(request, ownership, blocksPublic: !legacy) is { } acl) settings[BucketAcl.Setting] = acl;
        return settings;
    }

    /// <summary>us-east-1 takes no constraint or the old name of Europe; every other region wants its own name.</summary>
    static void CheckLocation(string? constraint, string region)
    {
        if (constraint is null || constraint == region)
        {
            if (constraint is null && region != OldestRegion)
                throw new S3Exception(ErrorCode.IllegalLocationConstraintException);
            return;
        }
        if (constraint.Length == 0 && region == OldestRegion) return;
        throw Regions.IsKnown(constraint)
            ? new S3Exception(ErrorCode.IllegalLocationConstraintException,
                $"The {constraint} location constraint is incompatible for the region specific endpoint this request was sent to.")
            : new S3Exception(ErrorCode.InvalidLocationConstraint, null, ("LocationConstraint", constraint));
    }
}
