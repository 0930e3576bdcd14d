using System.Buffers.Text;
using System.Text;

namespace OrleansDfs.S3;

/// <summary>
/// The position of a listing as a token that clients must not read: URL-safe base64 of a format byte and the position in UTF-8. It holds no secret
/// and grants nothing; each page is authorised anew.
/// </summary>
public static class ContinuationToken
{
    private const byte Format = 1;
    private const int MaxLength = 8192;

    public static string Encode(string position)
    {
        var bytes = new byte[1 + Encoding.UTF8.GetByteCount(position)];
        bytes[0] = Format;
        Encoding.UTF8.GetBytes(position, bytes.AsSpan(1));
        return Base64Url.EncodeToString(bytes);
    }

    /// <exception cref="S3Exception">InvalidArgument: not a token of ours.</exception>
    public static string Decode(string token)
    {
        if (token.Length is 0 or > MaxLength || !Ascii.IsValid(token) || !Base64Url.IsValid(token)) throw Incorrect(token);
        var bytes = Base64Url.DecodeFromChars(token);
        if (bytes is not [Format, ..] || bytes.AsSpan().Contains((byte)0) || Base64Url.EncodeToString(bytes) != token) throw Incorrect(token);
        try
        {
            return PercentEncoding.StrictUtf8.GetString(bytes, 1, bytes.Length - 1);
        }
        catch (DecoderFallbackException)
        {
            throw Incorrect(token);
        }
    }

    private static S3Exception Incorrect(string token) =>
        S3Exception.InvalidArgument("The continuation token provided is incorrect", "continuation-token", token);
}
