using System.Text.Json;

namespace OrleansDfs.Embedded;

/// <summary><c>client.json</c> in the data folder: the settings with which <c>odfs --data DIR</c> and other clients on this machine reach the
/// server.</summary>
static class ClientFile
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Write(string directory, IConfiguration settings)
    {
        string[] wanted = ["Orleans:ClusterId", "Orleans:ServiceId", "Orleans:Clustering", "ConnectionStrings:catalog"];
        var values = settings.AsEnumerable()
            .Where(s => s.Value is not null && wanted.Any(w => s.Key == w || s.Key.StartsWith(w + ":", StringComparison.Ordinal)))
            .ToDictionary(s => s.Key, s => s.Value);
        values["OrleansDfs:ClusterSecretFile"] = Path.GetFullPath(settings["OrleansDfs:ClusterSecretFile"]!);
        if (settings["OrleansDfs:ClusterTls"] is { } tls) values["OrleansDfs:ClusterTls"] = tls;
        var path = Path.Combine(directory, "client.json");
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(values, Indented));
        File.Move(path + ".new", path, overwrite: true);
    }
}
