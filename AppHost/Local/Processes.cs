using System.Globalization;
using System.Net;
using OrleansDfs.AppHost.Setup;

namespace OrleansDfs.AppHost.Local;

/// <summary>The silos and the gateway as child processes: the built assemblies, with the very environment that Aspire gives them.</summary>
sealed class Processes(ClusterPlan plan, LocalCatalog catalog, IReadOnlyDictionary<string, string> given, HttpClient http)
{
    const string PoolThreadsVariable = "DOTNET_ThreadPool_ForceMinWorkerThreads"; // hexadecimal

    // Gateway 2.5 s, then the silos at once 4 s, then PostgreSQL 3 s: 9.5 s if every single one has to be killed.
    static readonly TimeSpan _gatewayGrace = TimeSpan.FromSeconds(2.5);
    static readonly TimeSpan _siloGrace = TimeSpan.FromSeconds(4);

    public ResourceSpec Silo(SiloPlan silo) => Spec(silo.Name, "Silo", silo.Url, _siloGrace) with
    {
        Environment = Merge(
            ClusterEnvironment.Silo(plan, silo, given), ClusterEnvironment.Orleans(catalog.Invariant, isSilo: true),
            ClusterEnvironment.SiloPorts(silo), Host(silo.Url)),
        Url = silo.Url,
        Dashboard = ClusterEnvironment.HasDashboard(given) ? silo.Url + "/dashboard" : null,
    };

    public ResourceSpec Gateway() => Spec("gateway", "Gateway", plan.Gateway.HealthUrl, _gatewayGrace) with
    {
        Environment = Merge(
            ClusterEnvironment.Gateway(plan, given), ClusterEnvironment.Orleans(catalog.Invariant, isSilo: false),
            Host(plan.Gateway.Urls)),
        Url = plan.Gateway.Url,
        WhyEnded = () => !Ports.IsFree(plan.Gateway.Port) ? Ports.Taken(plan.Gateway.Port)
            : plan.Gateway.Https is { } https && !Ports.IsFree(https.Port) ? Ports.Taken(https.Port, "--https-port")
            : null,
    };

    ResourceSpec Spec(string name, string project, string healthUrl, TimeSpan grace)
    {
        var assembly = Assembly(project);
        return new ResourceSpec
        {
            Name = name,
            Command = [Dotnet(), "exec", assembly],
            Environment = new Dictionary<string, string>(),
            WorkingDirectory = Path.GetDirectoryName(assembly)!,
            IsHealthy = cancel => IsHealthyAsync(healthUrl + "/health", cancel),
            StopSignal = Signal.Terminate,
            StopGrace = grace,
        };
    }

    /// <summary>
    /// Threads of its pool that a process wakes before it has measured that more are of use (the runtime's default is the number of processors). Here
    /// all processes share them: a piece of work that wakes a second thread, while the first would have come to it at once, costs more than it gains
    /// (a fifth of all processor time of small requests, benchmarks/RESULTS.md).
    /// </summary>
    int PoolThreads => Math.Max(1, Environment.ProcessorCount / (plan.Silos.Count + 1));

    Dictionary<string, string> Host(string urls) => new()
    {
        [PoolThreadsVariable] = given.GetValueOrDefault(PoolThreadsVariable, PoolThreads.ToString("x", CultureInfo.InvariantCulture)),
        ["ConnectionStrings__" + Catalog.Name] = catalog.ConnectionString,
        ["ASPNETCORE_URLS"] = urls,
        ["DOTNET_ENVIRONMENT"] = given.GetValueOrDefault("DOTNET_ENVIRONMENT", "Production"),
        ["ORLEANSDFS_EXIT_WITH_STDIN"] = "1",
    };

    async Task<bool> IsHealthyAsync(string url, CancellationToken cancel)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(TimeSpan.FromSeconds(3));
            using var answer = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>The host that runs us runs the children too, so that the same runtime is found.</summary>
    static string Dotnet()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host && File.Exists(host))
            return host;
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            return Environment.ProcessPath!;
        return Tool.OnPath("dotnet") ?? throw new SetupException("The program 'dotnet' is not on PATH: add the folder of the .NET SDK to it.");
    }

    /// <summary>The path that the build wrote into this assembly.</summary>
    static string Assembly(string project)
    {
        var path = BuildPaths.Get(project);
        return File.Exists(path)
            ? path
            : throw new SetupException($"{path} is not there: build first (dotnet build AppHost), or run 'dotnet run --project AppHost'.");
    }

    static Dictionary<string, string> Merge(params IEnumerable<Dictionary<string, string>> parts) =>
        parts.SelectMany(part => part).GroupBy(variable => variable.Key, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.Last().Value);
}
