using System.Text;
using OrleansDfs.Gateway.Access;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>Get, Put and DeletePublicAccessBlock.</summary>
static class PublicAccessBlocks
{
    public static Task Get(S3Request request)
    {
        var block = PublicAccessBlock.Find(request.Bucket)
            ?? throw new S3Exception(ErrorCode.NoSuchPublicAccessBlockConfiguration, null, ("BucketName", request.BucketName.Value));
        request.Xml(output => AccessDocuments.WritePublicAccessBlock(output, block));
        return Task.CompletedTask;
    }

    public static async Task Put(S3Request request)
    {
        var document = await request.ReadDocument(AccessDocuments.MaxBytes);
        AccessDocuments.ParsePublicAccessBlock(document);
        await BucketSettings.Change(request, PublicAccessBlock.Setting, Encoding.UTF8.GetString(document));
        request.Empty();
    }

    public static async Task Delete(S3Request request)
    {
        await BucketSettings.Change(request, PublicAccessBlock.Setting, null);
        request.Empty(StatusCodes.Status204NoContent);
    }
}
