using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>ListObjectVersions; in a bucket that never had versions it shows the one of each file as <c>null</c>.</summary>
static class ListObjectVersions
{
    public static async Task Handle(S3Request request)
    {
        var parameters = ListVersionsParameters.Read(request.Query);
        var page = await Page(request, parameters);
        request.Xml(output => ListResults.WriteVersions(output, request.BucketName, parameters, page));
    }

    static async Task<VersionPage> Page(S3Request request, ListVersionsParameters parameters)
    {
        var common = parameters.Common;
        if (common.MaxKeys == 0) return new VersionPage([], [], null, null);
        var after = parameters.AfterVersion.IsNull ? await NullVersion(request, parameters.KeyMarker) : parameters.AfterVersion.Id;
        var listed = await request.ReadOnBucket(
            bucket => request.Grains.Listing().Versions(
                new ListVersionsRequest(bucket.Ref, common.Prefix, common.Delimiter, parameters.KeyMarker, after, common.MaxKeys),
                request.Cancellation),
            result => result.Status);
        listed.Status.ThrowUnlessOk();
        return listed.Page!;
    }

    /// <summary>The number of the version that a client calls <c>null</c> in its marker; our own markers carry the number.</summary>
    static async Task<VersionId?> NullVersion(S3Request request, string keyMarker)
    {
        var key = Keys.Parse(keyMarker);
        var opened = await request.ReadOnBucket(
            bucket => request.Grains.File(bucket.Id, key)
                .Open(new OpenFile(bucket.Ref, Versions.Parse("null"), WithoutManifest: true), request.Cancellation),
            result => result.Status);
        return opened.Version?.Version;
    }
}
