using System.Globalization;

namespace OrleansDfs.AppHost.Setup;

/// <summary>
/// A PostgreSQL cluster of our own under the data folder: loopback only, no Unix socket, a password of its own, fsync on. This class makes
/// the cluster and says how to start it; running it is the launcher's (or Aspire's) part.
/// </summary>
public sealed class PrivatePostgres
{
    public const string Role = "orleansdfs";
    public const string Database = "orleansdfs";

    readonly PostgresPrograms _programs;
    readonly PostgresUser _user;
    readonly string _folder;
    readonly string _password;

    PrivatePostgres(PostgresPrograms programs, PostgresUser user, string folder, string password, int port)
    {
        _programs = programs;
        _user = user;
        _folder = folder;
        _password = password;
        Port = port;
    }

    public int Port { get; }

    public string Description =>
        $"PostgreSQL {_programs.Major} from {_programs.Folder}" + (_user.Name is null ? "" : $", run as {_user.Name}");

    /// <summary>For the catalog's own database, made by <see cref="PostgresDatabase.EnsureAsync"/>.</summary>
    public string ConnectionString => string.Create(
        CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Username={Role};Password={_password};Database={Database}");

    /// <summary>
    /// The server, in the foreground. The options are given here and not in postgresql.conf, so that they hold for a cluster that an older
    /// version of this program made. fsync and full_page_writes are named although they are defaults: acknowledged writes rest on them.
    /// </summary>
    public IReadOnlyList<string> Command => _user.Command(
        _programs.Program("postgres"), "-D", _folder,
        "-c", "listen_addresses=127.0.0.1", "-c", $"port={Port.ToString(CultureInfo.InvariantCulture)}", "-c", "unix_socket_directories=",
        "-c", "fsync=on", "-c", "full_page_writes=on", "-c", "max_connections=200", "-c", "logging_collector=off",
        "-c", "autovacuum_naptime=10s"); // rows deleted by the hundred thousand are in the way of listings until it comes

    /// <summary>Finds programs and user, stops a server that a killed AppHost left, and makes the cluster if there is none.</summary>
    /// <returns>The cluster, or the sentence that says why this machine has none.</returns>
    public static async Task<(PrivatePostgres? Cluster, string? WhyNot)> PrepareAsync(DataFolder data, Ports ports, CancellationToken cancel)
    {
        var folder = data.Combine("postgres");
        var major = MajorOf(folder);
        if (await PostgresPrograms.FindAsync(major, cancel) is not { } programs)
        {
            return (null, major is null
                ? $"no PostgreSQL programs of version {PostgresPrograms.OldestMajor} or later were found"
                : $"the database in {folder} was made by PostgreSQL {major}, whose programs were not found");
        }
        // Entered as another user: passing through must be allowed, reading the folder need not be.
        var (user, whyNot) = await PostgresUser.FindAsync(data.Root, cancel);
        if (user is null)
            return (null, whyNot);

        var password = PostgresPassword.Of(data);
        if (major is not null)
            await StopLeftoverAsync(programs, user, folder, cancel);
        var cluster = new PrivatePostgres(programs, user, folder, password, ports.Get(Ports.PostgresPort));
        if (major is null)
            await cluster.InitialiseAsync(data, cancel);
        return (cluster, null);
    }

    /// <summary>
    /// Stops the server that an AppHost killed with -9 left behind, found by its postmaster.pid, and cleanly, so that the next start needs no
    /// recovery. A leftover is stopped and started anew, not adopted: only a child's output and end reach the launcher.
    /// </summary>
    public static async Task StopLeftoverAsync(DataFolder data, CancellationToken cancel)
    {
        var folder = data.Combine("postgres");
        if (!File.Exists(Path.Combine(folder, "postmaster.pid")) || await PostgresPrograms.FindAsync(MajorOf(folder), cancel) is not { } programs)
            return;
        var (user, _) = await PostgresUser.FindAsync(data.Root, cancel);
        if (user is not null)
            await StopLeftoverAsync(programs, user, folder, cancel);
    }

    static async Task StopLeftoverAsync(PostgresPrograms programs, PostgresUser user, string folder, CancellationToken cancel)
    {
        if (!File.Exists(Path.Combine(folder, "postmaster.pid")))
            return;
        // pg_ctl status tells a live postmaster from a stale file; 3 means that none runs.
        var status = await Tool.RunAsync(user.Command(programs.Program("pg_ctl"), "status", "-D", folder), TimeSpan.FromSeconds(10), cancel);
        if (!status.Succeeded)
            return;
        var stop = await Tool.RunAsync(
            user.Command(programs.Program("pg_ctl"), "stop", "-D", folder, "-m", "fast", "-w", "-t", "20"), TimeSpan.FromSeconds(30), cancel);
        if (!stop.Succeeded)
            throw new SetupException(
                $"A PostgreSQL server left over from before runs on {folder} and did not stop ({stop.LastLine}): stop it by hand.");
    }

    static int? MajorOf(string folder)
    {
        var file = Path.Combine(folder, "PG_VERSION");
        return File.Exists(file) && int.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            ? major
            : null;
    }

    async Task InitialiseAsync(DataFolder data, CancellationToken cancel)
    {
        // Made aside and renamed: a first start that is killed in the middle must not leave half a cluster that the next one trusts.
        var aside = _folder + ".new";
        var pwfile = data.Combine("postgres.initial");
        try
        {
            if (Directory.Exists(aside))
                Directory.Delete(aside, recursive: true);
            PrivateFile.Write(pwfile, _password + "\n");
            Directory.CreateDirectory(aside);
            if (_user.Name is not null)
                await GiveAsync([aside, pwfile], cancel);
            var result = await Tool.RunAsync(
                _user.Command(
                    _programs.Program("initdb"), "-D", aside, "--username", Role, "--pwfile", pwfile, "--auth", "scram-sha-256",
                    "--encoding", "UTF8", "--locale", "C"),
                TimeSpan.FromMinutes(2), cancel);
            if (!result.Succeeded)
                throw new SetupException($"initdb failed in {data.Root} ({result.LastLine}): mend that, or set ORLEANSDFS_CATALOG=sqlite.");
            Directory.Move(aside, _folder);
        }
        finally
        {
            File.Delete(pwfile);
        }
    }

    async Task GiveAsync(IReadOnlyList<string> paths, CancellationToken cancel)
    {
        var result = await Tool.RunAsync(["chown", _user.Name!, .. paths], TimeSpan.FromSeconds(10), cancel);
        if (!result.Succeeded)
            throw new SetupException(
                $"The database's folder cannot be given to user {_user.Name} ({result.LastLine}): set ORLEANSDFS_CATALOG=sqlite.");
    }
}
