namespace OrleansDfs.Catalog.Schema;

/// <summary>
/// What schema version 2 adds to version 1. Each statement must leave the rows of a running version 1 catalog as true as it found them.
/// </summary>
internal static class SchemaV2
{
    public static readonly string[] Statements =
    [
        .. Accounts,
        .. Garbage,
        .. Lifecycle,
        .. Leaving,
        .. Scrub,
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

    private static string[] Garbage =>
    [
        // Bytes of a sealed chunk that no extent covers, for compaction; -1 until it is measured, which happens once after the grace period. A hint:
        // what is decided is decided on the extents (P25).
        "ALTER TABLE chunks ADD COLUMN dead_bytes BIGINT NOT NULL DEFAULT -1",
        "CREATE INDEX chunks_unmeasured ON chunks (sealed_at) WHERE state = 2 AND dead_bytes < 0",
        "CREATE INDEX chunks_dead ON chunks (dead_bytes) WHERE state = 2 AND dead_bytes > 0",
        // P24: chunks in which a long upload, not committed yet, has bytes.
        """
        CREATE TABLE chunk_holds (
            chunk_id BIGINT NOT NULL,
            blob_id {uuid} NOT NULL,
            expires BIGINT NOT NULL,
            PRIMARY KEY (chunk_id, blob_id))
        """,
        "CREATE INDEX chunk_holds_expires ON chunk_holds (expires)",
    ];

    /// <summary>When every page of a replica was last found right; 0: not known, so it is due at once.</summary>
    private static string[] Scrub =>
    [
        "ALTER TABLE replicas ADD COLUMN verified_at BIGINT NOT NULL DEFAULT 0",
        "CREATE INDEX replicas_verified ON replicas (node_id, verified_at)",
    ];

    private static string[] Lifecycle =>
    [
        "CREATE INDEX bucket_settings_name ON bucket_settings (name, bucket_id)",
        "CREATE TABLE lifecycle_passes (bucket_id BIGINT PRIMARY KEY, day BIGINT NOT NULL, rules {text} NOT NULL, position TEXT)",
    ];

    /// <summary>What a node held when it was told to leave, for the progress of a drain.</summary>
    private static string[] Leaving =>
    [
        "ALTER TABLE nodes ADD COLUMN leaving_since BIGINT",
        "ALTER TABLE nodes ADD COLUMN leaving_replicas BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE nodes ADD COLUMN leaving_bytes BIGINT NOT NULL DEFAULT 0",
    ];

    /// <summary>
    /// How PostgreSQL keeps the tables; no other engine is asked. Rows that were deleted stay in its indexes until VACUUM, and a listing walks over
    /// them: at PostgreSQL's default of a fifth of the table, over hundreds of thousands. Keys are kept as they are: compressed, as index entries
    /// above 500 bytes would be, each comparison of a search unpacks one.
    /// </summary>
    public static IEnumerable<string> PostgreSqlStatements =>
    [
        .. Listed.Select(table => $"ALTER TABLE {table} ALTER COLUMN key SET STORAGE EXTERNAL"),
        .. Listed.Concat(["blobs", "extents", "parts"])
            .Select(table => $"ALTER TABLE {table} SET ({Soon(2000)}, autovacuum_vacuum_scale_factor = 0.01)"),
        // Queues: rows live for seconds, so the share of dead ones says nothing.
        .. new[] { "usage_deltas", "freed_extents" }.Select(table => $"ALTER TABLE {table} SET ({Soon(5000)}, autovacuum_vacuum_scale_factor = 0)"),
    ];

    private static readonly string[] Listed = ["keys", "versions", "version_parts", "uploads"];

    /// <summary>A vacuum that dawdles to spare the disk, or leaves the indexes for later, is what hurts.</summary>
    private static string Soon(int deadRows) =>
        $"autovacuum_vacuum_threshold = {deadRows}, autovacuum_vacuum_cost_delay = 0, vacuum_index_cleanup = on";
}
