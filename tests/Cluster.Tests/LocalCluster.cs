using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Amazon.Runtime;
using Amazon.S3;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansDfs.Client;

namespace OrleansDfs.Cluster.Tests;

/// <summary>
/// The whole cluster as a user starts it: the AppHost's launcher with its database, three silos and a gateway, each a process of its own, in a
/// temporary folder. Whatever a test does to it, what it started is gone when it is disposed.
/// </summary>
public sealed partial class LocalCluster : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);
    private static readonly string AppHost =
        typeof(LocalCluster).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "OrleansDfs.AppHost").Value!;

    private readonly string _catalog;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly int _silos;
    private readonly StringBuilder _output = new();
    private Process? _appHost;
    private HttpClient? _page;
    private string _resources = "";

    private LocalCluster(string catalog, int silos, IReadOnlyDictionary<string, string> settings)
    {
        _settings = settings;
        _catalog = catalog;
        _silos = silos;
        Folder = Path.Combine(Path.GetTempPath(), $"orleansdfs-cluster-{Guid.NewGuid():N}"[..32]);
        Port = FreePort();
    }

    public string Folder { get; }

    public int Port { get; }

    public AWSCredentials Credentials { get; private set; } = null!;

    public AmazonS3Client S3 { get; private set; } = null!;

    /// <param name="catalog"><c>postgres</c>, <c>sqlite</c>, or "" where the settings name a database.</param>
    public static async Task<LocalCluster> StartAsync(string catalog, int silos = 3, IReadOnlyDictionary<string, string>? settings = null)
    {
        var cluster = new LocalCluster(catalog, silos, settings ?? new Dictionary<string, string>());
        await cluster.StartAsync();
        return cluster;
    }

    /// <summary>Starts it (again) on its folder and waits until it says that it is ready.</summary>
    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in new[] { "exec", AppHost, "--data", Folder, "--port", $"{Port}", "--silos", $"{_silos}" })
            start.ArgumentList.Add(argument);
        start.Environment["ORLEANSDFS_CATALOG"] = _catalog;
        foreach (var (name, value) in _settings) start.Environment[name] = value;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"The AppHost ended:\n{Output}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _appHost = process;
        try
        {
            await ready.Task.WaitAsync(StartLimit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The cluster was not ready in {StartLimit}:\n{Output}");
        }
        _page = new HttpClient();
        var keys = File.ReadLines(Path.Combine(Folder, "root.env")).Select(l => l.Split('=', 2)).ToDictionary(l => l[0], l => l[1]);
        Credentials = new BasicAWSCredentials(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"]);
        S3 = ClientAt(Port, config => config.MaxErrorRetry = 8);

        void Take(string? line)
        {
            if (line is null) return;
            lock (_output) _output.AppendLine(line);
            if (PageUrl().Match(line) is { Success: true } url) _resources = url.Value;
            if (line.Contains("Ctrl-C stops everything", StringComparison.Ordinal)) ready.TrySetResult();
        }
    }

    /// <summary>A client of a gateway on this port, as the root user.</summary>
    public AmazonS3Client ClientAt(int port, Action<AmazonS3Config> configure)
    {
        var config = new AmazonS3Config { ServiceURL = $"http://127.0.0.1:{port}", ForcePathStyle = true, AuthenticationRegion = "us-east-1" };
        configure(config);
        return new AmazonS3Client(Credentials, config);
    }

    /// <summary>Everything that the AppHost and its children have printed.</summary>
    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    public async Task<IReadOnlyList<Resource>> ResourcesAsync() =>
        await _page!.GetFromJsonAsync<Resource[]>(_resources.Replace("/?", "/api/resources?", StringComparison.Ordinal)) ?? [];

    /// <summary>A .NET service beside the cluster: the client library with the settings that the AppHost leaves in <c>client.json</c>.</summary>
    public async Task<IHost> ConnectAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddJsonFile(Path.Combine(Folder, "client.json"));
        builder.AddOrleansDfsClient();
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>kill -9, as a crash.</summary>
    public async Task KillAsync(string name)
    {
        var resource = (await ResourcesAsync()).Single(r => r.Name == name);
        using var victim = Process.GetProcessById(resource.Pid ?? throw new InvalidOperationException($"{name} does not run."));
        victim.Kill();
    }

    /// <summary>SIGSTOP: it hangs, and breaks no connection.</summary>
    public async Task PauseAsync(string name) => Signal((await ResourcesAsync()).Single(r => r.Name == name).Pid!.Value, Sigstop);

    /// <summary>SIGCONT of one that was paused.</summary>
    public async Task ContinueAsync(string name) => Signal((await ResourcesAsync()).Single(r => r.Name == name).Pid!.Value, Sigcont);

    /// <summary>kill -9 of a silo, whose folder is empty when the launcher starts it again.</summary>
    public async Task ReplaceDiskAsync(string silo)
    {
        await KillAsync(silo);
        // One step, and long before the launcher starts the silo again.
        var folder = Path.Combine(Folder, "nodes", silo);
        Directory.Move(folder, $"{folder}.lost");
    }

    /// <summary>Waits until the launcher has brought it back.</summary>
    public Task WaitUntilHealthyAsync(string name, int restarts) => Eventually.HoldsAsync(
        $"{name} is healthy again",
        async () => (await ResourcesAsync()).Single(r => r.Name == name) is { State: "Healthy" } r && r.Restarts >= restarts);

    /// <summary>As Ctrl-C does. Answers how long it took until everything was down.</summary>
    public async Task<TimeSpan> StopAsync()
    {
        var clock = Stopwatch.StartNew();
        if (_appHost is { HasExited: false }) Signal(_appHost.Id, Sigterm);
        await _appHost!.WaitForExitAsync();
        return clock.Elapsed;
    }

    /// <summary>kill -9 of the launcher: its children must not outlive it.</summary>
    public async Task KillAppHostAsync()
    {
        _appHost!.Kill();
        await _appHost.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_appHost is not null)
        {
            await StopAsync();
            _appHost.Dispose();
        }
        S3?.Dispose();
        _page?.Dispose();
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }

    internal static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20000, 32000);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                continue; // somebody else's
            }
        }
    }

    private const int Sigterm = 15;
    private const int Sigcont = 18;
    private const int Sigstop = 19;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int pid, int signal);

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+/\?token=[0-9a-f]+")]
    private static partial Regex PageUrl();

    public sealed record Resource(string Name, string State, string? Url, int? Pid, int Restarts);
}
