using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>GetObjectTagging.</summary>
static class GetObjectTagging
{
    public static async Task Handle(S3Request request)
    {
        var selector = request.Version;
        var opened = await request.OpenVersion();
        if (opened.Status == DfsStatus.DeleteMarker) throw OpenedFile.Marker(request, opened.Version, selector);
        opened.Status.ThrowUnlessOk();
        var version = opened.Version!;
        request.Response.ShowVersion(request.Bucket, version.Version, version.IsNull);
        request.Xml(output => BucketResults.WriteTagging(output, version.Tags));
    }
}

/// <summary>PutObjectTagging: all tags of one version at once. The version's revision rises (P20); its bytes, ETag and time stay.</summary>
static class PutObjectTagging
{
    public static async Task Handle(S3Request request)
    {
        var selector = request.Version; // a bad id is refused before the body is taken
        var tags = TaggingRequest.Parse(await request.ReadDocument(TaggingRequest.MaxBytes), Tags.MaxObjectTags);
        await Set(request, selector, new Dictionary<string, string>(tags));
        request.Empty();
    }

    public static async Task Set(S3Request request, Abstractions.VersionSelector selector, Dictionary<string, string> tags)
    {
        var changed = await request.ChangeVersion(opens: false, (bucket, _, judged) => request.Grains.File(bucket.Id, request.Key)
            .Change(new ChangeFile(bucket.Ref, judged.Selector, tags) { Revision = judged.Revision }));
        if (changed.Status == DfsStatus.DeleteMarker) throw OpenedFile.Marker(request, changed.Version, selector);
        changed.Status.ThrowUnlessOk();
        request.Response.ShowVersion(request.Bucket, changed.Version!.Version, changed.Version.IsNull);
    }
}

/// <summary>DeleteObjectTagging. A version without tags is no error.</summary>
static class DeleteObjectTagging
{
    public static async Task Handle(S3Request request)
    {
        await PutObjectTagging.Set(request, request.Version, []);
        request.Empty(StatusCodes.Status204NoContent);
    }
}
