namespace OrleansDfs.Catalog.Schema;

/// <summary>
/// Tables for Orleans' ADO.NET providers (clustering, grain storage, reminders), to the contract of Orleans 10: only <c>OrleansQuery</c> is fixed,
/// and there the
/// keys, parameters and result columns. The statements are in <see cref="OrleansQueries"/>.
/// </summary>
internal static class OrleansTables
{
    public static readonly string[] Statements =
    [
        "CREATE TABLE OrleansQuery (QueryKey VARCHAR(64) PRIMARY KEY, QueryText TEXT NOT NULL)",
        "CREATE TABLE orleans_membership (deployment_id {text} PRIMARY KEY, version INTEGER NOT NULL)",
        """
        CREATE TABLE orleans_members (
            deployment_id {text} NOT NULL,
            address {text} NOT NULL,
            port INTEGER NOT NULL,
            generation INTEGER NOT NULL,
            silo_name {text} NOT NULL,
            host_name {text} NOT NULL,
            status INTEGER NOT NULL,
            proxy_port INTEGER NOT NULL,
            suspect_times TEXT,
            start_time {instant} NOT NULL,
            alive_time {instant} NOT NULL,
            PRIMARY KEY (deployment_id, address, port, generation))
        """,
        // '' stands for a missing extension: NULLs would not be unique.
        """
        CREATE TABLE orleans_grain_state (
            grain_id_hash INTEGER NOT NULL,
            grain_id_n0 BIGINT NOT NULL,
            grain_id_n1 BIGINT NOT NULL,
            grain_type_hash INTEGER NOT NULL,
            grain_type {text} NOT NULL,
            grain_id_extension {text} NOT NULL,
            service_id {text} NOT NULL,
            payload {bytes},
            version INTEGER NOT NULL,
            PRIMARY KEY (grain_id_hash, grain_type_hash, grain_id_n0, grain_id_n1, grain_type, grain_id_extension, service_id))
        """,
        """
        CREATE TABLE orleans_reminders (
            service_id {text} NOT NULL,
            grain_id {text} NOT NULL,
            reminder_name {text} NOT NULL,
            start_time {instant} NOT NULL,
            period BIGINT NOT NULL,
            grain_hash INTEGER NOT NULL,
            version INTEGER NOT NULL,
            PRIMARY KEY (service_id, grain_id, reminder_name))
        """,
        "CREATE INDEX orleans_reminders_hash ON orleans_reminders (service_id, grain_hash)",
    ];

    /// <summary>SQLite has no statement that changes two tables; a trigger makes the change of a member and the raise of the epoch one.
    /// The time of life (UpdateIAmAlivetime) is not among the columns and raises nothing.</summary>
    public static readonly string[] SqliteTriggers =
    [
        """
        CREATE TRIGGER orleans_members_added AFTER INSERT ON orleans_members
        BEGIN UPDATE orleans_membership SET version = version + 1 WHERE deployment_id = NEW.deployment_id; END
        """,
        """
        CREATE TRIGGER orleans_members_changed AFTER UPDATE OF status, suspect_times ON orleans_members
        BEGIN UPDATE orleans_membership SET version = version + 1 WHERE deployment_id = NEW.deployment_id; END
        """,
    ];
}
