using System.Buffers;
using System.Globalization;
using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>Answers that are documents.</summary>
static class Answers
{
    /// <summary>Writes the document into the answer's own buffers; its length is known before the first byte leaves.</summary>
    public static void Xml(this S3Request request, Action<IBufferWriter<byte>> write)
    {
        var response = request.Response;
        response.ContentType = "application/xml";
        write(response.BodyWriter);
        if (response.BodyWriter.CanGetUnflushedBytes && !response.HasStarted) response.ContentLength = response.BodyWriter.UnflushedBytes;
    }

    /// <summary>200 or another success without a body.</summary>
    public static void Empty(this S3Request request, int status = StatusCodes.Status200OK)
    {
        request.Response.StatusCode = status;
        if (status != StatusCodes.Status204NoContent) request.Response.ContentLength = 0;
    }

    /// <summary>URL of the object, by the host that the client called.</summary>
    public static string Location(this S3Request request)
    {
        var path = PercentEncoding.Encode(request.Key.Value, keepSlash: true);
        var host = request.Headers["Host"];
        return request.Target.IsVirtualHosted
            ? $"{request.Http.Request.Scheme}://{host}/{path}"
            : $"{request.Http.Request.Scheme}://{host}/{request.BucketName}/{path}";
    }

    public static string Invariant(this int number) => number.ToString(CultureInfo.InvariantCulture);
}
