using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>Limits that S3 states, checked here and not by Kestrel, whose refusals have no body (S3.md §5).</summary>
static class RequestLimits
{
    /// <summary>Longest request line: AWS takes 8 KiB of query beside a key of 3 KiB percent-encoded.</summary>
    public const int MaxTarget = 16 * 1024;

    /// <summary>All header lines together (AWS: 8 KB, of which 2 KB user metadata).</summary>
    public const int MaxHeaders = 16 * 1024;

    /// <exception cref="S3Exception">InvalidURI.</exception>
    public static void CheckTarget(string rawTarget)
    {
        if (rawTarget.Length > MaxTarget) throw new S3Exception(ErrorCode.InvalidURI, "The request target is too long.");
    }

    /// <exception cref="S3Exception">RequestHeaderSectionTooLarge.</exception>
    public static void CheckHeaders(RequestHeaders headers)
    {
        var size = 0;
        foreach (var (name, value) in headers.Lines) size += name.Length + value.Length + 4;
        if (size > MaxHeaders)
            throw new S3Exception(ErrorCode.RequestHeaderSectionTooLarge, null, ("MaxSizeAllowed", $"{MaxHeaders}"));
    }
}
