using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>GetObjectTagging.</summary>
static class GetObjectTagging
{
    public static async Task Handle(S3Request request)
    {
        var version = await OpenedFile.Look(request);
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
        await OpenedFile.Change(request, selector, bucket => new ChangeFile(bucket.Ref, selector, new Dictionary<string, string>(tags)));
        request.Empty();
    }
}

/// <summary>DeleteObjectTagging. A version without tags is no error.</summary>
static class DeleteObjectTagging
{
    public static async Task Handle(S3Request request)
    {
        var selector = request.Version;
        await OpenedFile.Change(request, selector, bucket => new ChangeFile(bucket.Ref, selector, []));
        request.Empty(StatusCodes.Status204NoContent);
    }
}
