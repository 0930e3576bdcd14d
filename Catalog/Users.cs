using System.Data.Common;
using OrleansDfs.Catalog.Engines;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog;

/// <param name="WrappedSecret">The secret key, encrypted by the caller (DESIGN §9).</param>
public sealed record ConfiguredUser(UserInfo User, string AccessKey, byte[] WrappedSecret);

/// <param name="Policies">Documents attached to the user, then those of each ancestor, nearest first: nobody may do more than who made them.</param>
public sealed record FoundAccessKey(UserInfo User, byte[] WrappedSecret, IReadOnlyList<IReadOnlyList<string>> Policies);

/// <summary>Users and their access keys.</summary>
public sealed class Users
{
    private readonly Engine _engine;

    internal Users(Engine engine) => _engine = engine;

    /// <summary>Writes users from the configuration. Keys that came from an earlier configuration and are not in this one are removed.</summary>
    public Task UpsertConfiguredAsync(IReadOnlyList<ConfiguredUser> users, CancellationToken cancellation = default) =>
        _engine.WriteAsync(
            async session =>
            {
                var keys = users.DistinctBy(u => u.AccessKey).OrderBy(u => u.AccessKey, StringComparer.Ordinal).ToArray();
                var former = await session.QueryAsync("SELECT name FROM users WHERE configured ORDER BY name {for update}", r => r.GetString(0));
                session.AddEach(
                    "UPDATE users SET configured = FALSE WHERE name IN (SELECT r.name FROM {rows})",
                    RowSet.Over(former.Except(users.Select(u => u.User.Name)).ToArray()).With("name", n => n));
                session.AddEach(
                    """
                    INSERT INTO users (name, email, is_root, created, configured) SELECT r.name, r.email, r.root, {now}, TRUE FROM {rows} WHERE TRUE
                    ON CONFLICT (name) DO UPDATE SET email = excluded.email, is_root = excluded.is_root, configured = TRUE,
                        disabled = FALSE, parent = ''
                    """,
                    RowSet.Over(users.Select(u => u.User).DistinctBy(u => u.Name).OrderBy(u => u.Name, StringComparer.Ordinal).ToArray())
                        .With("name", u => u.Name).With("email", u => u.Email).With("root", u => u.IsRoot));
                var before = await session.QueryAsync("SELECT access_key FROM access_keys WHERE configured ORDER BY access_key {for update}",
                    r => r.GetString(0));
                session.AddEach(
                    "DELETE FROM access_keys WHERE configured AND access_key IN (SELECT r.key FROM {rows})",
                    RowSet.Over(before.Except(keys.Select(k => k.AccessKey)).ToArray()).With("key", k => k));
                session.AddEach(
                    """
                    INSERT INTO access_keys (access_key, user_name, wrapped_secret, configured, created) SELECT r.key, r.name, r.secret, TRUE,
                        {now} FROM {rows} WHERE TRUE
                    ON CONFLICT (access_key) DO UPDATE SET user_name = excluded.user_name, wrapped_secret = excluded.wrapped_secret,
                        configured = TRUE, disabled = FALSE
                    """,
                    RowSet.Over(keys).With("key", u => u.AccessKey).With("name", u => u.User.Name).With("secret", u => u.WrappedSecret));
                await session.RunAsync();
                return true;
            },
            cancellation);

    /// <summary>Who holds a key, with the policies that bound them. <c>null</c>: nobody, or key, user or an ancestor is disabled.</summary>
    public Task<FoundAccessKey?> FindByAccessKeyAsync(string accessKey, CancellationToken cancellation = default) =>
        _engine.ReadAsync(
            async session =>
            {
                var chain = new List<(UserInfo User, string Parent, bool Disabled, string? Document)>();
                byte[]? secret = null;
                session.Query("SELECT wrapped_secret FROM access_keys WHERE access_key = @key AND NOT disabled",
                    r => secret = r.GetFieldValue<byte[]>(0),
                    ("key", accessKey));
                session.Query(
                    Accounts.Chain("SELECT user_name FROM access_keys WHERE access_key = @key") +
                    """
                     SELECT c.name, c.email, c.is_root, c.parent, c.disabled, p.document FROM chain c
                    LEFT JOIN user_policies p ON p.user_name = c.name
                    ORDER BY c.depth, p.name
                    """,
                    r => chain.Add((new UserInfo(r.GetString(0), r.GetString(1), r.GetBoolean(2)), r.GetString(3), r.GetBoolean(4), r.Text(5))),
                    ("key", accessKey));
                await session.RunAsync();
                // A chain that does not end at nobody is one that could not be followed: its last member's rights are unknown, so there are none.
                if (secret is null || chain.Count == 0 || chain.Any(c => c.Disabled) || chain[^1].Parent.Length > 0) return null;
                var policies = chain.GroupBy(c => c.User.Name)
                    .Select(IReadOnlyList<string> (g) => [.. g.Select(c => c.Document).OfType<string>()]).ToArray();
                return new FoundAccessKey(chain[0].User, secret, policies);
            },
            cancellation);

    public Task<UserInfo?> FindAsync(string name, CancellationToken cancellation = default) =>
        _engine.ReadAsync(
            async session => (await session.QueryAsync(
                "SELECT name, email, is_root FROM users WHERE name = @name", r => new UserInfo(r.GetString(0), r.GetString(1), r.GetBoolean(2)),
                    ("name", name)))
                .SingleOrDefault(),
            cancellation);

    /// <summary>The users of these names, and those of these e-mail addresses in any case, which several may share.</summary>
    public Task<IReadOnlyList<UserInfo>> FindAsync(
        IReadOnlyCollection<string> names, IReadOnlyCollection<string> emails, CancellationToken cancellation = default) =>
        _engine.ReadAsync<IReadOnlyList<UserInfo>>(
            async session =>
            {
                var found = new Dictionary<string, UserInfo>();
                session.QueryEach("SELECT u.name, u.email, u.is_root FROM {rows} JOIN users u ON u.name = r.name",
                    RowSet.Over(names).With("name", name => name), Add);
                session.QueryEach("SELECT u.name, u.email, u.is_root FROM {rows} JOIN users u ON lower(u.email) = lower(r.email)",
                    RowSet.Over(emails).With("email", email => email), Add);
                await session.RunAsync();
                return [.. found.Values];

                void Add(DbDataReader r) => found[r.GetString(0)] = new UserInfo(r.GetString(0), r.GetString(1), r.GetBoolean(2));
            },
            cancellation);

    public Task<IReadOnlyList<UserInfo>> ListAsync(CancellationToken cancellation = default) =>
        _engine.ReadAsync<IReadOnlyList<UserInfo>>(
            async session => await session.QueryAsync(
                "SELECT name, email, is_root FROM users ORDER BY name", r => new UserInfo(r.GetString(0), r.GetString(1), r.GetBoolean(2))),
            cancellation);
}
