using System.Globalization;
using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>Parameters of multipart requests, and S3's limits on parts.</summary>
public static class MultipartParameters
{
    public const int MaxPartNumber = 10_000;

    /// <summary>Least size of every part but the last, judged at Complete (EntityTooSmall).</summary>
    public const long MinPartSize = 5L * 1024 * 1024;

    /// <summary>Most bytes in one PUT or part.</summary>
    public const long MaxPutSize = 5L * 1024 * 1024 * 1024;

    /// <exception cref="S3Exception">NoSuchUpload: no upload can have this id.</exception>
    public static UploadId UploadId(QueryParameters query) =>
        OrleansDfs.Model.UploadId.TryParse(query["uploadId"], out var id) ? id : throw new S3Exception(ErrorCode.NoSuchUpload);

    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static int PartNumber(QueryParameters query) =>
        OptionalPartNumber(query) ?? throw S3Exception.InvalidArgument("Part number is missing", "partNumber", "");

    /// <summary>The partNumber of a GET or HEAD.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static int? OptionalPartNumber(QueryParameters query)
    {
        if (query["partNumber"] is not { } text) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MaxPartNumber) return number;
        throw S3Exception.InvalidArgument($"Part number must be an integer between 1 and {MaxPartNumber}, inclusive", "partNumber", text);
    }
}
