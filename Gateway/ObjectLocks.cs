using System.Text;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>What Object Lock asks of a request, before the catalog decides.</summary>
static class ObjectLocks
{
    /// <summary>Name of the bucket's document.</summary>
    public const string Setting = "object-lock";

    /// <summary>The properties of what is written, with the lock that the request or the bucket puts on it.</summary>
    /// <exception cref="S3Exception">InvalidRequest where the bucket has no Object Lock or the upload no checksum; InvalidArgument.</exception>
    public static FileProperties On(S3Request request, FileProperties properties)
    {
        var (retention, hold) = ObjectLock.ReadHeaders(request.Headers, request.Backend.Time.GetUtcNow());
        if (ObjectLock.IsAsked(request.Headers)) Require(request.Bucket); // what no bucket takes is said first, as on AWS
        return properties with { Retention = retention, LegalHold = hold, DefaultRetention = Default(request.Bucket) };
    }

    /// <summary>P17: of the bucket as the commit will find it, so it is asked anew whenever the bucket was loaded again.</summary>
    public static RetentionPeriod? Default(BucketInfo bucket) => bucket.ObjectLock ? Rule(bucket)?.Period : null;

    /// <summary>
    /// AWS: "The Content-MD5 or x-amz-sdk-checksum-algorithm header is required for any request to upload an object with a retention period".
    /// </summary>
    /// <exception cref="S3Exception">InvalidRequest.</exception>
    public static void RequireIntegrity(S3Request request, FileProperties properties)
    {
        if (properties.Retention is null && properties.DefaultRetention is null && properties.LegalHold is null) return;
        var headers = request.Headers;
        if (headers.Contains("Content-MD5") || headers.Contains("x-amz-sdk-checksum-algorithm") || headers.Contains("x-amz-trailer")
            || headers.Lines.Any(line => line.Key.StartsWith("x-amz-checksum-", StringComparison.OrdinalIgnoreCase))) return;
        throw new S3Exception(ErrorCode.InvalidRequest,
            "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters");
    }

    /// <exception cref="S3Exception">InvalidRequest.</exception>
    public static void Require(BucketInfo bucket)
    {
        if (!bucket.ObjectLock) throw new S3Exception(ErrorCode.InvalidRequest, "Bucket is missing Object Lock Configuration");
    }

    /// <summary>The default retention; <c>null</c>: none.</summary>
    public static ObjectLockRule? Rule(BucketInfo bucket) =>
        bucket.Settings.TryGetValue(Setting, out var document) ? ObjectLock.ParseConfiguration(Encoding.UTF8.GetBytes(document)) : null;

    /// <summary>Whether a retention in governance mode is to be bypassed; that this is allowed was judged with the request.</summary>
    /// <exception cref="S3Exception">InvalidArgument as AWS, where there is nothing to bypass.</exception>
    public static bool ReadBypass(S3Request request)
    {
        if (request.Headers[ObjectLock.BypassHeader] is { } bypass && !request.Bucket.ObjectLock)
            throw S3Exception.InvalidArgument(
                "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.", ObjectLock.BypassHeader, bypass);
        return ObjectLock.ReadBypass(request.Headers);
    }
}
