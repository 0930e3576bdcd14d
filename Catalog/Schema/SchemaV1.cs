namespace OrleansDfs.Catalog.Schema;

/// <summary>
/// The tables of schema version 1. Times are microseconds since 1970 (the database's clock). Keys compare by bytes. What must hold at every commit:
/// <list type="bullet">
/// <item>a key's row names its current version (the one with the highest id) and its null version, 0 where there is none; exactly the current one
/// has <c>is_current</c>;</item>
/// <item><c>blobs.refs</c> is the number of versions, version parts and upload parts that name the blob; at 0 the blob and its extents are
/// gone;</item>
/// <item>the floor of a chunk is the greatest <c>end_at</c> of its extents (P16), found by one index probe.</item>
/// </list>
/// </summary>
internal static class SchemaV1
{
    public static readonly string[] Statements =
    [
        "CREATE TABLE sequences (name {text} PRIMARY KEY, value BIGINT NOT NULL)",
        """
        CREATE TABLE buckets (
            id BIGINT PRIMARY KEY,
            name {text} NOT NULL UNIQUE,
            revision BIGINT NOT NULL,
            owner {text} NOT NULL,
            region {text} NOT NULL,
            created BIGINT NOT NULL,
            versioning INTEGER NOT NULL,
            object_lock BOOLEAN NOT NULL)
        """,
        """
        CREATE TABLE bucket_settings (
            bucket_id BIGINT NOT NULL,
            name {text} NOT NULL,
            document TEXT NOT NULL,
            PRIMARY KEY (bucket_id, name))
        """,
        """
        CREATE TABLE keys (
            bucket_id BIGINT NOT NULL,
            key {text} NOT NULL,
            last_version BIGINT NOT NULL,
            current_version BIGINT NOT NULL,
            null_version BIGINT NOT NULL,
            PRIMARY KEY (bucket_id, key))
        """,
        """
        CREATE TABLE versions (
            bucket_id BIGINT NOT NULL,
            key {text} NOT NULL,
            version_id BIGINT NOT NULL,
            revision BIGINT NOT NULL,
            is_current BOOLEAN NOT NULL,
            is_null BOOLEAN NOT NULL,
            is_delete_marker BOOLEAN NOT NULL,
            size BIGINT NOT NULL,
            etag {text} NOT NULL,
            last_modified BIGINT NOT NULL,
            part_count INTEGER NOT NULL,
            blob_id {uuid},
            attempt_id {uuid} NOT NULL,
            owner {text} NOT NULL,
            storage_class {text},
            checksum_algorithm INTEGER,
            checksum_type INTEGER,
            properties TEXT NOT NULL,
            tags TEXT NOT NULL)
        """,
        // Newest first within a key, as S3 lists them: a page of versions is one range of this index. It is the table's key.
        "CREATE UNIQUE INDEX versions_key ON versions (bucket_id, key, version_id DESC)",
        // What ListObjects shows and nothing else: a page never walks over old versions or delete markers.
        "CREATE UNIQUE INDEX versions_visible ON versions (bucket_id, key) WHERE is_current AND NOT is_delete_marker",
        """
        CREATE TABLE version_parts (
            bucket_id BIGINT NOT NULL,
            key {text} NOT NULL,
            version_id BIGINT NOT NULL,
            part_number INTEGER NOT NULL,
            blob_id {uuid},
            size BIGINT NOT NULL,
            etag {text} NOT NULL,
            checksum_algorithm INTEGER,
            checksum_type INTEGER,
            checksum_value {text},
            payload_offset BIGINT NOT NULL,
            PRIMARY KEY (bucket_id, key, version_id, part_number))
        """,
        "CREATE TABLE blobs (blob_id {uuid} PRIMARY KEY, length BIGINT NOT NULL, refs INTEGER NOT NULL, created BIGINT NOT NULL)",
        """
        CREATE TABLE extents (
            blob_id {uuid} NOT NULL,
            ordinal INTEGER NOT NULL,
            chunk_id BIGINT NOT NULL,
            start_at BIGINT NOT NULL,
            end_at BIGINT NOT NULL,
            length BIGINT NOT NULL,
            payload_offset BIGINT NOT NULL,
            PRIMARY KEY (blob_id, ordinal))
        """,
        "CREATE INDEX extents_chunk ON extents (chunk_id, end_at)",
        """
        CREATE TABLE uploads (
            upload_id {uuid} PRIMARY KEY,
            bucket_id BIGINT NOT NULL,
            key {text} NOT NULL,
            initiator {text} NOT NULL,
            initiated BIGINT NOT NULL,
            properties TEXT NOT NULL,
            tags TEXT NOT NULL,
            checksum_algorithm INTEGER,
            checksum_type INTEGER,
            completed BIGINT,
            result TEXT)
        """,
        "CREATE INDEX uploads_open ON uploads (bucket_id, key, upload_id) WHERE completed IS NULL",
        "CREATE INDEX uploads_completed ON uploads (completed) WHERE completed IS NOT NULL",
        """
        CREATE TABLE parts (
            upload_id {uuid} NOT NULL,
            part_number INTEGER NOT NULL,
            blob_id {uuid},
            part_id {uuid} NOT NULL,
            size BIGINT NOT NULL,
            etag {text} NOT NULL,
            last_modified BIGINT NOT NULL,
            checksum_algorithm INTEGER,
            checksum_type INTEGER,
            checksum_value {text},
            attempt_id {uuid} NOT NULL,
            PRIMARY KEY (upload_id, part_number))
        """,
        """
        CREATE TABLE chunks (
            chunk_id BIGINT PRIMARY KEY,
            state INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            epoch BIGINT NOT NULL,
            next_epoch BIGINT NOT NULL,
            sealed_length BIGINT,
            sealed_at BIGINT,
            retired_at BIGINT,
            wanted INTEGER NOT NULL,
            primary_node {uuid} NOT NULL,
            primary_incarnation BIGINT NOT NULL,
            opener {text} NOT NULL,
            lease_until BIGINT NOT NULL,
            live_replicas INTEGER NOT NULL,
            freed_bytes BIGINT NOT NULL)
        """,
        "CREATE INDEX chunks_unsealed ON chunks (chunk_id) WHERE state <= 1",
        "CREATE INDEX chunks_retired ON chunks (retired_at) WHERE state = 3",
        "CREATE INDEX chunks_live ON chunks (live_replicas) WHERE state = 2",
        "CREATE INDEX chunks_sealed ON chunks (sealed_at) WHERE state = 2",
        """
        CREATE TABLE replicas (
            chunk_id BIGINT NOT NULL,
            epoch BIGINT NOT NULL,
            node_id {uuid} NOT NULL,
            shard INTEGER NOT NULL,
            state INTEGER NOT NULL,
            PRIMARY KEY (chunk_id, epoch))
        """,
        "CREATE UNIQUE INDEX replicas_node ON replicas (node_id, chunk_id, shard)",
        "CREATE TABLE freed_extents (id {identity}, chunk_id BIGINT NOT NULL, bytes BIGINT NOT NULL)",
        """
        CREATE TABLE nodes (
            node_id {uuid} PRIMARY KEY,
            incarnation BIGINT NOT NULL,
            silo_name {text} NOT NULL,
            host {text} NOT NULL,
            port INTEGER NOT NULL,
            domain {text} NOT NULL,
            state INTEGER NOT NULL,
            read_only BOOLEAN NOT NULL,
            fsync_failed BOOLEAN NOT NULL,
            total_bytes BIGINT NOT NULL,
            free_bytes BIGINT NOT NULL,
            last_heartbeat BIGINT NOT NULL)
        """,
        "CREATE TABLE node_table (one INTEGER PRIMARY KEY, revision BIGINT NOT NULL)",
        "INSERT INTO node_table (one, revision) VALUES (1, 1)",
        "CREATE TABLE users (name {text} PRIMARY KEY, email {text} NOT NULL, is_root BOOLEAN NOT NULL, created BIGINT NOT NULL)",
        """
        CREATE TABLE access_keys (
            access_key {text} PRIMARY KEY,
            user_name {text} NOT NULL,
            wrapped_secret {bytes} NOT NULL,
            configured BOOLEAN NOT NULL,
            created BIGINT NOT NULL)
        """,
        "CREATE INDEX access_keys_user ON access_keys (user_name)",
        "CREATE TABLE usage_deltas (id {identity}, bucket_id BIGINT NOT NULL, files BIGINT NOT NULL, versions BIGINT NOT NULL, bytes BIGINT NOT " +
            "NULL)",
        "CREATE INDEX usage_deltas_bucket ON usage_deltas (bucket_id)",
        "CREATE TABLE bucket_usage (bucket_id BIGINT PRIMARY KEY, files BIGINT NOT NULL, versions BIGINT NOT NULL, bytes BIGINT NOT NULL)",
    ];

    /// <summary>Numbers that are drawn (P15, P3): sequences on PostgreSQL, rows of <c>sequences</c> on SQLite.</summary>
    public static readonly string[] Sequences = ["bucket_ids", "version_ids", "chunk_ids"];
}
