using System.Diagnostics;
using System.Runtime.InteropServices;
using Npgsql;

namespace OrleansDfs.Testing;

/// <summary>
/// A private PostgreSQL cluster in a temporary folder, for as long as this object lives. It listens on a unix socket inside that folder only, so no
/// port is taken.
/// As root it runs as the user <c>postgres</c> (or <c>nobody</c>), since PostgreSQL refuses root. The server ends when this is disposed, and also
/// when the
/// test process is killed: a shell holds the other end of our pipe and stops the server, by its process id, when the pipe closes.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>Why a test that needs PostgreSQL was skipped.</summary>
    public const string Missing = "No PostgreSQL programs (initdb, postgres) on PATH or in /usr/lib/postgresql/*/bin.";

    private const string Watch = """
        "$@" & pid=$!
        read -r _
        kill -QUIT $pid 2>/dev/null
        wait $pid
        """;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly string[] _command;
    private Process _process;
    private Task<string> _log;
    private int _databases;

    private PostgresServer(string folder, string[] command)
    {
        _folder = folder;
        _command = command;
        (_process, _log) = Start(command);
    }

    /// <summary>Folder that holds <c>initdb</c> and <c>postgres</c>, or <c>null</c>. The highest version wins.</summary>
    public static string? FindPrograms()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).ToList();
        if (Directory.Exists("/usr/lib/postgresql"))
            folders.InsertRange(0, Directory.GetDirectories("/usr/lib/postgresql")
                .OrderByDescending(f => int.TryParse(Path.GetFileName(f), out var version) ? version : 0)
                .Select(f => Path.Combine(f, "bin")));
        return folders.FirstOrDefault(f => File.Exists(Path.Combine(f, "initdb")) && File.Exists(Path.Combine(f, "postgres")));
    }

    /// <summary>Starts a cluster; <c>null</c> when the machine has no PostgreSQL.</summary>
    /// <param name="settings">Further <c>name=value</c> settings of the server.</param>
    public static async Task<PostgresServer?> TryStartAsync(params string[] settings)
    {
        if (FindPrograms() is not { } programs) return null;
        // Under /tmp whatever TMPDIR says: the path of a unix socket has at most 107 bytes, and another user must be able to write there.
        var folder = $"/tmp/orleansdfs-pg-{Guid.NewGuid():N}"[..30];
        var data = Path.Combine(folder, "data");
        await RunAsync(AsOrdinaryUser("mkdir", "-m", "0700", folder));
        await RunAsync(AsOrdinaryUser(Path.Combine(programs, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C",
            "--no-sync"));

        List<string> command = ["sh", "-c", Watch, "watch", Path.Combine(programs, "postgres"), "-D", data];
        string[] own =
        [
            "listen_addresses=", $"unix_socket_directories={folder}", "fsync=off", "shared_buffers=64MB", "max_connections=200", "jit=off",
                "autovacuum_naptime=5s",
        ];
        foreach (var setting in own.Concat(settings))
            command.AddRange(["-c", setting]);
        var server = new PostgresServer(folder, [.. command]);
        await server.WaitUntilReadyAsync();
        return server;
    }

    /// <summary>Ends the server at once, as a crash does: connections break, the next start recovers.</summary>
    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        await _log;
        _process.Dispose();
    }

    /// <summary>Starts it again after <see cref="StopAsync"/>, and returns when it answers.</summary>
    public async Task RestartAsync()
    {
        (_process, _log) = Start(_command);
        await WaitUntilReadyAsync();
    }

    private static (Process Process, Task<string> Log) Start(string[] command)
    {
        var start = AsOrdinaryUser(command);
        start.RedirectStandardInput = true;
        start.RedirectStandardError = true;
        var process = Process.Start(start) ?? throw new InvalidOperationException("sh did not start.");
        return (process, process.StandardError.ReadToEndAsync());
    }

    /// <summary>Connection string for one database of this server.</summary>
    public string ConnectionString(string database) => $"Host={_folder};Username=postgres;Database={database}";

    /// <summary>Makes a new, empty database and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"t{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync($"CREATE DATABASE {name}");
        return ConnectionString(name);
    }

    /// <summary>Runs a statement as superuser in the database <c>postgres</c>.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task WaitUntilReadyAsync()
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await ExecuteAsync("SELECT 1");
                return;
            }
            catch (NpgsqlException) when (clock.Elapsed < StartLimit && !_process.HasExited)
            {
                await Task.Delay(50); // the server gives no other sign than that it answers
            }
            catch (NpgsqlException e)
            {
                await DisposeAsync();
                throw new InvalidOperationException($"PostgreSQL did not start: {await _log}", e);
            }
        }
    }

    private static ProcessStartInfo AsOrdinaryUser(params string[] command)
    {
        string[] prefix = [];
        if (Environment.UserName == "root" && RuntimeInformation.IsOSPlatform(OSPlatform.Linux))
        {
            var user = File.ReadLines("/etc/passwd").Any(l => l.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";
            prefix = ["setpriv", $"--reuid={user}", $"--regid={GroupOf(user)}", "--clear-groups"];
        }
        string[] all = [.. prefix, .. command];
        var start = new ProcessStartInfo(all[0]) { WorkingDirectory = "/" };
        foreach (var argument in all.Skip(1)) start.ArgumentList.Add(argument);
        return start;
    }

    private static string GroupOf(string user) =>
        File.ReadLines("/etc/passwd").First(l => l.StartsWith(user + ":", StringComparison.Ordinal)).Split(':')[3];

    private static async Task RunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{string.Join(' ', start.ArgumentList)} failed: {await output}{await error}");
    }
}
