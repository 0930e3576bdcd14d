namespace OrleansDfs.AppHost.Setup;

/// <summary>
/// How to start PostgreSQL's programs: they refuse root, so that root runs them as <c>postgres</c>, else <c>nobody</c>. Invariant: no
/// permission of a folder that is not ours is changed. Where that user may not enter the data folder (a clone under /root, say), the
/// programs get the one capability to pass through folders instead, and if the system does not grant that, PostgreSQL is not used.
/// </summary>
/// <param name="Name">The user, or null for the present one.</param>
/// <param name="Prefix">What goes before a command.</param>
public sealed record PostgresUser(string? Name, IReadOnlyList<string> Prefix)
{
    static readonly string[] _names = ["postgres", "nobody"];

    /// <summary>The user to run as, or the sentence that says why there is none.</summary>
    public static async Task<(PostgresUser? User, string? WhyNot)> FindAsync(string folder, CancellationToken cancel)
    {
        if (OperatingSystem.IsWindows() || Environment.UserName != "root")
            return (new PostgresUser(null, []), null);
        if (Tool.OnPath("setpriv") is not { } setpriv)
            return (null, "PostgreSQL refuses to run as root, and there is no setpriv here to run it as another user");

        foreach (var name in _names)
        {
            if (!(await RunAsync(["id", name], cancel)).Succeeded)
                continue;
            foreach (var prefix in Prefixes(setpriv, name))
            {
                // "folder/." exists for whoever may pass through the folder.
                if ((await RunAsync([.. prefix, "test", "-e", Path.Combine(folder, ".")], cancel)).Succeeded)
                    return (new PostgresUser(name, prefix), null);
            }
        }
        return (null, $"PostgreSQL refuses to run as root, and no user of its own ({string.Join(", ", _names)}) may enter {folder}");
    }

    public IReadOnlyList<string> Command(string program, params IEnumerable<string> arguments) => [.. Prefix, program, .. arguments];

    // setpriv execs the program, so that signals reach it; su and runuser stay in between.
    static IEnumerable<string[]> Prefixes(string setpriv, string name)
    {
        string[] plain = [setpriv, $"--reuid={name}", $"--regid={name}", "--init-groups"];
        yield return [.. plain, "--"];
        yield return [.. plain, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--"];
    }

    static Task<Tool.Result> RunAsync(IReadOnlyList<string> command, CancellationToken cancel) =>
        Tool.RunAsync(command, TimeSpan.FromSeconds(10), cancel);
}
