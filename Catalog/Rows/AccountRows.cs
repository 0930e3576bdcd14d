using OrleansDfs.Catalog.Engines;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Rows;

/// <summary>Reads users with what hangs on them.</summary>
internal static class AccountRows
{
    /// <param name="name">One user; <c>null</c>: all, by name.</param>
    public static async Task<List<AccountInfo>> ReadAsync(Session session, string? name)
    {
        const string One = "(CAST(@name AS TEXT) IS NULL OR {0} = @name)";
        var keys = new List<(string User, AccessKeyInfo Key)>();
        var policies = new List<(string User, string Name)>();
        var accounts = new List<AccountInfo>();
        session.Query(
            $"SELECT user_name, access_key, disabled, configured, created FROM access_keys WHERE {Filter("user_name")} ORDER BY access_key",
            r => keys.Add((r.GetString(0), new AccessKeyInfo(r.GetString(1), r.GetBoolean(2), r.GetBoolean(3), r.Time(4)))), ("name", name));
        session.Query(
            $"SELECT user_name, name FROM user_policies WHERE {Filter("user_name")} ORDER BY name",
            r => policies.Add((r.GetString(0), r.GetString(1))), ("name", name));
        session.Query(
            $"SELECT name, email, is_root, parent, disabled, configured, created FROM users WHERE {Filter("name")} ORDER BY name",
            r => accounts.Add(new AccountInfo(
                new UserInfo(r.GetString(0), r.GetString(1), r.GetBoolean(2)), r.GetString(3), r.GetBoolean(4), r.GetBoolean(5), r.Time(6), [], [])),
            ("name", name));
        await session.RunAsync();
        var keysOf = keys.ToLookup(k => k.User, k => k.Key);
        var policiesOf = policies.ToLookup(p => p.User, p => p.Name);
        return accounts.ConvertAll(a => a with { Keys = [.. keysOf[a.User.Name]], Policies = [.. policiesOf[a.User.Name]] });

        static string Filter(string column) => One.Replace("{0}", column, StringComparison.Ordinal);
    }
}
