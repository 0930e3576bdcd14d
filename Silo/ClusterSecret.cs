using System.Text;
using OrleansDfs.Replication;

namespace OrleansDfs.Silo;

/// <summary>The cluster's secret: text in a file that only its owner may read. Whoever knows it reaches every byte of the data path.</summary>
static class ClusterSecret
{
    public static async Task<byte[]> ReadAsync(string file, CancellationToken cancellation)
    {
        var text = (await File.ReadAllTextAsync(file, cancellation)).Trim();
        if (Encoding.UTF8.GetByteCount(text) < ClusterIdentity.MinSecretSize)
            throw new SiloStartException($"The cluster's secret in '{file}' is shorter than {ClusterIdentity.MinSecretSize} bytes.");
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0)
            throw new SiloStartException($"The cluster's secret in '{file}' can be read by others; run: chmod 600 '{file}'.");
        return Encoding.UTF8.GetBytes(text);
    }
}
