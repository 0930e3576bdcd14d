using System.Globalization;
using System.Text.RegularExpressions;

namespace OrleansDfs.AppHost.Setup;

/// <summary>The server programs of one PostgreSQL version on this machine.</summary>
/// <param name="Folder">The folder with <c>initdb</c>, <c>pg_ctl</c> and <c>postgres</c>.</param>
/// <param name="Major">The major version.</param>
public sealed partial record PostgresPrograms(string Folder, int Major)
{
    /// <summary>The oldest version that the catalog is tested with.</summary>
    public const int OldestMajor = 14;

    public string Program(string name) => Path.Combine(Folder, OperatingSystem.IsWindows() ? name + ".exe" : name);

    /// <summary>
    /// Looks on PATH and where packages put the programs. A cluster that exists is only readable by the <paramref name="major"/> version that
    /// made it; without one the newest wins.
    /// </summary>
    public static async Task<PostgresPrograms?> FindAsync(int? major, CancellationToken cancel)
    {
        PostgresPrograms? best = null;
        foreach (var folder in Candidates().Distinct())
        {
            var programs = new PostgresPrograms(folder, 0);
            if (!new[] { "initdb", "pg_ctl", "postgres" }.All(name => File.Exists(programs.Program(name))))
                continue;
            var answer = await Tool.RunAsync([programs.Program("postgres"), "--version"], TimeSpan.FromSeconds(10), cancel);
            var match = Version().Match(answer.Output);
            if (!answer.Succeeded || !match.Success)
                continue;
            programs = programs with { Major = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) };
            var fits = major is null ? programs.Major >= OldestMajor : programs.Major == major;
            if (fits && (best is null || programs.Major > best.Major))
                best = programs;
        }
        return best;
    }

    static IEnumerable<string> Candidates()
    {
        if (Tool.OnPath("postgres") is { } onPath)
            yield return Path.GetDirectoryName(onPath)!;
        // Debian and Ubuntu, Red Hat, Homebrew on both processors, Postgres.app, the Windows installer.
        (string Root, string Below)[] places =
        [
            ("/usr/lib/postgresql", "bin"), ("/usr", "bin"), ("/opt/homebrew/opt", "bin"), ("/usr/local/opt", "bin"),
            ("/Applications/Postgres.app/Contents/Versions", "bin"),
            (Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "bin"),
        ];
        foreach (var (root, below) in places.Where(place => Path.IsPathRooted(place.Root) && Directory.Exists(place.Root)))
        {
            foreach (var folder in Directory.EnumerateDirectories(root))
            {
                var name = Path.GetFileName(folder);
                var isPostgres = name.StartsWith("postgresql", StringComparison.OrdinalIgnoreCase)
                    || name.StartsWith("pgsql", StringComparison.OrdinalIgnoreCase)
                    || char.IsAsciiDigit(name[0]);
                if (isPostgres)
                    yield return Path.Combine(folder, below);
            }
        }
    }

    [GeneratedRegex(@"\(PostgreSQL\) (\d+)")]
    private static partial Regex Version();
}
