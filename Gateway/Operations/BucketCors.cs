using System.Buffers;
using System.Text;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway.Operations;

/// <summary>GetBucketCors.</summary>
static class GetBucketCors
{
    public static async Task Handle(S3Request request)
    {
        var document = await BucketDocuments.Read(request, PutBucketCors.Setting)
            ?? throw new S3Exception(ErrorCode.NoSuchCORSConfiguration, null, ("BucketName", request.BucketName.Value));
        request.Xml(output => output.Write(Encoding.UTF8.GetBytes(document)));
    }
}

/// <summary>PutBucketCors. Kept is our own writing of what was validated; <see cref="CrossOrigin"/> judges by it.</summary>
static class PutBucketCors
{
    public const string Setting = "cors";

    public static async Task Handle(S3Request request)
    {
        var configuration = CorsConfiguration.Parse(await request.ReadDocument(CorsConfiguration.MaxBytes));
        var document = new ArrayBufferWriter<byte>();
        configuration.Write(document);
        await BucketDocuments.Change(request, Setting, Encoding.UTF8.GetString(document.WrittenSpan));
        request.Empty();
    }
}

/// <summary>DeleteBucketCors.</summary>
static class DeleteBucketCors
{
    public static async Task Handle(S3Request request)
    {
        await BucketDocuments.Change(request, PutBucketCors.Setting, null);
        request.Empty(StatusCodes.Status204NoContent);
    }
}
