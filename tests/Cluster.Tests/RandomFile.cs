using System.Security.Cryptography;

namespace OrleansDfs.Cluster.Tests;

/// <summary>A local file of random content, with its hash.</summary>
sealed class RandomFile : IDisposable
{
    private RandomFile(string path, string hash) => (FilePath, Hash) = (path, hash);

    public string FilePath { get; }
    public string Hash { get; }

    public static RandomFile Create(int megabytes)
    {
        var path = Path.GetTempFileName();
        using (var stream = File.Create(path))
        {
            var block = new byte[1024 * 1024];
            for (var i = 0; i < megabytes; i++)
            {
                Random.Shared.NextBytes(block);
                stream.Write(block);
            }
        }
        using var read = File.OpenRead(path);
        return new RandomFile(path, Convert.ToHexString(SHA256.HashData(read)));
    }

    public static async Task<string> HashAsync(Stream content)
    {
        using (content) return Convert.ToHexString(await SHA256.HashDataAsync(content));
    }

    public void Dispose() => File.Delete(FilePath);
}
