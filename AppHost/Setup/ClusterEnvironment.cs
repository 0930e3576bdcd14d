using System.Collections;
using System.Globalization;

namespace OrleansDfs.AppHost.Setup;

/// <summary>
/// The environment of silos and gateway: the one place that spells these names, for the launcher and for Aspire. Invariant: the gateway
/// never gets the root secret nor the users' (it asks a silo for derived keys), also not by inheritance.
/// </summary>
public static class ClusterEnvironment
{
    const string Ours = "OrleansDfs__";
    const string Users = "OrleansDfs__Users__";
    const string DomainsSetting = "OrleansDfs__Domains";
    const string RootAccessKey = "OrleansDfs__RootAccessKey";
    const string RootSecretKey = "OrleansDfs__RootSecretKey";

    // Settings of the AppHost, or of whoever started it, that would mean something else in a child.
    static readonly string[] _notInherited =
    [
        "OrleansDfs_", "Orleans__", "ConnectionStrings__", "ASPNETCORE_", "ASPIRE_", "DOTNET_RESOURCE_SERVICE_", "DOTNET_DASHBOARD_",
        "DOTNET_LAUNCH_PROFILE", "URLS", "HTTP_PORTS", "HTTPS_PORTS",
    ];

    /// <summary>Whether the silos are told to serve the Orleans dashboard.</summary>
    public static bool HasDashboard(IReadOnlyDictionary<string, string> given) =>
        given.TryGetValue(Ours + "Dashboard", out var wish) && bool.TryParse(wish, out var on) && on;

    /// <summary>The variables of this process.</summary>
    public static IReadOnlyDictionary<string, string> OfThisProcess() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");

    /// <summary>True for what a child takes over from this process unchanged: PATH, HOME, OTEL_* and the like.</summary>
    public static bool IsInherited(string name) => !_notInherited.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    /// <summary>Orleans' clustering by the connection <c>catalog</c>, for silos and clients. Aspire's Orleans integration sets the same.</summary>
    public static Dictionary<string, string> Orleans(string invariant, bool isSilo)
    {
        var variables = new Dictionary<string, string>
        {
            ["Orleans__ClusterId"] = ClusterPlan.ClusterId,
            ["Orleans__ServiceId"] = ClusterPlan.ServiceId,
        };
        foreach (var section in isSilo ? ["Clustering", "GrainStorage__Default", "Reminders"] : new[] { "Clustering" })
        {
            foreach (var (name, value) in Provider(section, invariant))
                variables[name] = value;
        }
        return variables;
    }

    /// <summary>One ADO.NET provider of Orleans, under <c>Orleans__</c> and its section.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Provider(string section, string invariant)
    {
        var prefix = "Orleans__" + section.Replace(":", "__", StringComparison.Ordinal);
        yield return new(prefix + "__ProviderType", "AdoNet");
        yield return new(prefix + "__Invariant", invariant);
        yield return new(prefix + "__ConnectionName", Catalog.Name);
    }

    /// <summary>
    /// What the host of a silo needs besides Orleans' clustering, its ports and the catalog. Our own settings in <paramref name="given"/>
    /// (users, defaults, limits) go through as they are.
    /// </summary>
    public static Dictionary<string, string> Silo(ClusterPlan plan, SiloPlan silo, IReadOnlyDictionary<string, string> given)
    {
        var variables = PassedThrough(given, _ => true);
        variables["Orleans__Name"] = silo.Name;
        variables["Orleans__Endpoints__AdvertisedIPAddress"] = "127.0.0.1";
        variables["OrleansDfs__Node__Directory"] = silo.NodeDirectory;
        variables["OrleansDfs__Node__Endpoint"] = "127.0.0.1:" + silo.NodePort.ToString(CultureInfo.InvariantCulture);
        // Every silo its own failure domain, so that replicas spread over all of them as they would over hosts.
        variables["OrleansDfs__Node__Domain"] = silo.Name;
        variables["OrleansDfs__ClusterSecretFile"] = plan.Secrets.ClusterSecretFile;
        variables[RootAccessKey] = plan.Secrets.RootAccessKey;
        variables[RootSecretKey] = plan.Secrets.RootSecretKey;
        return variables;
    }

    /// <summary>The gateway's, likewise.</summary>
    public static Dictionary<string, string> Gateway(ClusterPlan plan, IReadOnlyDictionary<string, string> given)
    {
        var variables = PassedThrough(given, name => !IsSecret(name));
        variables["OrleansDfs__Gateway__HealthPort"] = plan.Gateway.HealthPort.ToString(CultureInfo.InvariantCulture);
        variables["OrleansDfs__ClusterSecretFile"] = plan.Secrets.ClusterSecretFile;
        if (plan.Gateway.Https is { } https)
        {
            variables["Kestrel__Certificates__Default__Path"] = https.Certificate.Certificate;
            variables["Kestrel__Certificates__Default__KeyPath"] = https.Certificate.Key;
        }
        return variables;
    }

    /// <summary>Domains whose subdomains are buckets, as the gateway reads them: a list, or one setting for each.</summary>
    public static IEnumerable<string> Domains(IReadOnlyDictionary<string, string> given) => given
        .Where(v => v.Key.Equals(DomainsSetting, StringComparison.OrdinalIgnoreCase)
            || v.Key.StartsWith(DomainsSetting + "__", StringComparison.OrdinalIgnoreCase))
        .SelectMany(v => v.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        .Select(domain => domain.ToLowerInvariant());

    /// <summary>The ports that a silo listens on for Orleans. Under Aspire the Orleans integration sets them.</summary>
    public static Dictionary<string, string> SiloPorts(SiloPlan silo) => new()
    {
        ["Orleans__Endpoints__SiloPort"] = silo.SiloPort.ToString(CultureInfo.InvariantCulture),
        ["Orleans__Endpoints__GatewayPort"] = silo.GatewayPort.ToString(CultureInfo.InvariantCulture),
    };

    static bool IsSecret(string name) =>
        name.StartsWith(Users, StringComparison.OrdinalIgnoreCase)
        || name.Equals(RootAccessKey, StringComparison.OrdinalIgnoreCase)
        || name.Equals(RootSecretKey, StringComparison.OrdinalIgnoreCase);

    static Dictionary<string, string> PassedThrough(IReadOnlyDictionary<string, string> given, Func<string, bool> wanted) =>
        given.Where(variable => variable.Key.StartsWith(Ours, StringComparison.OrdinalIgnoreCase) && wanted(variable.Key))
            .ToDictionary(variable => variable.Key, variable => variable.Value, StringComparer.OrdinalIgnoreCase);
}
