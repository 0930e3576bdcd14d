using System.Text;

namespace OrleansDfs.S3;

/// <summary>
/// Presigners put <c>x-amz-*</c> headers into the query, where S3 reads them as if they had come as headers. The whole query is signed, so after the
/// signature was verified they may be acted on like signed headers; before that, or without a signature, never.
/// </summary>
public static class HoistedHeaders
{
    private static readonly string[] NotHeaders =
    [
        "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires", "X-Amz-Security-Token",
        "X-Amz-Content-Sha256",
        "x-amz-sdk-checksum-algorithm", // SDKs leave it in links without the checksum that it announces
    ];

    /// <summary>Adds the query's headers where the request has no header of that name.</summary>
    /// <param name="isPresigned">The signature that was verified stands in the query and covers them.</param>
    public static void Add(RequestHeaders headers, QueryParameters query, bool isPresigned)
    {
        if (!isPresigned) return;
        foreach (var (name, value) in query.Pairs)
        {
            if (!name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase)) continue;
            if (NotHeaders.Contains(name, StringComparer.OrdinalIgnoreCase) || headers.Contains(name)) continue;
            headers.Add(name, Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(HeaderValues.Checked(name, value))));
        }
    }
}
