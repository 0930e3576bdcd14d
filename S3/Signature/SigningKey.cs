using System.Security.Cryptography;
using System.Text;

namespace OrleansDfs.S3;

/// <summary>What a signature is bound to: day, region and service.</summary>
/// <param name="Date">UTC day as <c>yyyyMMdd</c>.</param>
public sealed record SigningScope(string Date, string Region, string Service)
{
    public const string Terminator = "aws4_request";

    public override string ToString() => $"{Date}/{Region}/{Service}/{Terminator}";
}

/// <summary>
/// SigV4's derived key. It can sign for one day, region and service only, so it is what leaves the silo; the secret never does (DESIGN §9).
/// </summary>
public static class SigningKey
{
    /// <summary>Stands in for the key of an unknown user, so that its request costs the same work.</summary>
    internal static readonly byte[] Decoy = RandomNumberGenerator.GetBytes(32);

    public static byte[] Derive(string secret, string date, string region, string service)
    {
        var key = HMACSHA256.HashData(Encoding.UTF8.GetBytes("AWS4" + secret), Encoding.UTF8.GetBytes(date));
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(region));
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(service));
        return HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(SigningScope.Terminator));
    }

    public static byte[] Derive(string secret, SigningScope scope) => Derive(secret, scope.Date, scope.Region, scope.Service);

    /// <summary>Lower-case hex HMAC of a string to sign.</summary>
    public static string Sign(ReadOnlySpan<byte> key, string stringToSign) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(stringToSign)));
}
