using System.Security.Cryptography;
using System.Text;

namespace OrleansDfs.Model;

/// <summary>
/// The derived key of Signature Version 4 (AWS, "Create a signed AWS API request", step 4). Silos derive it from the secret; gateways verify with
/// it and never see the secret, so it stands here and not in the protocol library.
/// </summary>
public static class SigningKey
{
    public const int Size = 32;

    /// <param name="secret">The user's secret access key.</param>
    /// <param name="date">Eight digits, <c>yyyyMMdd</c>, UTC.</param>
    /// <param name="region">Such as <c>us-east-1</c>.</param>
    /// <param name="service">Such as <c>s3</c>.</param>
    public static byte[] Derive(string secret, string date, string region, string service)
    {
        var key = HMACSHA256.HashData(Encoding.UTF8.GetBytes("AWS4" + secret), Encoding.UTF8.GetBytes(date));
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(region));
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(service));
        return HMACSHA256.HashData(key, "aws4_request"u8);
    }
}
