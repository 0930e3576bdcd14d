using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog;

/// <summary>
/// Users, access keys and user policies as an administrator sees and changes them.
/// </summary>
/// <remarks>
/// Invariant: a user made by another has it as its parent for ever, and whoever is not root changes only users below itself (and its own keys).
/// Rights are bounded by every ancestor's policies when a request is judged, so nobody can give what it does not have. Every change locks the user's
/// row, and a new child its parent's: a user with children or buckets cannot go.
/// </remarks>
public sealed class Accounts
{
    private readonly Engine _engine;

    internal Accounts(Engine engine) => _engine = engine;

    /// <summary>All users, or those that the actor may see: itself and those below it.</summary>
    /// <param name="actor">Name of who asks; <c>null</c>: root, or who has the cluster's secret.</param>
    public Task<IReadOnlyList<AccountInfo>> ListAsync(string? actor, CancellationToken cancellation = default) =>
        _engine.ReadAsync<IReadOnlyList<AccountInfo>>(
            async session =>
            {
                var all = await AccountRows.ReadAsync(session, null);
                if (actor is null) return all;
                var seen = new HashSet<string> { actor };
                for (var before = 0; before < seen.Count;)
                {
                    before = seen.Count;
                    foreach (var account in all)
                        if (seen.Contains(account.Parent)) seen.Add(account.User.Name);
                }
                return [.. all.Where(a => seen.Contains(a.User.Name))];
            },
            cancellation);

    /// <summary>Ok, NotPermitted, NoSuchUser.</summary>
    public Task<(AccountStatus Status, AccountInfo? Account)> FindAsync(string? actor, string name, CancellationToken cancellation = default) =>
        _engine.ReadAsync<(AccountStatus, AccountInfo?)>(
            async session =>
            {
                if (!await MayAsync(session, actor, name, itself: true)) return (AccountStatus.NotPermitted, null);
                var found = await AccountRows.ReadAsync(session, name);
                return found is [var account] ? (AccountStatus.Ok, account) : (AccountStatus.NoSuchUser, null);
            },
            cancellation);

    /// <summary>Ok, AlreadyExists, LimitExceeded.</summary>
    public Task<AccountStatus> CreateAsync(string? actor, string name, string email, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                if (actor is not null)
                {
                    // The parent's row is locked: it cannot be removed while it gets a child.
                    var parent = await session.QueryAsync("SELECT name FROM users WHERE name = @actor {for update}",
                        r => r.GetString(0), ("actor", actor));
                    if (parent.Count == 0) return AccountStatus.NotPermitted;
                    if ((await ChainAsync(session, actor)).Count >= AccountRules.MaxDepth) return AccountStatus.LimitExceeded;
                }
                var made = await session.ExecuteAsync(
                    """
                    INSERT INTO users (name, email, is_root, created, configured, parent) VALUES (@name, @email, @no, {now}, @no, @parent)
                    ON CONFLICT DO NOTHING
                    """,
                    ("name", name), ("email", email), ("no", false), ("parent", actor ?? ""));
                return made == 1 ? AccountStatus.Ok : AccountStatus.AlreadyExists;
            },
            cancellation);

    /// <summary>Ok, NotPermitted, NoSuchUser, Configured.</summary>
    public Task<AccountStatus> SetDisabledAsync(string? actor, string name, bool disabled, CancellationToken cancellation = default) =>
        ChangeAsync(actor, name, itself: false, async session =>
        {
            await session.ExecuteAsync("UPDATE users SET disabled = @disabled WHERE name = @name", ("disabled", disabled), ("name", name));
            return AccountStatus.Ok;
        }, cancellation);

    /// <summary>With keys and policies. Ok, NotPermitted, NoSuchUser, Configured, HasChildren, OwnsBuckets.</summary>
    public Task<AccountStatus> RemoveAsync(string? actor, string name, CancellationToken cancellation = default) =>
        ChangeAsync(actor, name, itself: false, async session =>
        {
            if (await AnyAsync(session, "SELECT 1 FROM users WHERE parent = @name LIMIT 1", name)) return AccountStatus.HasChildren;
            if (await AnyAsync(session, "SELECT 1 FROM buckets WHERE owner = @name LIMIT 1", name)) return AccountStatus.OwnsBuckets;
            session.Add("DELETE FROM access_keys WHERE user_name = @name", ("name", name));
            session.Add("DELETE FROM user_policies WHERE user_name = @name", ("name", name));
            session.Add("DELETE FROM users WHERE name = @name", ("name", name));
            await session.RunAsync();
            return AccountStatus.Ok;
        }, cancellation);

    /// <summary>Ok, NotPermitted, NoSuchUser, Configured, AlreadyExists (whoever has that key), LimitExceeded.</summary>
    public Task<AccountStatus> CreateKeyAsync(
        string? actor, string name, string accessKey, byte[] wrappedSecret, CancellationToken cancellation = default) =>
        ChangeAsync(actor, name, itself: true, async session =>
        {
            var count = await session.QueryAsync("SELECT access_key FROM access_keys WHERE user_name = @name", r => r.GetString(0), ("name", name));
            if (count.Count >= AccountRules.MaxKeys) return AccountStatus.LimitExceeded;
            var made = await session.ExecuteAsync(
                """
                INSERT INTO access_keys (access_key, user_name, wrapped_secret, configured, created) VALUES (@key, @name, @secret, @no, {now})
                ON CONFLICT DO NOTHING
                """,
                ("key", accessKey), ("name", name), ("secret", wrappedSecret), ("no", false));
            return made == 1 ? AccountStatus.Ok : AccountStatus.AlreadyExists;
        }, cancellation);

    /// <summary>Ok, NotPermitted, NoSuchUser, NoSuchKey, Configured.</summary>
    public Task<AccountStatus> SetKeyDisabledAsync(
        string? actor, string name, string accessKey, bool disabled, CancellationToken cancellation = default) =>
        ChangeAsync(actor, name, itself: true, async session => await session.ExecuteAsync(
            "UPDATE access_keys SET disabled = @disabled WHERE access_key = @key AND user_name = @name",
            ("disabled", disabled), ("key", accessKey), ("name", name)) == 1 ? AccountStatus.Ok : AccountStatus.NoSuchKey, cancellation);

    /// <summary>Ok, NotPermitted, NoSuchUser, NoSuchKey, Configured.</summary>
    public Task<AccountStatus> RemoveKeyAsync(string? actor, string name, string accessKey, CancellationToken cancellation = default) =>
        ChangeAsync(actor, name, itself: true, async session => await session.ExecuteAsync(
            "DELETE FROM access_keys WHERE access_key = @key AND user_name = @name", ("key", accessKey), ("name", name)) == 1
            ? AccountStatus.Ok
            : AccountStatus.NoSuchKey, cancellation);

    /// <summary>Ok, NotPermitted, NoSuchUser, NoSuchPolicy.</summary>
    public Task<(AccountStatus Status, string? Document)> FindPolicyAsync(
        string? actor, string name, string policy, CancellationToken cancellation = default) =>
        _engine.ReadAsync<(AccountStatus, string?)>(
            async session =>
            {
                if (!await MayAsync(session, actor, name, itself: true)) return (AccountStatus.NotPermitted, null);
                if ((await ChainAsync(session, name)).Count == 0) return (AccountStatus.NoSuchUser, null);
                var found = await session.QueryAsync("SELECT document FROM user_policies WHERE user_name = @name AND name = @policy",
                    r => r.GetString(0), ("name", name), ("policy", policy));
                return found is [var document] ? (AccountStatus.Ok, document) : (AccountStatus.NoSuchPolicy, null);
            },
            cancellation);

    /// <summary>New, or in the place of the one of that name. Ok, NotPermitted, NoSuchUser, Configured, LimitExceeded.</summary>
    public Task<AccountStatus> PutPolicyAsync(
        string? actor, string name, string policy, string document, CancellationToken cancellation = default) =>
        ChangeAsync(actor, name, itself: false, async session =>
        {
            var others = await session.QueryAsync("SELECT name FROM user_policies WHERE user_name = @name AND name <> @policy", r => r.GetString(0),
                ("name", name), ("policy", policy));
            if (others.Count >= AccountRules.MaxPolicies) return AccountStatus.LimitExceeded;
            await session.ExecuteAsync(
                """
                INSERT INTO user_policies (user_name, name, document) VALUES (@name, @policy, @document)
                ON CONFLICT (user_name, name) DO UPDATE SET document = excluded.document
                """,
                ("name", name), ("policy", policy), ("document", document));
            return AccountStatus.Ok;
        }, cancellation);

    /// <summary>Ok, NotPermitted, NoSuchUser, NoSuchPolicy, Configured.</summary>
    public Task<AccountStatus> RemovePolicyAsync(string? actor, string name, string policy, CancellationToken cancellation = default) =>
        ChangeAsync(actor, name, itself: false, async session => await session.ExecuteAsync(
            "DELETE FROM user_policies WHERE user_name = @name AND name = @policy", ("name", name), ("policy", policy)) == 1
            ? AccountStatus.Ok
            : AccountStatus.NoSuchPolicy, cancellation);

    /// <summary>A user and its ancestors as relation <c>chain</c>; one member more than may exist, so that a chain too long shows.</summary>
    /// <param name="name">A query for the user's name.</param>
    internal static string Chain(string name) =>
        $"""
        WITH RECURSIVE chain (name, email, is_root, parent, disabled, depth) AS (
            SELECT name, email, is_root, parent, disabled, 0 FROM users WHERE name = ({name})
            UNION ALL
            SELECT u.name, u.email, u.is_root, u.parent, u.disabled, c.depth + 1 FROM chain c JOIN users u ON u.name = c.parent WHERE c.depth < 16)
        """;

    /// <summary>Locks the user's row and changes what hangs on it.</summary>
    private Task<AccountStatus> ChangeAsync(
        string? actor, string name, bool itself, Func<Session, Task<AccountStatus>> change, CancellationToken cancellation) =>
        _engine.WriteAsync(
            async session =>
            {
                var found = await session.QueryAsync("SELECT configured FROM users WHERE name = @name {for update}",
                    r => r.GetBoolean(0), ("name", name));
                if (!await MayAsync(session, actor, name, itself)) return AccountStatus.NotPermitted;
                return found switch
                {
                    [] => AccountStatus.NoSuchUser,
                    [true] => AccountStatus.Configured,
                    _ => await change(session),
                };
            },
            cancellation);

    /// <summary>Who may not see a user is not told whether there is one.</summary>
    private static async Task<bool> MayAsync(Session session, string? actor, string name, bool itself)
    {
        if (actor is null) return true;
        var chain = await ChainAsync(session, name);
        return chain.IndexOf(actor) is var depth && (depth > 0 || (depth == 0 && itself));
    }

    private static Task<List<string>> ChainAsync(Session session, string name) =>
        session.QueryAsync(Chain("SELECT CAST(@name AS TEXT)") + " SELECT name FROM chain ORDER BY depth", r => r.GetString(0), ("name", name));

    private static async Task<bool> AnyAsync(Session session, string sql, string name) =>
        (await session.QueryAsync(sql, r => r.GetInt32(0), ("name", name))).Count > 0;
}
