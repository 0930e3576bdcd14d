using System.Buffers.Binary;
using System.Security.Cryptography;

namespace OrleansDfs.Gateway.Sse;

/// <summary>
/// Seals and opens segments: AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015). The nonce is the segment's
/// number and whether it is the last one, so segments cannot be reordered, repeated, dropped or cut off unnoticed. A nonce never comes twice under
/// one key: each blob has its own, derived (HKDF, RFC 5869) from the data key and the blob's random salt.
/// </summary>
sealed class SegmentCipher : IDisposable
{
    const int NonceSize = 12;

    readonly AesGcm _aes;
    readonly byte[] _nonce = new byte[NonceSize];

    public SegmentCipher(ReadOnlySpan<byte> dataKey, ReadOnlySpan<byte> salt)
    {
        Span<byte> key = stackalloc byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, dataKey, key, salt, "OrleansDfs segments v1"u8);
        _aes = new AesGcm(key, SegmentLayout.TagSize);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <param name="stored">As long as the plaintext and a tag.</param>
    public void Seal(long segment, bool isLast, ReadOnlySpan<byte> plain, Span<byte> stored)
    {
        SetNonce(segment, isLast);
        _aes.Encrypt(_nonce, plain, stored[..plain.Length], stored[plain.Length..]);
    }

    /// <returns>Whether it is the segment that was sealed there.</returns>
    public bool TryOpen(long segment, bool isLast, ReadOnlySpan<byte> stored, Span<byte> plain)
    {
        SetNonce(segment, isLast);
        try
        {
            _aes.Decrypt(_nonce, stored[..^SegmentLayout.TagSize], stored[^SegmentLayout.TagSize..], plain);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose() => _aes.Dispose();

    void SetNonce(long segment, bool isLast)
    {
        BinaryPrimitives.WriteInt64BigEndian(_nonce, segment);
        _nonce[^1] = isLast ? (byte)1 : (byte)0;
    }
}
