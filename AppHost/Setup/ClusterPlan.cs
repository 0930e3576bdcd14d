using System.Globalization;

namespace OrleansDfs.AppHost.Setup;

/// <summary>One silo: its name, which is stable and pins its storage node, and its ports.</summary>
public sealed record SiloPlan(string Name, int SiloPort, int GatewayPort, int NodePort, int HttpPort, string NodeDirectory)
{
    public string Url => Loopback(HttpPort);

    static string Loopback(int port) => "http://127.0.0.1:" + port.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The gateway: the S3 port, whose paths all belong to buckets, and a port of its own for health.</summary>
public sealed record GatewayPlan(int Port, int HealthPort)
{
    /// <summary>HTTPS too, with this certificate.</summary>
    public HttpsPlan? Https { get; init; }

    /// <summary>All that the gateway listens on.</summary>
    public string Urls => string.Join(';', new[] { Url, Https?.Url, HealthUrl }.OfType<string>());

    public string Url => "http://127.0.0.1:" + Port.ToString(CultureInfo.InvariantCulture);

    public string HealthUrl => "http://127.0.0.1:" + HealthPort.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The S3 endpoint over TLS.</summary>
public sealed record HttpsPlan(int Port, DevelopmentCertificate Certificate)
{
    public string Url => "https://127.0.0.1:" + Port.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The cluster as it will run, decided before anything starts.</summary>
public sealed record ClusterPlan(IReadOnlyList<SiloPlan> Silos, GatewayPlan Gateway, Secrets Secrets)
{
    public const string ClusterId = "orleansdfs";
    public const string ServiceId = "orleansdfs";

    public static ClusterPlan Make(
        Options options, DataFolder folder, Ports ports, Secrets secrets, IReadOnlyDictionary<string, string> environment)
    {
        var silos = Enumerable.Range(1, options.Silos)
            .Select(number => "silo" + number.ToString(CultureInfo.InvariantCulture))
            .Select(name => new SiloPlan(
                name, ports.Get(name + ".silo"), ports.Get(name + ".gateway"), ports.Get(name + ".node"), ports.Get(name + ".http"),
                folder.Node(name)))
            .ToList();
        var https = options.HttpsPort is { } port
            ? new HttpsPlan(port, DevelopmentCertificate.Load(folder.Combine("https"), ClusterEnvironment.Domains(environment), TimeProvider.System))
            : null;
        return new ClusterPlan(silos, new GatewayPlan(options.Port, ports.Get("gateway.health")) { Https = https }, secrets);
    }
}
