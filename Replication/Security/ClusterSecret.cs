using System.Security.Cryptography;
using System.Text;

namespace OrleansDfs.Replication;

/// <summary>
/// The cluster's secret: text in a file that only its owner may read. It admits to every internal port, so whoever knows it reaches every byte; a
/// process that has none starts nothing (docs/decisions/cluster-security.md).
/// </summary>
public static class ClusterSecret
{
    /// <summary>
    /// Shortest secret accepted, in bytes: 32 hexadecimal digits are 128 bits. Who talks to a port can test guesses by himself, so a secret is drawn,
    /// not thought up.
    /// </summary>
    public const int MinSize = 32;

    /// <summary>Why this file cannot be used, in a sentence; <c>null</c> when it can.</summary>
    /// <param name="file">As configured; <c>null</c> or empty: not configured.</param>
    public static string? Problem(string? file)
    {
        if (string.IsNullOrWhiteSpace(file))
            return "OrleansDfs:ClusterSecretFile is not set; without the cluster's secret nothing is listened to and nothing connected to.";
        if (!File.Exists(file)) return $"The cluster's secret file '{file}' is not there.";
        try
        {
            if (Bytes(file).Length < MinSize) return $"The cluster's secret in '{file}' is shorter than {MinSize} bytes.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The cluster's secret file '{file}' cannot be read: {e.Message}";
        }
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        return OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & others) == 0
            ? null
            : $"The cluster's secret in '{file}' is open to others; run: chmod 600 '{file}'.";
    }

    /// <exception cref="ClusterSecretException">The file cannot be used; the message says why in a sentence.</exception>
    public static byte[] Read(string? file) => Problem(file) is { } problem ? throw new ClusterSecretException(problem) : Bytes(file!);

    /// <summary>
    /// Tells one secret from another; kept in the catalog, so that a process with the wrong file is refused before it does anything.
    /// </summary>
    public static string Mark(ReadOnlySpan<byte> secret)
    {
        Span<byte> mark = stackalloc byte[16];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, mark, salt: [], info: "OrleansDfs secret mark v1"u8);
        return Convert.ToHexString(mark);
    }

    private static byte[] Bytes(string file) => Encoding.UTF8.GetBytes(File.ReadAllText(file).Trim());
}

/// <summary>There is no usable cluster secret; the message says what to put right.</summary>
public sealed class ClusterSecretException(string message) : Exception(message);
