using Orleans;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Client;

/// <summary>
/// Users of the S3 gateway, their access keys and policies, for operators' tools. As everywhere in this library, access is by the cluster's secret: a
/// call is made as root. Every method throws <see cref="DfsException"/> for what the cluster answers.
/// </summary>
public sealed class DfsAccounts(IGrainFactory grains, TimeProvider time)
{
    private IAccountGrain Grain => grains.Accounts();

    /// <summary>All users, by name.</summary>
    public async Task<IReadOnlyList<AccountInfo>> ListAsync(CancellationToken cancellation = default)
    {
        var found = await GrainCalls.ReadAsync(() => Grain.List(null, cancellation), time, cancellation);
        Ensure(found.Status, "Users");
        return found.Accounts;
    }

    public async Task<AccountInfo> FindAsync(string user, CancellationToken cancellation = default)
    {
        var found = await GrainCalls.ReadAsync(() => Grain.Find(null, user, cancellation), time, cancellation);
        Ensure(found.Status, $"User '{user}'");
        return found.Accounts[0];
    }

    public Task CreateAsync(string user, string email = "") => ChangeAsync($"User '{user}'", () => Grain.Create(null, user, email));

    public Task SetDisabledAsync(string user, bool disabled) => ChangeAsync($"User '{user}'", () => Grain.SetDisabled(null, user, disabled));

    public Task RemoveAsync(string user) => ChangeAsync($"User '{user}'", () => Grain.Remove(null, user));

    /// <summary>The secret is shown this once.</summary>
    /// <param name="accessKey"><c>null</c>: drawn by the cluster.</param>
    /// <param name="secretKey"><c>null</c>: drawn by the cluster.</param>
    public async Task<CreatedAccessKey> CreateKeyAsync(string user, string? accessKey = null, string? secretKey = null)
    {
        var created = await GrainCalls.CommitAsync(() => Grain.CreateKey(null, user, accessKey, secretKey), $"A key of user '{user}'");
        Ensure(created.Status, $"A key of user '{user}'");
        return created;
    }

    public Task SetKeyDisabledAsync(string user, string accessKey, bool disabled) =>
        ChangeAsync($"Key '{accessKey}' of user '{user}'", () => Grain.SetKeyDisabled(null, user, accessKey, disabled));

    public Task RemoveKeyAsync(string user, string accessKey) =>
        ChangeAsync($"Key '{accessKey}' of user '{user}'", () => Grain.RemoveKey(null, user, accessKey));

    public async Task<string> FindPolicyAsync(string user, string policy, CancellationToken cancellation = default)
    {
        var found = await GrainCalls.ReadAsync(() => Grain.FindPolicy(null, user, policy, cancellation), time, cancellation);
        Ensure(found.Status, $"Policy '{policy}' of user '{user}'");
        return found.Document!;
    }

    /// <param name="document">A policy that was read with the protocol library's grammar; one that the gateway cannot read allows nothing.</param>
    public Task PutPolicyAsync(string user, string policy, string document) =>
        ChangeAsync($"Policy '{policy}' of user '{user}'", () => Grain.PutPolicy(null, user, policy, document));

    public Task RemovePolicyAsync(string user, string policy) =>
        ChangeAsync($"Policy '{policy}' of user '{user}'", () => Grain.RemovePolicy(null, user, policy));

    private static async Task ChangeAsync(string what, Func<Task<AccountStatus>> change) => Ensure(await GrainCalls.CommitAsync(change, what), what);

    private static void Ensure(AccountStatus status, string what)
    {
        if (status == AccountStatus.Ok) return;
        var (known, why) = status switch
        {
            AccountStatus.NoSuchUser => (DfsStatus.NotFound, "there is no such user."),
            AccountStatus.NoSuchKey => (DfsStatus.NotFound, "the user has no such key."),
            AccountStatus.NoSuchPolicy => (DfsStatus.NotFound, "the user has no such policy."),
            AccountStatus.AlreadyExists => (DfsStatus.Conflict, "that name or key is taken."),
            AccountStatus.Configured => (DfsStatus.Conflict, "it comes from the configuration of the servers; change it there."),
            AccountStatus.HasChildren => (DfsStatus.Conflict, "it has made other users; remove them first."),
            AccountStatus.OwnsBuckets => (DfsStatus.Conflict, "it owns buckets; remove them first."),
            AccountStatus.LimitExceeded => (DfsStatus.Conflict, $"the limit is {AccountRules.MaxKeys} keys and {AccountRules.MaxPolicies} policies."),
            AccountStatus.Invalid => (DfsStatus.InvalidRequest, "the name, key, secret or document is malformed (docs/admin-api.md)."),
            AccountStatus.Unavailable => (DfsStatus.Unavailable, "the catalog is away; nothing happened."),
            AccountStatus.Unknown => (DfsStatus.Unknown, "no answer came, so it may or may not have happened."),
            _ => (DfsStatus.AccessDenied, "it is not permitted."),
        };
        throw new DfsException(known, $"{what}: {why}");
    }
}
