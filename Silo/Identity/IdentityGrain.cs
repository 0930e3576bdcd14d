using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.GrainDirectory;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Silo.Placement;

namespace OrleansDfs.Silo.Identity;

/// <summary>Answers who an access key belongs to and the key that verifies its signatures of one scope; the secret never leaves the silo.</summary>
[StatelessWorker, Reentrant, GrainDirectory(NoDirectory.Name)]
[GrainType("identity")]
public sealed class IdentityGrain(CatalogDatabase catalog, SecretVault vault, ILogger<IdentityGrain> log) : Grain, IIdentityGrain
{
    private static readonly string DecoySecret = RandomNumberGenerator.GetHexString(40);

    public async Task<IdentityResult> Resolve(SigningScope scope, CancellationToken cancellation)
    {
        var (status, found, secret) = await FindSecret(scope.AccessKey, cancellation);
        return secret is null
            ? new IdentityResult(status, null, null)
            : Answer(found!) with { SigningKey = SigningKey.Derive(secret, scope.Date, scope.Region, scope.Service) };
    }

    public async Task<IdentityResult> VerifyLegacy(string accessKey, byte[][] stringsToSign, byte[] signature, CancellationToken cancellation)
    {
        var (status, found, secret) = await FindSecret(accessKey, cancellation);
        var key = Encoding.UTF8.GetBytes(secret ?? DecoySecret);
        var equal = false;
#pragma warning disable CA5350 // what version 2 signs with, opt-in (OrleansDfs:LegacySignatures); HMAC does not rest on collisions
        foreach (var text in stringsToSign) equal |= CryptographicOperations.FixedTimeEquals(HMACSHA1.HashData(key, text), signature);
#pragma warning restore CA5350
        if (secret is null) return new IdentityResult(status, null, null);
        return equal ? Answer(found!) : new IdentityResult(DfsStatus.AccessDenied, null, null);
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

    private async Task<(DfsStatus Status, FoundAccessKey? Found, string? Secret)> FindSecret(string accessKey, CancellationToken cancellation)
    {
        try
        {
            return await catalog.Users.FindByAccessKeyAsync(accessKey, cancellation) is { } found
                ? (DfsStatus.Ok, found, vault.Unwrap(accessKey, found.WrappedSecret))
                : (DfsStatus.NotFound, null, null);
        }
        catch (CatalogUnavailableException)
        {
            return (DfsStatus.Unavailable, null, null);
        }
        catch (CryptographicException e)
        {
            log.LogError(e, "The secret of access key {AccessKey} cannot be unwrapped: was the cluster's secret replaced?", accessKey);
            return (DfsStatus.NotFound, null, null);
        }
    }

    private static IdentityResult Answer(FoundAccessKey found) =>
        new(DfsStatus.Ok, found.User, null, [.. found.Policies.Select(level => level.ToArray())]);
}
