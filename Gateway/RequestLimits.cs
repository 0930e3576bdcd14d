using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>Limits that S3 states, checked here and not by Kestrel, whose refusals have no body (S3.md §5).</summary>
static class RequestLimits
{
    /// <summary>Longest request line: AWS takes 8 KiB of query beside a key of 3 KiB percent-encoded.</summary>
    public const int MaxTarget = 16 * 1024;

    /// <summary>All header lines together (AWS: 8 KB, of which 2 KB user metadata).</summary>
    public const int MaxHeaders = 16 * 1024;

    /// <exception cref="S3Exception">InvalidURI, RequestHeaderSectionTooLarge.</exception>
    public static void Check(HttpRequest request, string rawTarget)
    {
        if (rawTarget.Length > MaxTarget) throw new S3Exception(ErrorCode.InvalidURI, "The request target is too long.");
        var size = 0;
        foreach (var (name, values) in request.Headers)
            foreach (var value in values)
                size += name.Length + (value?.Length ?? 0) + 4;
        if (size > MaxHeaders)
            throw new S3Exception(ErrorCode.RequestHeaderSectionTooLarge, null, ("MaxSizeAllowed", $"{MaxHeaders}"));
    }
}
