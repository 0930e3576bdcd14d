using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OrleansDfs.Chaos;

/// <summary>
/// The cluster as a user starts it (three silos, PostgreSQL, a gateway), and a second gateway of our own with the environment of the first. Every
/// process is known by its id, so that the nemesis hits this cluster and nothing else on the machine.
/// </summary>
sealed partial class ChaosCluster : IAsyncDisposable
{
    public const string SecondGateway = "gateway2";
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(4);
    private static readonly string AppHost =
        typeof(ChaosCluster).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "OrleansDfs.AppHost").Value!;

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StreamWriter _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly int _secondPort = FreePort();
    private readonly int _secondHealthPort = FreePort();
    private Process? _appHost;
    private Process? _second;
    private Task _secondLoop = Task.CompletedTask;
    private string _resources = "";

    private ChaosCluster(string folder)
    {
        Folder = folder;
        Port = FreePort();
        Directory.CreateDirectory(folder);
        _log = new StreamWriter(Path.Combine(folder, "cluster.log")) { AutoFlush = true };
    }

    public string Folder { get; }

    public string Data => Path.Combine(Folder, "data");

    public int Port { get; }

    public string[] Gateways => [$"127.0.0.1:{Port}", $"127.0.0.1:{_secondPort}"];

    public (string Access, string Secret) RootKey { get; private set; }

    public string CatalogConnection { get; private set; } = "";

    public static async Task<ChaosCluster> StartAsync(string folder, IReadOnlyDictionary<string, string> settings)
    {
        var cluster = new ChaosCluster(folder);
        try
        {
            await cluster.StartAsync(settings);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async Task<IReadOnlyList<Resource>> ResourcesAsync() =>
        await _http.GetFromJsonAsync<Resource[]>(_resources.Replace("/?", "/api/resources?", StringComparison.Ordinal)) ?? [];

    /// <summary>
    /// The process ids behind a name; of <c>postgres</c> the postmaster's first and then its children's. Empty: it does not run now.
    /// </summary>
    public async Task<IReadOnlyList<int>> ProcessesAsync(string name)
    {
        if (name == SecondGateway) return _second is { HasExited: false } second ? [second.Id] : [];
        if (name != "postgres") return (await ResourcesAsync()).Where(r => r.Name == name && r.Pid is not null).Select(r => r.Pid!.Value).ToList();
        var file = Path.Combine(Data, "postgres", "postmaster.pid");
        if (!File.Exists(file)) return [];
        var postmaster = int.Parse((await File.ReadAllLinesAsync(file))[0], CultureInfo.InvariantCulture);
        var children = Path.Combine("/proc", $"{postmaster}", "task", $"{postmaster}", "children");
        if (!File.Exists(children)) return [];
        return [postmaster, .. (await File.ReadAllTextAsync(children)).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
    }

    /// <summary>
    /// Sends the signal to everything behind the name. A process that ended meanwhile is what was wanted, or will be seen by the wait for health.
    /// </summary>
    public async Task SignalAsync(string name, int signal)
    {
        foreach (var process in await ProcessesAsync(name)) _ = Kill(process, signal);
    }

    public async Task<bool> IsHealthyAsync()
    {
        try
        {
            if ((await ResourcesAsync()).Any(r => r.State != "Healthy")) return false;
            using var second = await _http.GetAsync($"http://127.0.0.1:{_secondHealthPort}/health");
            return second.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_second is { HasExited: false }) _second.Kill();
        await _secondLoop;
        if (_appHost is { HasExited: false })
        {
            _ = Kill(_appHost.Id, Signals.Terminate);
            await _appHost.WaitForExitAsync();
        }
        _appHost?.Dispose();
        _http.Dispose();
        await _log.DisposeAsync();
        _stop.Dispose();
    }

    private async Task StartAsync(IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", AppHost, "--data", Data, "--port", $"{Port}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["ORLEANSDFS_CATALOG"] = "postgres";
        foreach (var (name, value) in settings) start.Environment[name] = value;
        _appHost = new Process { StartInfo = start, EnableRaisingEvents = true };
        _appHost.OutputDataReceived += (_, line) => Take(line.Data);
        _appHost.ErrorDataReceived += (_, line) => Take(line.Data);
        _appHost.Exited += (_, _) => _ready.TrySetException(new InvalidOperationException($"The AppHost ended; see {Folder}/cluster.log"));
        _appHost.Start();
        _appHost.BeginOutputReadLine();
        _appHost.BeginErrorReadLine();
        await _ready.Task.WaitAsync(StartLimit);
        var keys = File.ReadLines(Path.Combine(Data, "root.env")).Select(l => l.Split('=', 2)).ToDictionary(l => l[0], l => l[1]);
        RootKey = (keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"]);
        using var client = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Data, "client.json")));
        CatalogConnection = client.RootElement.GetProperty("ConnectionStrings:catalog").GetString()!;
        _secondLoop = KeepSecondGatewayAsync((await ProcessesAsync("gateway"))[0]);
    }

    /// <summary>The very environment of the first gateway but for its ports; started again whenever it ends, as the launcher does.</summary>
    private async Task KeepSecondGatewayAsync(int first)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        var command = (await File.ReadAllTextAsync($"/proc/{first}/cmdline")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        foreach (var argument in command.Skip(1)) start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach (var variable in (await File.ReadAllTextAsync($"/proc/{first}/environ")).Split('\0', StringSplitOptions.RemoveEmptyEntries))
            start.Environment[variable.Split('=')[0]] = variable.Split('=', 2)[1];
        start.WorkingDirectory = Path.GetDirectoryName(command[^1])!;
        start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{_secondPort};http://127.0.0.1:{_secondHealthPort}";
        start.Environment["OrleansDfs__Gateway__HealthPort"] = $"{_secondHealthPort}";
        while (!_stop.IsCancellationRequested)
        {
            using var process = new Process { StartInfo = start };
            process.OutputDataReceived += (_, line) => Take(line.Data is { } text ? $"gateway2 | {text}" : null);
            process.ErrorDataReceived += (_, line) => Take(line.Data is { } text ? $"gateway2 | {text}" : null);
            process.Start();
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            _second = process;
            await process.WaitForExitAsync(CancellationToken.None);
            _second = null;
            await Task.WhenAny(Task.Delay(TimeSpan.FromSeconds(1), _stop.Token));
        }
    }

    private void Take(string? line)
    {
        if (line is null) return;
        lock (_log) _log.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} {line}");
        if (PageUrl().Match(line) is { Success: true } url) _resources = url.Value;
        if (line.Contains("Ctrl-C stops everything", StringComparison.Ordinal)) _ready.TrySetResult();
    }

    private static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20000, 32000);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                continue; // somebody else's
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+/\?token=[0-9a-f]+")]
    private static partial Regex PageUrl();

    public sealed record Resource(string Name, string State, int? Pid, int Restarts);
}

static class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;
}
