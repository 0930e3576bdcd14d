using OrleansDfs.Model;

namespace OrleansDfs.Abstractions;

/// <summary>
/// Users, access keys and user policies, for the gateway's admin API and for operators' tools. Policies are kept as they are given: whoever calls has
/// read them (the protocol library knows their grammar); one that cannot be read allows nothing.
/// </summary>
/// <remarks>
/// <c>actor</c> is the verified user on whose behalf the call is made; <c>null</c> is root, or an operator who has the cluster's secret. Who is not
/// root rules over users below it only, and over its own keys.
/// </remarks>
[Alias("dfs.IAccountGrain")]
public interface IAccountGrain : IGrainWithIntegerKey
{
    /// <summary>Ok, Unavailable.</summary>
    [Alias("List")]
    Task<AccountList> List(string? actor, CancellationToken cancellation = default);

    /// <summary>Ok, NotPermitted, NoSuchUser.</summary>
    [Alias("Find")]
    Task<AccountList> Find(string? actor, string user, CancellationToken cancellation = default);

    /// <summary>Ok, Invalid, AlreadyExists, LimitExceeded.</summary>
    [Alias("Create")]
    Task<AccountStatus> Create(string? actor, string user, string email);

    [Alias("SetDisabled")]
    Task<AccountStatus> SetDisabled(string? actor, string user, bool disabled);

    /// <summary>HasChildren, OwnsBuckets: it stays. Keys and policies go with it.</summary>
    [Alias("Remove")]
    Task<AccountStatus> Remove(string? actor, string user);

    /// <summary>The one time that a secret is seen.</summary>
    /// <param name="accessKey"><c>null</c>: drawn here.</param>
    /// <param name="secretKey"><c>null</c>: drawn here.</param>
    [Alias("CreateKey")]
    Task<CreatedAccessKey> CreateKey(string? actor, string user, string? accessKey, string? secretKey);

    [Alias("SetKeyDisabled")]
    Task<AccountStatus> SetKeyDisabled(string? actor, string user, string accessKey, bool disabled);

    [Alias("RemoveKey")]
    Task<AccountStatus> RemoveKey(string? actor, string user, string accessKey);

    /// <summary>Ok, NotPermitted, NoSuchUser, NoSuchPolicy.</summary>
    [Alias("FindPolicy")]
    Task<FoundUserPolicy> FindPolicy(string? actor, string user, string policy, CancellationToken cancellation = default);

    /// <param name="document">JSON that the caller has read as an identity policy.</param>
    [Alias("PutPolicy")]
    Task<AccountStatus> PutPolicy(string? actor, string user, string policy, string document);

    [Alias("RemovePolicy")]
    Task<AccountStatus> RemovePolicy(string? actor, string user, string policy);
}

[GenerateSerializer, Immutable, Alias("dfs.AccountList")]
public sealed record AccountList(
    [property: Id(0)] AccountStatus Status,
    [property: Id(1)] AccountInfo[] Accounts);

/// <param name="SecretKey">Never logged, never shown again.</param>
[GenerateSerializer, Immutable, Alias("dfs.CreatedAccessKey")]
public sealed record CreatedAccessKey(
    [property: Id(0)] AccountStatus Status,
    [property: Id(1)] string AccessKey,
    [property: Id(2)] string SecretKey)
{
    /// <summary>A record prints its members; a secret must not reach a log that way.</summary>
    public override string ToString() => $"{nameof(CreatedAccessKey)} {Status} {AccessKey}";
}

[GenerateSerializer, Immutable, Alias("dfs.FoundUserPolicy")]
public sealed record FoundUserPolicy(
    [property: Id(0)] AccountStatus Status,
    [property: Id(1)] string? Document);
