using System.Security.Cryptography;
using System.Text;

namespace OrleansDfs.AppHost.Setup;

/// <summary>
/// Files only their owner may read. Invariant: the mode is 0600 from the moment of creation (never created wide and narrowed later), and a
/// crash leaves the old content or the new, never half a secret: written aside, flushed, renamed.
/// </summary>
public static class PrivateFile
{
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void Write(string path, string content)
    {
        var aside = path + ".new";
        File.Delete(aside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.WriteThrough };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using (var file = new FileStream(aside, options))
            file.Write(Encoding.UTF8.GetBytes(content));
        File.Move(aside, path, overwrite: true);
    }

    /// <summary>The content without surrounding white space; made by <paramref name="make"/> and kept if there is no such file yet.</summary>
    public static string ReadOrCreate(string path, Func<string> make)
    {
        if (!File.Exists(path))
            Write(path, make() + "\n");
        else if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(path) != OwnerOnly)
            File.SetUnixFileMode(path, OwnerOnly);
        return File.ReadAllText(path).Trim();
    }

    /// <summary><paramref name="length"/> random characters of <paramref name="alphabet"/>, by the system's cryptographic generator.</summary>
    public static string Random(string alphabet, int length) => RandomNumberGenerator.GetString(alphabet, length);
}
