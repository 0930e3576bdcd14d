using OrleansDfs.S3;

namespace OrleansDfs.Gateway;

/// <summary>What must be known of a body before its first byte is taken.</summary>
static class PutLimits
{
    /// <exception cref="S3Exception">MissingContentLength, EntityTooLarge.</exception>
    public static void Check(PayloadPlan plan)
    {
        if (plan.Length is not { } length) throw new S3Exception(ErrorCode.MissingContentLength);
        if (length > MultipartParameters.MaxPutSize)
            throw new S3Exception(ErrorCode.EntityTooLarge, null, ("ProposedSize", $"{length}"),
                ("MaxSizeAllowed", $"{MultipartParameters.MaxPutSize}"));
    }
}
