using System.Security.Cryptography;
using System.Text;

namespace OrleansDfs.Silo.Keys;

/// <summary>
/// Master keys wrap data keys (AES-256-GCM, bound to the master key's id). Two sources: one key derived from the cluster's secret, so that encryption
/// works without any setting; and a key file, one <c>ID BASE64</c> line per key of 32 bytes, whose last line is the active key. Rotation is a new
/// line: what older keys wrapped is still opened. The catalog holds wrapped keys only. Layout: nonce (12) ‖ tag (16) ‖ ciphertext (32).
/// </summary>
public sealed class MasterKeys
{
    public const int KeySize = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int WrappedSize = NonceSize + TagSize + KeySize;

    private readonly Dictionary<string, byte[]> _keys = new(StringComparer.Ordinal);

    /// <param name="lines">Of the key file; none where there is no file.</param>
    /// <exception cref="SiloStartException">A line is no key.</exception>
    public MasterKeys(ReadOnlySpan<byte> clusterSecret, IEnumerable<string> lines)
    {
        var derived = new byte[KeySize];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, clusterSecret, derived, salt: [], info: "OrleansDfs master key v1"u8);
        Active = $"cluster-{Convert.ToHexStringLower(SHA256.HashData(derived))[..8]}";
        _keys[Active] = derived;
        foreach (var line in lines.Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var key = new byte[KeySize];
            if (fields.Length != 2 || !Convert.TryFromBase64String(fields[1], key, out var length) || length != KeySize
                || !_keys.TryAdd(fields[0], key))
                throw new SiloStartException("The master key file must hold lines 'ID BASE64', each id once and each key of 32 bytes.");
            Active = fields[0];
        }
    }

    /// <summary>Reads the file of <see cref="SiloOptions.MasterKeyFile"/>, if one is configured.</summary>
    /// <exception cref="SiloStartException">It is readable by others than its owner, or no key file.</exception>
    public static MasterKeys Read(ReadOnlySpan<byte> clusterSecret, string? file)
    {
        if (file is null) return new MasterKeys(clusterSecret, []);
        if (!File.Exists(file)) throw new SiloStartException($"The master key file '{file}' does not exist.");
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0)
            throw new SiloStartException($"The master key file '{file}' can be read by others than its owner; chmod 600 it.");
        return new MasterKeys(clusterSecret, File.ReadLines(file));
    }

    /// <summary>Id of the key that new data keys are wrapped with.</summary>
    public string Active { get; }

    public byte[] Wrap(ReadOnlySpan<byte> key)
    {
        var wrapped = new byte[WrappedSize];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceSize));
        using var aes = new AesGcm(_keys[Active], TagSize);
        aes.Encrypt(wrapped.AsSpan(0, NonceSize), key, wrapped.AsSpan(NonceSize + TagSize), wrapped.AsSpan(NonceSize, TagSize),
            Encoding.UTF8.GetBytes(Active));
        return wrapped;
    }

    /// <returns><c>null</c>: there is no such master key, or it did not wrap these bytes.</returns>
    public byte[]? Unwrap(string masterKey, ReadOnlySpan<byte> wrapped)
    {
        if (wrapped.Length != WrappedSize || !_keys.TryGetValue(masterKey, out var master)) return null;
        var key = new byte[KeySize];
        using var aes = new AesGcm(master, TagSize);
        try
        {
            aes.Decrypt(wrapped[..NonceSize], wrapped[(NonceSize + TagSize)..], wrapped.Slice(NonceSize, TagSize),
                key, Encoding.UTF8.GetBytes(masterKey));
            return key;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
