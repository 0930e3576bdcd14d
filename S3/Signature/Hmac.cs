using System.Security.Cryptography;
using System.Text;

namespace OrleansDfs.S3;

/// <summary>Signatures made and compared with a derived key (<see cref="OrleansDfs.Model.SigningKey"/>).</summary>
internal static class Hmac
{
    /// <summary>Stands in for the key of an unknown user, so that its request costs the same work.</summary>
    public static readonly byte[] DecoyKey = RandomNumberGenerator.GetBytes(OrleansDfs.Model.SigningKey.Size);

    /// <summary>Lower-case hex HMAC of a string to sign.</summary>
    public static string Sign(ReadOnlySpan<byte> key, string stringToSign)
    {
        Span<byte> buffer = stackalloc byte[512]; // most strings to sign have 140 bytes; those of chunks 300
        var text = Encoding.UTF8.TryGetBytes(stringToSign, buffer, out var length) ? buffer[..length] : Encoding.UTF8.GetBytes(stringToSign);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, text, mac);
        return Convert.ToHexStringLower(mac);
    }

    /// <summary>Compares in a time that does not depend on where they differ.</summary>
    public static bool Matches(string expected, string given)
    {
        Span<byte> right = stackalloc byte[2 * HMACSHA256.HashSizeInBytes];
        Span<byte> claimed = stackalloc byte[2 * HMACSHA256.HashSizeInBytes];
        // Of another length it is no signature, whatever it is; lengths are no secret.
        return Encoding.UTF8.TryGetBytes(expected, right, out var length) && Encoding.UTF8.TryGetBytes(given, claimed, out var claimedLength)
            && CryptographicOperations.FixedTimeEquals(right[..length], claimed[..claimedLength]);
    }
}
