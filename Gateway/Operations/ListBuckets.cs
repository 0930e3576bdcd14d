using OrleansDfs.Abstractions;
using OrleansDfs.Gateway.Access;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>
/// ListBuckets: one's own; the root user owns what it made, as on AWS. Whom a policy lets list them sees all, for others' may be its to use.
/// </summary>
static class ListBuckets
{
    public static async Task Handle(S3Request request)
    {
        var user = Authorization.RequireUser(request.Identity, request.Operation);
        var parameters = ListBucketsParameters.Read(request.Query);
        if (parameters.Region is { } region && region != request.Backend.Settings.Region)
        {
            if (!Regions.IsKnown(region))
                throw new S3Exception(ErrorCode.InvalidArgument, $"Argument value {region} is not a valid AWS Region",
                    ("ArgumentName", "bucket-region"));
            request.Xml(output => BucketResults.WriteList(output, parameters, user.Name, [], null));
            return;
        }
        var owner = request.Identity.Policies.AreEmpty ? user.Name : null;
        var found = await request.Grains.ReadAsync(() => request.Grains.Listing().Buckets(
            owner, parameters.Prefix, parameters.After, parameters.MaxBuckets, request.Cancellation), request.Cancellation);
        found.Status.ThrowUnlessOk();
        var listed = Array.ConvertAll(found.Buckets, bucket => new ListedBucket(bucket.Name, bucket.Created, bucket.Region));
        request.Xml(output => BucketResults.WriteList(output, parameters, user.Name, listed, found.More ? listed[^1].Name.Value : null));
    }
}
