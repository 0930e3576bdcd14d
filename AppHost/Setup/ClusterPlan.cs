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
    public string Url => "http://127.0.0.1:" + Port.ToString(CultureInfo.InvariantCulture);

    public string HealthUrl => "http://127.0.0.1:" + HealthPort.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The cluster as it will run, decided before anything starts.</summary>
public sealed record ClusterPlan(IReadOnlyList<SiloPlan> Silos, GatewayPlan Gateway, Secrets Secrets)
{
    public const string ClusterId = "orleansdfs";
    public const string ServiceId = "orleansdfs";

    public static ClusterPlan Make(Options options, DataFolder folder, Ports ports, Secrets secrets)
    {
        var silos = Enumerable.Range(1, options.Silos)
            .Select(number => "silo" + number.ToString(CultureInfo.InvariantCulture))
            .Select(name => new SiloPlan(
                name, ports.Get(name + ".silo"), ports.Get(name + ".gateway"), ports.Get(name + ".node"), ports.Get(name + ".http"),
                folder.Node(name)))
            .ToList();
        return new ClusterPlan(silos, new GatewayPlan(options.Port, ports.Get("gateway.health")), secrets);
    }
}
