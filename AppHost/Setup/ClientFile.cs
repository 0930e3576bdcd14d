using System.Text.Json;

namespace OrleansDfs.AppHost.Setup;

/// <summary>
/// <c>client.json</c> in the data folder: the settings with which <c>odfs</c> and other clients reach this cluster, under the very keys that
/// processes get as
/// environment. Private, because the connection string may hold a password.
/// </summary>
public static class ClientFile
{
    public const string Name = "client.json";

    const string ClusterTls = "OrleansDfs__ClusterTls";

    public static void Write(DataFolder folder, ClusterPlan plan, string connectionString, string invariant,
        IReadOnlyDictionary<string, string> given)
    {
        var settings = ClusterEnvironment.Orleans(invariant, isSilo: false);
        settings["ConnectionStrings__" + Catalog.Name] = connectionString;
        settings["OrleansDfs__ClusterSecretFile"] = plan.Secrets.ClusterSecretFile;
        // A client that did not encrypt where the nodes require it would be refused.
        if (given.GetValueOrDefault(ClusterTls) is { } tls) settings[ClusterTls] = tls;
        var json = new SortedDictionary<string, string>(
            settings.ToDictionary(s => s.Key.Replace("__", ":", StringComparison.Ordinal), s => s.Value), StringComparer.Ordinal);
        PrivateFile.Write(folder.Combine(Name), JsonSerializer.Serialize(json, Indented));
    }

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
}
