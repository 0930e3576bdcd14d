using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;

namespace OrleansDfs.Silo.Identity;

/// <summary>Answers who an access key belongs to and the key that verifies its signatures of one scope; the secret never leaves the silo.</summary>
[StatelessWorker, Reentrant]
[GrainType("identity")]
public sealed class IdentityGrain(CatalogDatabase catalog, SecretVault vault, ILogger<IdentityGrain> log) : Grain, IIdentityGrain
{
    public async Task<IdentityResult> Resolve(SigningScope scope, CancellationToken cancellation)
    {
        try
        {
            if (await catalog.Users.FindByAccessKeyAsync(scope.AccessKey, cancellation) is not { } found) return new IdentityResult(DfsStatus.NotFound, null, null);
            var secret = vault.Unwrap(scope.AccessKey, found.WrappedSecret);
            return new IdentityResult(DfsStatus.Ok, found.User, SigningKey.Derive(secret, scope.Date, scope.Region, scope.Service));
        }
        catch (CatalogUnavailableException)
        {
            return new IdentityResult(DfsStatus.Unavailable, null, null);
        }
        catch (CryptographicException e)
        {
            log.LogError(e, "The secret of access key {AccessKey} cannot be unwrapped: was the cluster's secret replaced?", scope.AccessKey);
            return new IdentityResult(DfsStatus.NotFound, null, null);
        }
    }

    public Task<UserInfo?> FindUser(string name, CancellationToken cancellation) => catalog.Users.FindAsync(name, cancellation);

    public async Task<UsersResult> FindUsers(string[] names, string[] emails, CancellationToken cancellation)
    {
        try
        {
            return new UsersResult(DfsStatus.Ok, [.. await catalog.Users.FindAsync(names, emails, cancellation)]);
        }
        catch (CatalogUnavailableException)
        {
            return new UsersResult(DfsStatus.Unavailable, []);
        }
    }
}
