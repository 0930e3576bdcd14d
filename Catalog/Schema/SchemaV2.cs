namespace OrleansDfs.Catalog.Schema;

/// <summary>What schema version 2 adds to version 1. Each statement must leave the rows of a running version 1 catalog as true as it found them.</summary>
internal static class SchemaV2
{
    public static readonly string[] Statements =
    [
        .. Accounts,
    ];

    /// <summary>Users of version 1 all came from a configuration; each silo's start says anew which still do.</summary>
    private static string[] Accounts =>
    [
        "ALTER TABLE users ADD COLUMN configured BOOLEAN NOT NULL DEFAULT TRUE",
        "ALTER TABLE users ADD COLUMN disabled BOOLEAN NOT NULL DEFAULT FALSE",
        "ALTER TABLE users ADD COLUMN parent {text} NOT NULL DEFAULT ''",
        "CREATE INDEX users_parent ON users (parent)",
        "ALTER TABLE access_keys ADD COLUMN disabled BOOLEAN NOT NULL DEFAULT FALSE",
        "CREATE TABLE user_policies (user_name {text} NOT NULL, name {text} NOT NULL, document {text} NOT NULL, PRIMARY KEY (user_name, name))",
    ];
}
