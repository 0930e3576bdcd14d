using System.Text;
using OrleansDfs.Gateway.Sse;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>
/// Get-, Put- and DeleteBucketEncryption: what new objects get that ask for nothing. A bucket without one stores them as they are, and says so: AWS
/// has encrypted all since 2023, here it is a choice.
/// </summary>
static class BucketEncryption
{
    public static Task Get(S3Request request)
    {
        if (!request.Bucket.Settings.TryGetValue(ObjectKeys.Setting, out var document))
            throw new S3Exception(ErrorCode.ServerSideEncryptionConfigurationNotFoundError, null, ("BucketName", request.BucketName.Value));
        var hasBucketKey = EncryptionDocument.Parse(Encoding.UTF8.GetBytes(document));
        request.Xml(output => EncryptionDocument.Write(output, hasBucketKey));
        return Task.CompletedTask;
    }

    public static async Task Put(S3Request request)
    {
        var body = await request.ReadDocument(EncryptionDocument.MaxBytes);
        var document = new System.Buffers.ArrayBufferWriter<byte>();
        EncryptionDocument.Write(document, EncryptionDocument.Parse(body));
        await BucketSettings.Change(request, ObjectKeys.Setting, Encoding.UTF8.GetString(document.WrittenSpan));
        request.Empty();
    }

    public static async Task Delete(S3Request request)
    {
        await BucketSettings.Change(request, ObjectKeys.Setting, null);
        request.Empty(StatusCodes.Status204NoContent);
    }
}
