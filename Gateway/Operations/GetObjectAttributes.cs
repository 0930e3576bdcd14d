using OrleansDfs.Abstractions;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>GetObjectAttributes: what HeadObject and ListParts would tell, in one document.</summary>
static class GetObjectAttributes
{
    public static async Task Handle(S3Request request)
    {
        var asked = ObjectAttributes.Read(request.Headers);
        var selector = request.Version;
        var opened = await request.OpenVersion();
        if (opened.Status == DfsStatus.DeleteMarker) throw OpenedFile.Marker(request, opened.Version, selector);
        opened.Status.ThrowUnlessOk();
        var version = opened.Version!;
        OpenedFile.RequireKey(request, version);
        Model.VersionPart[] parts = [];
        if (version.PartCount > 0 && asked.Wanted.Contains(ObjectAttributes.ObjectParts))
        {
            var found = await request.ReadOnBucket(
                bucket => request.Grains.File(bucket.Id, request.Key).Parts(version.Version, request.Cancellation), result => result.Status);
            found.Status.ThrowUnlessOk();
            parts = found.Parts;
        }
        request.Set("Last-Modified", HttpDate.Format(version.LastModified));
        request.Response.ShowVersion(request.Bucket, version.Version, version.IsNull);
        request.Xml(output => asked.Write(output, version, parts));
    }
}
