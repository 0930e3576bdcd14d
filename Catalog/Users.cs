using OrleansDfs.Catalog.Engines;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog;

/// <param name="WrappedSecret">The secret key, encrypted by the caller (DESIGN §9).</param>
public sealed record ConfiguredUser(UserInfo User, string AccessKey, byte[] WrappedSecret);

public sealed record FoundAccessKey(UserInfo User, byte[] WrappedSecret);

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
                session.AddEach(
                    """
                    INSERT INTO users (name, email, is_root, created) SELECT r.name, r.email, r.root, {now} FROM {rows} WHERE TRUE
                    ON CONFLICT (name) DO UPDATE SET email = excluded.email, is_root = excluded.is_root
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
                    ON CONFLICT (access_key) DO UPDATE SET user_name = excluded.user_name, wrapped_secret = excluded.wrapped_secret, configured = TRUE
                    """,
                    RowSet.Over(keys).With("key", u => u.AccessKey).With("name", u => u.User.Name).With("secret", u => u.WrappedSecret));
                await session.RunAsync();
                return true;
            },
            cancellation);

    public Task<FoundAccessKey?> FindByAccessKeyAsync(string accessKey, CancellationToken cancellation = default) =>
        _engine.ReadAsync(
            async session => (await session.QueryAsync(
                """
                SELECT u.name, u.email, u.is_root, k.wrapped_secret FROM access_keys k JOIN users u ON u.name = k.user_name WHERE k.access_key = @key
                """,
                r => new FoundAccessKey(new UserInfo(r.GetString(0), r.GetString(1), r.GetBoolean(2)), r.GetFieldValue<byte[]>(3)),
                ("key", accessKey))).SingleOrDefault(),
            cancellation);

    public Task<UserInfo?> FindAsync(string name, CancellationToken cancellation = default) =>
        _engine.ReadAsync(
            async session => (await session.QueryAsync(
                "SELECT name, email, is_root FROM users WHERE name = @name", r => new UserInfo(r.GetString(0), r.GetString(1), r.GetBoolean(2)),
                    ("name", name)))
                .SingleOrDefault(),
            cancellation);

    public Task<IReadOnlyList<UserInfo>> ListAsync(CancellationToken cancellation = default) =>
        _engine.ReadAsync<IReadOnlyList<UserInfo>>(
            async session => await session.QueryAsync(
                "SELECT name, email, is_root FROM users ORDER BY name", r => new UserInfo(r.GetString(0), r.GetString(1), r.GetBoolean(2))),
            cancellation);
}
