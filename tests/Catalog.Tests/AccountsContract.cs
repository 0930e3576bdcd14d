using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Tests;

/// <summary>Users, keys and policies: who may change whom, what bounds whom, and what may not go.</summary>
public abstract class AccountsContract : CatalogContract
{
    private Accounts Accounts => Catalog.Accounts;

    [SkippableFact]
    public async Task A_users_life()
    {
        Need();
        Assert.Equal(AccountStatus.Ok, await Accounts.CreateAsync(null, "anna", "a@example.com"));
        Assert.Equal(AccountStatus.AlreadyExists, await Accounts.CreateAsync(null, "anna", ""));
        Assert.Equal(AccountStatus.Ok, await Accounts.CreateKeyAsync(null, "anna", "KEY1", [1]));
        Assert.Equal(AccountStatus.AlreadyExists, await Accounts.CreateKeyAsync(null, "anna", "KEY1", [2]));
        Assert.Equal(AccountStatus.NoSuchUser, await Accounts.CreateKeyAsync(null, "nobody", "KEY2", [2]));
        Assert.Equal(AccountStatus.Ok, await Accounts.PutPolicyAsync(null, "anna", "p", "{1}"));
        Assert.Equal(AccountStatus.Ok, await Accounts.PutPolicyAsync(null, "anna", "p", "{2}"));
        Assert.Equal((AccountStatus.Ok, "{2}"), await Accounts.FindPolicyAsync(null, "anna", "p"));
        Assert.Equal((AccountStatus.NoSuchPolicy, null), await Accounts.FindPolicyAsync(null, "anna", "q"));

        var (_, account) = await Accounts.FindAsync(null, "anna");
        Assert.Equal(new UserInfo("anna", "a@example.com", false), account!.User);
        Assert.Equal(("", false, false), (account.Parent, account.Disabled, account.Configured));
        Assert.Equal(["p"], account.Policies);
        Assert.Equal("KEY1", Assert.Single(account.Keys).AccessKey);
        var found = (await Catalog.Users.FindByAccessKeyAsync("KEY1"))!;
        Assert.Equal([1], found.WrappedSecret);
        Assert.Equal(["{2}"], Assert.Single(found.Policies));

        Assert.Equal(AccountStatus.Ok, await Accounts.SetKeyDisabledAsync(null, "anna", "KEY1", true));
        Assert.Null(await Catalog.Users.FindByAccessKeyAsync("KEY1"));
        Assert.Equal(AccountStatus.Ok, await Accounts.SetKeyDisabledAsync(null, "anna", "KEY1", false));
        Assert.Equal(AccountStatus.Ok, await Accounts.SetDisabledAsync(null, "anna", true));
        Assert.Null(await Catalog.Users.FindByAccessKeyAsync("KEY1"));
        Assert.Equal(AccountStatus.Ok, await Accounts.SetDisabledAsync(null, "anna", false));
        Assert.Equal(AccountStatus.Ok, await Accounts.RemovePolicyAsync(null, "anna", "p"));
        Assert.Equal(AccountStatus.NoSuchPolicy, await Accounts.RemovePolicyAsync(null, "anna", "p"));
        Assert.Equal(AccountStatus.NoSuchKey, await Accounts.RemoveKeyAsync(null, "anna", "KEY9"));
        Assert.Equal(AccountStatus.Ok, await Accounts.RemoveAsync(null, "anna"));
        Assert.Null(await Catalog.Users.FindByAccessKeyAsync("KEY1"));
        Assert.Equal(AccountStatus.NoSuchUser, (await Accounts.FindAsync(null, "anna")).Status);
        Assert.Empty(await Accounts.ListAsync(null));
    }

    [SkippableFact]
    public async Task Users_are_found_by_names_and_by_addresses_in_any_case()
    {
        Need();
        await Accounts.CreateAsync(null, "anna", "Anna@Example.com");
        await Accounts.CreateAsync(null, "ben", "shared@example.com");
        await Accounts.CreateAsync(null, "carl", "shared@example.com");
        await Accounts.CreateAsync(null, "dora", "");
        Assert.Equal(["anna", "ben", "carl", "dora"],
            await Found(["dora", "nobody"], ["anna@example.COM", "SHARED@example.com", "none@example.com"]));
        Assert.Equal(["anna"], await Found(["anna"], ["anna@example.com"]));
        Assert.Empty(await Found(["Anna"], []));
        Assert.Empty(await Found([], []));

        async Task<IEnumerable<string>> Found(string[] names, string[] emails) =>
            (await Catalog.Users.FindAsync(names, emails)).Select(user => user.Name).Order(StringComparer.Ordinal);
    }

    [SkippableFact]
    public async Task Who_is_not_root_rules_only_below_itself_and_gives_only_what_it_has()
    {
        Need();
        await Accounts.CreateAsync(null, "anna", "");
        await Accounts.CreateAsync(null, "other", "");
        await Accounts.PutPolicyAsync(null, "anna", "bound", "{anna}");
        Assert.Equal(AccountStatus.Ok, await Accounts.CreateAsync("anna", "ben", ""));
        Assert.Equal(AccountStatus.Ok, await Accounts.CreateAsync("ben", "carl", ""));
        Assert.Equal(AccountStatus.Ok, await Accounts.PutPolicyAsync("anna", "carl", "own", "{carl}"));
        Assert.Equal(AccountStatus.Ok, await Accounts.CreateKeyAsync("anna", "carl", "CARL", [3]));
        Assert.Equal(AccountStatus.Ok, await Accounts.CreateKeyAsync("anna", "anna", "ANNA", [4]));

        // Its own policies, others' users, and users that are not there look alike from here.
        Assert.Equal(AccountStatus.NotPermitted, await Accounts.PutPolicyAsync("anna", "anna", "more", "{}"));
        Assert.Equal(AccountStatus.NotPermitted, await Accounts.SetDisabledAsync("ben", "anna", true));
        Assert.Equal(AccountStatus.NotPermitted, await Accounts.CreateKeyAsync("anna", "other", "OTHER", [5]));
        Assert.Equal(AccountStatus.NotPermitted, (await Accounts.FindAsync("anna", "other")).Status);
        Assert.Equal(AccountStatus.NotPermitted, (await Accounts.FindAsync("anna", "nobody")).Status);
        Assert.Equal(["ben", "carl"], (await Accounts.ListAsync("ben")).Select(a => a.User.Name));

        var found = (await Catalog.Users.FindByAccessKeyAsync("CARL"))!;
        Assert.Equal([["{carl}"], [], ["{anna}"]], found.Policies);
        Assert.Equal(AccountStatus.HasChildren, await Accounts.RemoveAsync(null, "ben"));
        await Accounts.SetDisabledAsync(null, "anna", true);
        Assert.Null(await Catalog.Users.FindByAccessKeyAsync("CARL"));
    }

    [SkippableFact]
    public async Task What_came_from_the_configuration_and_who_owns_buckets_stays()
    {
        Need();
        var dora = new UserInfo("dora", "", false);
        await Catalog.Users.UpsertConfiguredAsync([new(dora, "DORA", [1])]);
        Assert.Equal(AccountStatus.Configured, await Accounts.RemoveAsync(null, "dora"));
        Assert.Equal(AccountStatus.Configured, await Accounts.PutPolicyAsync(null, "dora", "p", "{}"));
        Assert.Equal(AccountStatus.Configured, await Accounts.RemoveKeyAsync(null, "dora", "DORA"));
        Assert.Equal(AccountStatus.AlreadyExists, await Accounts.CreateAsync(null, "dora", ""));
        Assert.True((await Accounts.FindAsync(null, "dora")).Account!.Configured);

        await Catalog.Users.UpsertConfiguredAsync([]);
        Assert.False((await Accounts.FindAsync(null, "dora")).Account!.Configured);
        await Catalog.Buckets.CreateAsync(BucketName.Parse("doras"), "dora", "us-east-1", false, new Dictionary<string, string>());
        Assert.Equal(AccountStatus.OwnsBuckets, await Accounts.RemoveAsync(null, "dora"));
    }

    [SkippableFact]
    public async Task Limits()
    {
        Need();
        await Accounts.CreateAsync(null, "u1", "");
        for (var i = 0; i < AccountRules.MaxKeys; i++) Assert.Equal(AccountStatus.Ok, await Accounts.CreateKeyAsync(null, "u1", $"K{i}", [1]));
        Assert.Equal(AccountStatus.LimitExceeded, await Accounts.CreateKeyAsync(null, "u1", "KX", [1]));
        for (var i = 0; i < AccountRules.MaxPolicies; i++) Assert.Equal(AccountStatus.Ok, await Accounts.PutPolicyAsync(null, "u1", $"p{i}", "{}"));
        Assert.Equal(AccountStatus.LimitExceeded, await Accounts.PutPolicyAsync(null, "u1", "px", "{}"));
        for (var i = 1; i < AccountRules.MaxDepth; i++) Assert.Equal(AccountStatus.Ok, await Accounts.CreateAsync($"u{i}", $"u{i + 1}", ""));
        Assert.Equal(AccountStatus.LimitExceeded, await Accounts.CreateAsync($"u{AccountRules.MaxDepth}", "too-deep", ""));
    }
}

public sealed class SqliteAccountsTests : AccountsContract
{
    internal override TestDatabase Database { get; } = new SqliteTestDatabase();
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresAccountsTests(PostgresFixture fixture) : AccountsContract
{
    internal override TestDatabase Database { get; } = new PostgresTestDatabase(fixture);
}
