using System.Security.Cryptography;

namespace OrleansDfs.Gateway;

/// <summary>Names one request in the answer, in the log and in error documents: 16 upper-case hexadecimal digits, as S3's.</summary>
static class RequestId
{
    public static string New()
    {
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        return Convert.ToHexString(random);
    }
}
