using System.Runtime.CompilerServices;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>
/// What answers tell of a bucket's lifecycle: when a file or an upload will end. Told by the calendar, also where a silo was given shorter days for a
/// test.
/// </summary>
static class BucketLifecycle
{
    static readonly ConditionalWeakTable<BucketInfo, LifecycleEvaluation> _parsed = [];

    /// <summary>Sets <c>x-amz-expiration</c> for a current version that a rule will end.</summary>
    public static void AnnounceExpiration(this S3Request request, FileVersion version)
    {
        if (!version.IsCurrent || version.IsDeleteMarker || Of(request.Bucket) is not { } lifecycle) return;
        var file = new LifecycleFile(version.Key.Value, version.Size, false, version.Tags);
        if (lifecycle.Expiry(file, version.LastModified) is { } expiry) request.Set("x-amz-expiration", LifecycleResults.Expiration(expiry));
    }

    /// <summary>Sets <c>x-amz-abort-date</c> and <c>x-amz-abort-rule-id</c> for an upload in progress.</summary>
    public static void AnnounceAbort(this S3Request request, ObjectKey key, DateTimeOffset initiated)
    {
        if (Of(request.Bucket)?.Abort(key.Value, initiated) is not { } abort) return;
        request.Set("x-amz-abort-date", HttpDate.Format(abort.At));
        request.Set("x-amz-abort-rule-id", LifecycleResults.EncodedRule(abort));
    }

    static LifecycleEvaluation? Of(BucketInfo bucket) => bucket.Settings.TryGetValue(LifecycleConfiguration.Setting, out var json)
        ? _parsed.GetValue(bucket, _ => new LifecycleEvaluation(LifecycleConfiguration.FromJson(json), LifecycleCalendar.Utc))
        : null;
}
