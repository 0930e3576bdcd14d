using System.Text;
using OrleansDfs.Abstractions;
using OrleansDfs.Gateway.Access;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>
/// Get, Put and DeleteBucketPolicy, GetBucketPolicyStatus. The document is kept as it was put. Only the bucket's owner and root come here: a policy
/// cannot hand itself to others (AWS answers 405 to who is not of the owner's account).
/// </summary>
static class BucketPolicies
{
    /// <summary>A little more than a policy may have, so that one too long is told so and not only cut off.</summary>
    const int MaxBytes = PolicyDocument.MaxBytes + 4096;

    public static async Task Get(S3Request request)
    {
        RequireOwner(request);
        var json = Encoding.UTF8.GetBytes(Document(request.Bucket));
        request.Response.ContentType = "application/json";
        request.Response.ContentLength = json.Length;
        await request.Response.BodyWriter.WriteAsync(json, request.Cancellation);
    }

    public static Task GetStatus(S3Request request)
    {
        Document(request.Bucket);
        var isPublic = BucketPolicy.Of(request.Bucket)!.IsPublic;
        request.Xml(output => AccessDocuments.WritePolicyStatus(output, isPublic));
        return Task.CompletedTask;
    }

    public static async Task Put(S3Request request)
    {
        RequireOwner(request);
        var json = await request.ReadDocument(MaxBytes);
        var policy = PolicyDocument.Parse(json, request.BucketName.Value);
        foreach (var user in policy.Users)
            if (await request.Grains.ReadAsync(() => request.Grains.Identity().FindUser(user, request.Cancellation), request.Cancellation) is null)
                throw new S3Exception(ErrorCode.MalformedPolicy, "Invalid principal in policy", ("Detail", user));
        var text = Encoding.UTF8.GetString(json); // the parser has refused what is no UTF-8
        await BucketSettings.Change(request, BucketPolicy.Setting, text, bucket =>
        {
            if (policy.IsPublic && PublicAccessBlock.Of(bucket).BlockPublicPolicy)
                throw new S3Exception(ErrorCode.AccessDenied,
                    "Access Denied: public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.");
        });
        request.Empty(StatusCodes.Status204NoContent);
    }

    public static async Task Delete(S3Request request)
    {
        RequireOwner(request);
        await BucketSettings.Change(request, BucketPolicy.Setting, null);
        request.Empty(StatusCodes.Status204NoContent);
    }

    static string Document(BucketInfo bucket) =>
        bucket.Settings.GetValueOrDefault(BucketPolicy.Setting)
            ?? throw new S3Exception(ErrorCode.NoSuchBucketPolicy, null, ("BucketName", bucket.Name.Value));

    static void RequireOwner(S3Request request)
    {
        if (request.Identity.User is { } user && (user.IsRoot || user.Name == request.Bucket.Owner)) return;
        throw new S3Exception(ErrorCode.MethodNotAllowed, null, ("Method", request.Http.Request.Method), ("ResourceType", "BUCKETPOLICY"));
    }
}

/// <summary>Changes of one setting of a bucket.</summary>
static class BucketSettings
{
    /// <param name="document"><c>null</c> removes it.</param>
    /// <param name="check">Judges the bucket as it is each time the change is tried: it may have changed.</param>
    public static Task Change(S3Request request, string setting, string? document, Action<BucketInfo>? check = null) =>
        ChangeBy(request, setting, bucket =>
    {
        check?.Invoke(bucket);
        return document;
    });

    /// <param name="document">For the bucket as it is each time the change is tried: it may have changed. <c>null</c> removes it.</param>
    public static async Task ChangeBy(S3Request request, string setting, Func<BucketInfo, string?> document)
    {
        var changed = await request.OnBucket(
            bucket => request.Grains.Bucket(bucket.Name).Change(
                new ChangeBucket(bucket.Ref, null, new Dictionary<string, string?> { [setting] = document(bucket) })),
            result => result.Status);
        request.Backend.Buckets.Forget(request.BucketName);
        changed.Status.ThrowUnlessOk();
    }
}
