using System.Security.Cryptography;
using System.Text;

namespace OrleansDfs.S3;

/// <summary>Signatures made and compared with a derived key (<see cref="OrleansDfs.Model.SigningKey"/>).</summary>
internal static class Hmac
{
    /// <summary>Stands in for the key of an unknown user, so that its request costs the same work.</summary>
    public static readonly byte[] DecoyKey = RandomNumberGenerator.GetBytes(OrleansDfs.Model.SigningKey.Size);

    /// <summary>Lower-case hex HMAC of a string to sign.</summary>
    public static string Sign(ReadOnlySpan<byte> key, string stringToSign) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(stringToSign)));

    /// <summary>Compares in a time that does not depend on where they differ.</summary>
    public static bool Matches(string expected, string given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(given));
}
