using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>Version ids as S3 shows them: 16 hexadecimal digits, or <c>null</c> for what was written while the bucket was not versioned.</summary>
static class Versions
{
    public const string Null = "null";

    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static VersionSelector Parse(string? text)
    {
        if (text is null) return VersionSelector.Current;
        if (text.Length == 0) throw S3Exception.InvalidArgument("Version id cannot be the empty string", "versionId", text);
        if (text == Null) return new VersionSelector(null, true);
        return VersionId.TryParse(text, out var version)
            ? new VersionSelector(version, false)
            : throw S3Exception.InvalidArgument("Invalid version id specified", "versionId", text);
    }

    public static string Show(VersionId version, bool isNull) => isNull ? Null : version.ToString();

    /// <summary>The header is there only in buckets that are or were versioned.</summary>
    public static void ShowVersion(this HttpResponse response, BucketInfo bucket, VersionId version, bool isNull)
    {
        if (bucket.Versioning != Versioning.Unversioned) response.Headers["x-amz-version-id"] = Show(version, isNull);
    }
}
