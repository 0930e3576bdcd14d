using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using Requested = OrleansDfs.S3.VersionSelector;

namespace OrleansDfs.Gateway;

/// <summary>Version ids between requests, grains and answers.</summary>
static class Versions
{
    /// <exception cref="S3.S3Exception">InvalidArgument.</exception>
    public static VersionSelector Parse(string? text) => Requested.Parse(text).ToGrain();

    public static VersionSelector ToGrain(this Requested requested) => new(requested.Id, requested.IsNull);

    /// <summary>S3 shows version ids only in buckets that are or were versioned.</summary>
    public static bool ShowsVersions(this BucketInfo bucket) => bucket.Versioning != Versioning.Unversioned;

    public static void ShowVersion(this HttpResponse response, BucketInfo bucket, VersionId version, bool isNull, string header = "x-amz-version-id")
    {
        if (bucket.ShowsVersions()) response.Headers[header] = Requested.Show(version, isNull);
    }
}
