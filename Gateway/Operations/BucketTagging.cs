using System.Buffers;
using System.Text;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>GetBucketTagging.</summary>
static class GetBucketTagging
{
    public static async Task Handle(S3Request request)
    {
        var document = await BucketDocuments.Read(request, PutBucketTagging.Setting)
            ?? throw new S3Exception(ErrorCode.NoSuchTagSet, null, ("BucketName", request.BucketName.Value));
        var tags = TaggingRequest.Parse(Encoding.UTF8.GetBytes(document), Tags.MaxBucketTags);
        request.Xml(output => BucketResults.WriteTagging(output, tags));
    }
}

/// <summary>PutBucketTagging. No tags at all are the same as a deletion, as on AWS.</summary>
static class PutBucketTagging
{
    public const string Setting = "tagging";

    public static async Task Handle(S3Request request)
    {
        var tags = TaggingRequest.Parse(await request.ReadDocument(TaggingRequest.MaxBytes), Tags.MaxBucketTags);
        await BucketDocuments.Change(request, Setting, tags.Count == 0 ? null : Document(tags));
        request.Empty(StatusCodes.Status204NoContent);
    }

    /// <summary>What is kept: our own writing of what was understood, not the client's bytes.</summary>
    public static string Document(IReadOnlyDictionary<string, string> tags)
    {
        var document = new ArrayBufferWriter<byte>();
        BucketResults.WriteTagging(document, tags);
        return Encoding.UTF8.GetString(document.WrittenSpan);
    }
}

/// <summary>DeleteBucketTagging.</summary>
static class DeleteBucketTagging
{
    public static async Task Handle(S3Request request)
    {
        await BucketDocuments.Change(request, PutBucketTagging.Setting, null);
        request.Empty(StatusCodes.Status204NoContent);
    }
}
