using OrleansDfs.Model;

namespace OrleansDfs.Catalog;

/// <param name="WrappedSecret">The secret key, encrypted by the caller (DESIGN §9).</param>
public sealed record ConfiguredUser(UserInfo User, string AccessKey, byte[] WrappedSecret);

public sealed record FoundAccessKey(UserInfo User, byte[] WrappedSecret);

/// <summary>Users and their access keys.</summary>
public sealed class Users
{
    /// <summary>Writes users from the configuration. Keys of these users that were configured before and are not now are removed.</summary>
    public Task UpsertConfiguredAsync(IReadOnlyList<ConfiguredUser> users, CancellationToken cancellation = default) => throw new NotImplementedException();

    public Task<FoundAccessKey?> FindByAccessKeyAsync(string accessKey, CancellationToken cancellation = default) => throw new NotImplementedException();

    public Task<UserInfo?> FindAsync(string name, CancellationToken cancellation = default) => throw new NotImplementedException();

    public Task<IReadOnlyList<UserInfo>> ListAsync(CancellationToken cancellation = default) => throw new NotImplementedException();
}
