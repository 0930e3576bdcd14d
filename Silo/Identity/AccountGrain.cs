using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.GrainDirectory;
using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Silo.Placement;

namespace OrleansDfs.Silo.Identity;

/// <summary>Changes users, keys and policies in the catalog, which decides who may change whom. Every change leaves a line in the log, never a
/// secret.</summary>
[StatelessWorker, Reentrant, GrainDirectory(NoDirectory.Name)]
[GrainType("account")]
public sealed class AccountGrain(CatalogDatabase catalog, SecretVault vault, ILogger<AccountGrain> log) : Grain, IAccountGrain
{
    // The form of AWS's own keys: AKIA and sixteen characters of base 32; forty characters of secret are 238 bits.
    private const string KeyPrefix = "AKIA";
    private const string UpperAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 16 };

    public async Task<AccountList> List(string? actor, CancellationToken cancellation)
    {
        try
        {
            return new AccountList(AccountStatus.Ok, [.. await catalog.Accounts.ListAsync(actor, cancellation)]);
        }
        catch (CatalogUnavailableException)
        {
            return new AccountList(AccountStatus.Unavailable, []);
        }
    }

    public async Task<AccountList> Find(string? actor, string user, CancellationToken cancellation)
    {
        try
        {
            var (status, account) = await catalog.Accounts.FindAsync(actor, user, cancellation);
            return new AccountList(status, account is null ? [] : [account]);
        }
        catch (CatalogUnavailableException)
        {
            return new AccountList(AccountStatus.Unavailable, []);
        }
    }

    public Task<AccountStatus> Create(string? actor, string user, string email) =>
        AccountRules.IsUserName(user) && email.Length <= 254 && !email.Any(char.IsControl)
            ? Change(actor, "made", user, () => catalog.Accounts.CreateAsync(actor, user, email))
            : Task.FromResult(AccountStatus.Invalid);

    public Task<AccountStatus> SetDisabled(string? actor, string user, bool disabled) =>
        Change(actor, disabled ? "disabled" : "enabled", user, () => catalog.Accounts.SetDisabledAsync(actor, user, disabled));

    public Task<AccountStatus> Remove(string? actor, string user) => Change(actor, "removed", user, () => catalog.Accounts.RemoveAsync(actor, user));

    public async Task<CreatedAccessKey> CreateKey(string? actor, string user, string? accessKey, string? secretKey)
    {
        accessKey ??= KeyPrefix + RandomNumberGenerator.GetString(UpperAndDigits, 16);
        secretKey ??= RandomNumberGenerator.GetString(LettersAndDigits, 40);
        if (!AccountRules.IsAccessKey(accessKey) || !AccountRules.IsSecret(secretKey)) return new CreatedAccessKey(AccountStatus.Invalid, "", "");
        var wrapped = vault.Wrap(accessKey, secretKey);
        var status = await Change(actor, $"got key {accessKey}", user, () => catalog.Accounts.CreateKeyAsync(actor, user, accessKey, wrapped));
        return status == AccountStatus.Ok ? new CreatedAccessKey(status, accessKey, secretKey) : new CreatedAccessKey(status, "", "");
    }

    public Task<AccountStatus> SetKeyDisabled(string? actor, string user, string accessKey, bool disabled) =>
        Change(actor, $"has key {accessKey} {(disabled ? "disabled" : "enabled")}", user,
            () => catalog.Accounts.SetKeyDisabledAsync(actor, user, accessKey, disabled));

    public Task<AccountStatus> RemoveKey(string? actor, string user, string accessKey) =>
        Change(actor, $"lost key {accessKey}", user, () => catalog.Accounts.RemoveKeyAsync(actor, user, accessKey));

    public async Task<FoundUserPolicy> FindPolicy(string? actor, string user, string policy, CancellationToken cancellation)
    {
        try
        {
            var (status, document) = await catalog.Accounts.FindPolicyAsync(actor, user, policy, cancellation);
            return new FoundUserPolicy(status, document);
        }
        catch (CatalogUnavailableException)
        {
            return new FoundUserPolicy(AccountStatus.Unavailable, null);
        }
    }

    public Task<AccountStatus> PutPolicy(string? actor, string user, string policy, string document) =>
        AccountRules.IsPolicyName(policy) && IsObject(document)
            ? Change(actor, $"got policy {policy}", user, () => catalog.Accounts.PutPolicyAsync(actor, user, policy, document))
            : Task.FromResult(AccountStatus.Invalid);

    public Task<AccountStatus> RemovePolicy(string? actor, string user, string policy) =>
        Change(actor, $"lost policy {policy}", user, () => catalog.Accounts.RemovePolicyAsync(actor, user, policy));

    private async Task<AccountStatus> Change(string? actor, string what, string user, Func<Task<AccountStatus>> change)
    {
        AccountStatus status;
        try
        {
            status = await change();
        }
        catch (CatalogOutcomeUnknownException)
        {
            status = AccountStatus.Unknown;
        }
        catch (CatalogUnavailableException)
        {
            status = AccountStatus.Unavailable;
        }
        // Names come from callers: only what the rules allow is written as it is, so that no name can break a line.
        var named = AccountRules.IsUserName(user) ? user : "(no name)";
        if (status == AccountStatus.Ok) log.LogInformation("User {User} {What}, by {Actor}", named, what, actor ?? "root");
        else if (status == AccountStatus.NotPermitted) log.LogWarning("User {Actor} tried to change user {User} and may not", actor, named);
        return status;
    }

    private static bool IsObject(string document)
    {
        if (Encoding.UTF8.GetByteCount(document) > AccountRules.MaxPolicyBytes) return false;
        try
        {
            using var parsed = JsonDocument.Parse(document, Json);
            return parsed.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
