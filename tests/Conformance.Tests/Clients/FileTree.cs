using System.Security.Cryptography;

namespace OrleansDfs.Conformance.Tests.Clients;

/// <summary>
/// A folder of one's own for a client: files to send, and room for what comes back. Contents are compared by hash, not by what the client believes.
/// </summary>
sealed class FileTree : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("odfs-client-").FullName;

    /// <summary>The files to send: small ones with names that need encoding, an empty one, and <c>big</c>.</summary>
    /// <param name="bigBytes">Length of <c>big</c>: above the client's threshold it goes up in parts.</param>
    public FileTree(int bigBytes, int smallFiles = 12)
    {
        Directory.CreateDirectory(Source);
        Write("big", S3Assert.Random(bigBytes));
        Write("empty", []);
        Write("sub/deep/a%2Fb/it's <odd>.txt", "odd"u8);
        for (var i = 0; i < smallFiles; i++) Write($"sub/file {i} ü+&.txt", System.Text.Encoding.UTF8.GetBytes($"content {i}"));
    }

    public string Source => Folder("tree");
    public string Big => Path.Combine(Source, "big");

    public string Folder(string name) => Path.Combine(_root, name);

    public void Write(string name, ReadOnlySpan<byte> content)
    {
        var path = Path.Combine(Source, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }

    /// <summary>The folder holds the same files with the same contents as <see cref="Source"/>.</summary>
    public void AssertSame(string folder) => Assert.Equal(Hashes(Source), Hashes(folder));

    public static string Hash(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    public static string Hash(string path) => Hash(File.ReadAllBytes(path));

    static SortedDictionary<string, string> Hashes(string folder)
    {
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
        return new(files.ToDictionary(path => Path.GetRelativePath(folder, path), Hash), StringComparer.Ordinal);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
