using System.Security.Cryptography;
using System.Text;

namespace OrleansDfs.Silo.Identity;

/// <summary>
/// Secrets of access keys rest in the catalog wrapped: AES-256-GCM under a key derived (HKDF, RFC 5869) from the cluster's secret, bound to the
/// access key's name, so that a stolen dump of the database signs nothing and rows cannot be swapped.
/// Layout: version (1) ‖ nonce (12) ‖ tag (16) ‖ ciphertext.
/// </summary>
public sealed class SecretVault
{
    private const byte Version = 1;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    private readonly byte[] _key;

    public SecretVault(ReadOnlySpan<byte> clusterSecret)
    {
        _key = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, clusterSecret, _key, salt: [], info: "OrleansDfs access keys v1"u8);
    }

    public byte[] Wrap(string accessKey, string secret)
    {
        var plain = Encoding.UTF8.GetBytes(secret);
        var wrapped = new byte[1 + NonceSize + TagSize + plain.Length];
        wrapped[0] = Version;
        var nonce = wrapped.AsSpan(1, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagSize);
        aes.Encrypt(nonce, plain, wrapped.AsSpan(1 + NonceSize + TagSize), wrapped.AsSpan(1 + NonceSize, TagSize), Encoding.UTF8.GetBytes(accessKey));
        return wrapped;
    }

    /// <exception cref="CryptographicException">Wrapped under another cluster secret, or altered.</exception>
    public string Unwrap(string accessKey, ReadOnlySpan<byte> wrapped)
    {
        if (wrapped.Length < 1 + NonceSize + TagSize || wrapped[0] != Version)
            throw new CryptographicException($"The stored secret of access key '{accessKey}' has an unknown form.");
        var plain = new byte[wrapped.Length - 1 - NonceSize - TagSize];
        using var aes = new AesGcm(_key, TagSize);
        aes.Decrypt(wrapped.Slice(1, NonceSize), wrapped[(1 + NonceSize + TagSize)..], wrapped.Slice(1 + NonceSize, TagSize),
            plain, Encoding.UTF8.GetBytes(accessKey));
        return Encoding.UTF8.GetString(plain);
    }
}
