using System.Security.Cryptography;

namespace OrleansDfs.Embedded;

/// <summary>The secrets of one data folder: made at the first start, mode 0600 from the moment they exist, never a well-known default.</summary>
sealed record EmbeddedSecrets(string AccessKey, string SecretKey, string ClusterSecretFile)
{
    private const string UpperAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public static EmbeddedSecrets Load(EmbeddedOptions options)
    {
        var clusterSecret = Path.Combine(options.Directory, "cluster.secret");
        ReadOrCreate(clusterSecret, () => RandomNumberGenerator.GetString(LettersAndDigits, 43));
        if (options.AccessKey is { } access && options.SecretKey is { } secret) return new EmbeddedSecrets(access, secret, clusterSecret);

        var lines = ReadOrCreate(
            Path.Combine(options.Directory, "root.env"),
            () => $"AWS_ACCESS_KEY_ID=AK{RandomNumberGenerator.GetString(UpperAndDigits, 18)}\n" +
                $"AWS_SECRET_ACCESS_KEY={RandomNumberGenerator.GetString(LettersAndDigits, 40)}").Split('\n');
        return new EmbeddedSecrets(Line(lines, "AWS_ACCESS_KEY_ID="), Line(lines, "AWS_SECRET_ACCESS_KEY="), clusterSecret);
    }

    private static string Line(string[] lines, string name) =>
        lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim()
        ?? throw new InvalidDataException($"root.env has no line {name}…: restore it, or delete the file to have a new root key drawn.");

    private static string ReadOrCreate(string path, Func<string> make)
    {
        if (!File.Exists(path))
        {
            var aside = path + ".new";
            File.Delete(aside);
            var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var writer = new StreamWriter(aside, create)) writer.Write(make() + "\n");
            File.Move(aside, path);
        }
        return File.ReadAllText(path).Trim();
    }
}
