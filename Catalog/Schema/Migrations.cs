using OrleansDfs.Catalog.Engines;

namespace OrleansDfs.Catalog.Schema;

/// <summary>
/// Brings a database forward, version by version, in one transaction that holds a lock of the whole database, so that several processes may start
/// at once. Never
/// backward: a database that a newer program has touched is refused.
/// </summary>
internal static class Migrations
{
    /// <summary>The schema that this program knows.</summary>
    public const int Latest = 2;

    /// <summary>An advisory lock of PostgreSQL; the number means nothing else.</summary>
    private const long LockNumber = 0x4f646673436174;

    /// <returns>The cluster's id.</returns>
    /// <param name="target">Where to stop: tests make databases of older releases with it.</param>
    public static async Task<Guid> RunAsync(Session session, int target = Latest)
    {
        var postgres = session.Dialect is PostgresDialect;
        if (postgres) await session.QueryAsync($"SELECT pg_advisory_xact_lock({LockNumber})", _ => 0);
        await session.ExecuteAsync("CREATE TABLE IF NOT EXISTS settings (name {text} PRIMARY KEY, value TEXT NOT NULL)");
        var found = await ReadAsync(session, "schema_version");
        var version = found is null ? 0 : int.Parse(found);
        if (version > Latest)
            throw new CatalogUnusableException(
                $"The catalog has schema version {version}, this program knows {Latest}: it was used by a newer release; start that release, or " +
                    $"restore an older backup.");
        if (version < 1) await ToVersion1Async(session, postgres);
        if (version < 2 && target >= 2)
            foreach (var statement in postgres ? SchemaV2.Statements.Concat(SchemaV2.PostgreSqlStatements) : SchemaV2.Statements)
                await session.ExecuteAsync(statement);
        await SetAsync(session, "schema_version", Math.Max(version, target).ToString());
        await session.ExecuteAsync("INSERT INTO settings (name, value) VALUES ('cluster_id', @id) ON CONFLICT DO NOTHING",
            ("id", Guid.NewGuid().ToString("N")));
        return Guid.ParseExact((await ReadAsync(session, "cluster_id"))!, "N");
    }

    private static async Task ToVersion1Async(Session session, bool postgres)
    {
        foreach (var statement in SchemaV1.Statements.Concat(OrleansTables.Statements)) await session.ExecuteAsync(statement);
        if (!postgres)
            foreach (var statement in OrleansTables.SqliteTriggers) await session.ExecuteAsync(statement);
        foreach (var name in SchemaV1.Sequences)
        {
            if (postgres) await session.ExecuteAsync($"CREATE SEQUENCE {name}");
            else await session.ExecuteAsync("INSERT INTO sequences (name, value) VALUES (@name, 0)", ("name", name));
        }
        foreach (var (key, text) in OrleansQueries.Common.Concat(postgres ? OrleansQueries.PostgreSql : OrleansQueries.Sqlite))
            await session.ExecuteAsync("INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES (@key, @text)", ("key", key), ("text", text));
    }

    private static async Task<string?> ReadAsync(Session session, string name) =>
        (await session.QueryAsync("SELECT value FROM settings WHERE name = @name", r => r.GetString(0), ("name", name))).SingleOrDefault();

    private static Task<int> SetAsync(Session session, string name, string value) =>
        session.ExecuteAsync(
            "INSERT INTO settings (name, value) VALUES (@name, @value) ON CONFLICT (name) DO UPDATE SET value = excluded.value", ("name", name),
                ("value", value));
}
