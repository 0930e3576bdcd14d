using OrleansDfs.Model;

namespace OrleansDfs.Abstractions;

/// <summary>Who holds an access key. Gives the derived signing key of one day, region and service, never the secret (DESIGN §9).</summary>
[Alias("dfs.IIdentityGrain")]
public interface IIdentityGrain : IGrainWithIntegerKey
{
    [Alias("Resolve"), ResponseTimeout("00:00:05")]
    Task<IdentityResult> Resolve(SigningScope scope, CancellationToken cancellation = default);

    /// <summary>
    /// Whether a signature of version 2 (HMAC-SHA1 with the secret itself) is that of one of these strings. There is no derived key to hand out, so
    /// the silo judges; an unknown key costs the same work.
    /// </summary>
    /// <returns>Ok; AccessDenied: another signature; NotFound: no such access key. Without a signing key.</returns>
    [Alias("VerifyLegacy"), ResponseTimeout("00:00:05")]
    Task<IdentityResult> VerifyLegacy(string accessKey, byte[][] stringsToSign, byte[] signature, CancellationToken cancellation = default);

    /// <summary>A user by name, for owners' display names and grants.</summary>
    [Alias("FindUser"), ResponseTimeout("00:00:05")]
    Task<UserInfo?> FindUser(string name, CancellationToken cancellation = default);

    /// <summary>The users of these names and of these e-mail addresses, as far as there are any: grantees of an ACL, in one call.</summary>
    [Alias("FindUsers"), ResponseTimeout("00:00:05")]
    Task<UsersResult> FindUsers(string[] names, string[] emails, CancellationToken cancellation = default);
}

/// <param name="Users">Several may share an e-mail address.</param>
[GenerateSerializer, Immutable, Alias("dfs.UsersResult")]
public sealed record UsersResult(
    [property: Id(0)] DfsStatus Status,
    [property: Id(1)] UserInfo[] Users);

/// <param name="Date">Eight digits, <c>yyyyMMdd</c>.</param>
[GenerateSerializer, Immutable, Alias("dfs.SigningScope")]
public sealed record SigningScope(
    [property: Id(0)] string AccessKey,
    [property: Id(1)] string Date,
    [property: Id(2)] string Region,
    [property: Id(3)] string Service);

/// <param name="Status"><see cref="DfsStatus.NotFound"/>: no such access key.</param>
/// <param name="SigningKey">HMAC-SHA256 key of SigV4, 32 bytes.</param>
/// <param name="Policies">Documents attached to the user, then those of each ancestor, nearest first: each bounds the user. They travel with the
/// identity, so a changed policy holds as soon as a changed key does.</param>
[GenerateSerializer, Immutable, Alias("dfs.IdentityResult")]
public sealed record IdentityResult(
    [property: Id(0)] DfsStatus Status,
    [property: Id(1)] UserInfo? User,
    [property: Id(2)] byte[]? SigningKey,
    [property: Id(3)] string[][]? Policies = null);
