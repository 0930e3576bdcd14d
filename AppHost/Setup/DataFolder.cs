using System.Globalization;

namespace OrleansDfs.AppHost.Setup;

/// <summary>
/// The data folder: who may use it and what lies where. Invariants: one AppHost at a time (a lock on <c>lock</c>, which the system drops
/// when the process dies, however it dies); a folder of another layout version is never touched; <c>--fresh</c> deletes only a folder
/// that carries our version file, so that a mistyped <c>--data</c> cannot delete somebody's files.
/// </summary>
/// <remarks>
/// Layout 1: <c>version</c>, <c>lock</c>, <c>ports.json</c>, <c>catalog</c> (which kind), <c>catalog.db</c> or <c>postgres/</c>,
/// <c>root.env</c>, <c>cluster.secret</c>, <c>postgres.password</c>, <c>client.json</c> (0600), <c>https/</c> (certificates; keys 0600),
/// <c>nodes/siloN/</c>, <c>logs/</c>.
/// </remarks>
public sealed class DataFolder : IDisposable
{
    public const int LayoutVersion = 1;
    const string VersionFile = "version";
    const string LockFile = "lock";

    readonly FileStream _lock;

    DataFolder(string root, FileStream @lock)
    {
        Root = root;
        _lock = @lock;
    }

    /// <summary>Absolute path of the folder.</summary>
    public string Root { get; }

    public string Logs => Combine("logs");

    public string Combine(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>The directory of one silo's storage node.</summary>
    public string Node(string silo) => Combine("nodes", silo);

    /// <summary>Takes the folder, creating it if need be. Nothing in it changes before <see cref="Prepare"/>.</summary>
    /// <exception cref="SetupException">Not ours, in use, or not writable.</exception>
    public static DataFolder Take(string root)
    {
        try
        {
            var isNew = !Directory.Exists(root);
            if (isNew)
                Directory.CreateDirectory(root);
            var entries = Directory.EnumerateFileSystemEntries(root).Select(Path.GetFileName).ToHashSet();
            if (!entries.Contains(VersionFile) && entries.Any(name => name != LockFile))
            {
                throw new SetupException(
                    $"{root} is not a data folder of OrleansDfs but holds other files: give an empty or new folder with --data.");
            }
            // Only a folder we made: one that the user made keeps the permissions the user gave it.
            if (isNew && !OperatingSystem.IsWindows())
                File.SetUnixFileMode(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return new DataFolder(root, Lock(root));
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new SetupException($"The data folder {root} cannot be used ({e.Message.TrimEnd('.')}): choose another with --data.", e);
        }
    }

    /// <summary>Checks the layout's version, or with <paramref name="fresh"/> deletes everything and starts over.</summary>
    /// <exception cref="SetupException">A folder of another version, and not <paramref name="fresh"/>.</exception>
    public void Prepare(bool fresh)
    {
        if (fresh)
            DeleteContent();
        var file = Combine(VersionFile);
        var found = File.Exists(file) ? File.ReadAllText(file).Trim() : null;
        var expected = LayoutVersion.ToString(CultureInfo.InvariantCulture);
        if (found is not null && found != expected)
        {
            throw new SetupException(
                $"The data folder {Root} has layout version '{found}', this program reads version {expected}: "
                + "use the program that wrote it, another folder (--data DIR), or --fresh to delete it and start over.");
        }
        if (found is null)
            File.WriteAllText(file, expected + "\n");
        Directory.CreateDirectory(Logs);
    }

    public void Dispose() => _lock.Dispose();

    // The version file goes last: a deletion that is interrupted leaves a folder that is still known as ours.
    void DeleteContent()
    {
        foreach (var directory in Directory.EnumerateDirectories(Root).ToList())
            Directory.Delete(directory, recursive: true);
        foreach (var file in Directory.EnumerateFiles(Root).OrderBy(path => Path.GetFileName(path) == VersionFile).ToList())
        {
            if (Path.GetFileName(file) != LockFile)
                File.Delete(file);
        }
    }

    static FileStream Lock(string root)
    {
        try
        {
            return new FileStream(Path.Combine(root, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new SetupException(
                $"The data folder {root} is in use by another AppHost: stop that one, or give this one a folder of its own with --data "
                + "(and another --port).",
                e);
        }
    }
}
