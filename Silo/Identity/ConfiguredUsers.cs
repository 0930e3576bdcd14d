using OrleansDfs.Catalog;
using OrleansDfs.Model;

namespace OrleansDfs.Silo.Identity;

/// <summary>
/// Writes the root user and the users of the configuration into the catalog when a silo starts (DESIGN §9). Every silo writes the same; the last one
/// wins.
/// </summary>
public static class ConfiguredUsers
{
    public static async Task WriteAsync(CatalogDatabase catalog, SecretVault vault, SiloOptions options, CancellationToken cancellation)
    {
        var users = new List<ConfiguredUser>();
        if (!string.IsNullOrEmpty(options.RootAccessKey) && !string.IsNullOrEmpty(options.RootSecretKey))
            users.Add(Of(new UserInfo("root", "root@example.com", IsRoot: true), options.RootAccessKey, options.RootSecretKey));
        foreach (var user in options.Users)
            users.Add(Of(new UserInfo(user.Name, user.Email, IsRoot: false), user.AccessKey, user.SecretKey));
        await catalog.Users.UpsertConfiguredAsync(users, cancellation);

        ConfiguredUser Of(UserInfo info, string accessKey, string secret) => new(info, accessKey, vault.Wrap(accessKey, secret));
    }
}
