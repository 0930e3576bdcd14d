namespace OrleansDfs.Catalog.Schema;

/// <summary>
/// The rows of <c>OrleansQuery</c>: what Orleans' ADO.NET providers run, by key. Every compare-and-set is one statement under READ COMMITTED, so no
/// reader sees half of it.
/// </summary>
internal static class OrleansQueries
{
    private const string Member = "deployment_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation";

    private const string EpochMatches = "EXISTS (SELECT 1 FROM orleans_membership e WHERE e.deployment_id = @DeploymentId AND e.version = @Version)";

    private const string MemberColumns = "deployment_id, address, port, generation, silo_name, host_name, status, proxy_port, start_time, alive_time";

    private const string MemberValues =
        "@DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime";

    private const string Grain =
        "grain_id_hash = @GrainIdHash AND grain_type_hash = @GrainTypeHash AND grain_id_n0 = @GrainIdN0 AND grain_id_n1 = @GrainIdN1 " +
        "AND grain_type = @GrainTypeString AND grain_id_extension = COALESCE(@GrainIdExtensionString, '') AND service_id = @ServiceId";

    private const string ReadMembers = """
        SELECT e.version AS "Version", m.address AS "Address", m.port AS "Port", m.generation AS "Generation", m.silo_name AS "SiloName",
            m.host_name AS "HostName", m.status AS "Status", m.proxy_port AS "ProxyPort", m.suspect_times AS "SuspectTimes",
            m.start_time AS "StartTime", m.alive_time AS "IAmAliveTime"
        FROM orleans_membership e LEFT JOIN orleans_members m ON m.deployment_id = e.deployment_id
        """;

    private const string ReadReminders = """
        SELECT grain_id AS "GrainId", reminder_name AS "ReminderName", start_time AS "StartTime", period AS "Period", version AS "Version"
        FROM orleans_reminders WHERE service_id = @ServiceId
        """;

    /// <summary>Statements that both engines read alike.</summary>
    public static readonly (string Key, string Text)[] Common =
    [
        ("GatewaysQueryKey", """
            SELECT address AS "Address", proxy_port AS "ProxyPort", generation AS "Generation" FROM orleans_members
            WHERE deployment_id = @DeploymentId AND status = @Status AND proxy_port > 0
            """),
        ("MembershipReadRowKey", ReadMembers + " AND m.address = @Address AND m.port = @Port AND m.generation = @Generation WHERE e.deployment_id " +
            "= @DeploymentId"),
        ("MembershipReadAllKey", ReadMembers + " WHERE e.deployment_id = @DeploymentId"),
        ("UpdateIAmAlivetimeKey", $"UPDATE orleans_members SET alive_time = @IAmAliveTime WHERE {Member}"),
        ("DeleteMembershipTableEntriesKey", """
            DELETE FROM orleans_members WHERE deployment_id = @DeploymentId;
            DELETE FROM orleans_membership WHERE deployment_id = @DeploymentId
            """),
        ("CleanupDefunctSiloEntriesKey",
            "DELETE FROM orleans_members WHERE deployment_id = @DeploymentId AND alive_time < @IAmAliveTime AND status = 6"),
        ("CleanupDefunctSiloEntryKey",
            $"DELETE FROM orleans_members WHERE {Member} AND status = 6 AND suspect_times IS NOT DISTINCT FROM @SuspectTimes " +
            "AND start_time = @StartTime AND alive_time = @IAmAliveTime"),
        ("ReadFromStorageKey", $"""SELECT payload AS "PayloadBinary", version AS "Version" FROM orleans_grain_state WHERE {Grain}"""),
        // Version NULL inserts where nothing is; otherwise it updates where the version is still that one. No row back = conflict.
        ("WriteToStorageKey", $"""
            INSERT INTO orleans_grain_state
                (grain_id_hash, grain_id_n0, grain_id_n1, grain_type_hash, grain_type, grain_id_extension, service_id, payload, version)
            SELECT @GrainIdHash, @GrainIdN0, @GrainIdN1, @GrainTypeHash, @GrainTypeString, COALESCE(@GrainIdExtensionString, ''), @ServiceId,
                @PayloadBinary, 1
            WHERE CAST(@GrainStateVersion AS INTEGER) IS NULL OR EXISTS (SELECT 1 FROM orleans_grain_state WHERE {Grain}
                AND version = @GrainStateVersion)
            ON CONFLICT (grain_id_hash, grain_type_hash, grain_id_n0, grain_id_n1, grain_type, grain_id_extension, service_id)
            DO UPDATE SET payload = excluded.payload, version = orleans_grain_state.version + 1 WHERE orleans_grain_state.version = @GrainStateVersion
            RETURNING version AS "NewGrainStateVersion"
            """),
        ("ClearStorageKey", $"UPDATE orleans_grain_state SET payload = NULL, version = version + 1 WHERE {Grain} AND version = @GrainStateVersion " +
            $"RETURNING version"),
        ("DeleteStorageKey", $"DELETE FROM orleans_grain_state WHERE {Grain} AND version = @GrainStateVersion RETURNING version + 1"),
        ("ReadReminderRowsKey", ReadReminders + " AND grain_id = @GrainId"),
        ("ReadReminderRowKey", ReadReminders + " AND grain_id = @GrainId AND reminder_name = @ReminderName"),
        ("ReadRangeRows1Key", ReadReminders + " AND grain_hash > @BeginHash AND grain_hash <= @EndHash"),
        ("ReadRangeRows2Key", ReadReminders + " AND (grain_hash > @BeginHash OR grain_hash <= @EndHash)"),
        ("UpsertReminderRowKey", """
            INSERT INTO orleans_reminders (service_id, grain_id, reminder_name, start_time, period, grain_hash, version)
            VALUES (@ServiceId, @GrainId, @ReminderName, @StartTime, @Period, @GrainHash, 0)
            ON CONFLICT (service_id, grain_id, reminder_name) DO UPDATE SET
                start_time = excluded.start_time, period = excluded.period, grain_hash = excluded.grain_hash, version = orleans_reminders.version + 1
            RETURNING version AS "Version"
            """),
        ("DeleteReminderRowsKey", "DELETE FROM orleans_reminders WHERE service_id = @ServiceId"),
    ];

    public static readonly (string Key, string Text)[] PostgreSql =
    [
        ("InsertMembershipVersionKey", """
            WITH added AS (INSERT INTO orleans_membership (deployment_id, version) VALUES (@DeploymentId, 0) ON CONFLICT DO NOTHING RETURNING 1)
            SELECT CAST(COUNT(*) AS INTEGER) FROM added
            """),
        // The epoch's row is the lock: a second change from the same epoch waits for it, then finds another version and changes nothing.
        ("InsertMembershipKey", $"""
            WITH raised AS (UPDATE orleans_membership SET version = version + 1
                WHERE deployment_id = @DeploymentId AND version = @Version AND NOT EXISTS (SELECT 1 FROM orleans_members WHERE {Member}) RETURNING 1),
            added AS (INSERT INTO orleans_members ({MemberColumns}) SELECT {MemberValues} FROM raised RETURNING 1)
            SELECT CAST(COUNT(*) AS INTEGER) FROM added
            """),
        ("UpdateMembershipKey", $"""
            WITH raised AS (UPDATE orleans_membership SET version = version + 1
                WHERE deployment_id = @DeploymentId AND version = @Version AND EXISTS (SELECT 1 FROM orleans_members WHERE {Member}) RETURNING 1),
            changed AS (UPDATE orleans_members SET status = @Status, suspect_times = @SuspectTimes, alive_time = @IAmAliveTime
                FROM raised WHERE {Member} RETURNING 1)
            SELECT CAST(COUNT(*) AS INTEGER) FROM changed
            """),
        ("DeleteReminderRowKey", """
            WITH gone AS (DELETE FROM orleans_reminders
                WHERE service_id = @ServiceId AND grain_id = @GrainId AND reminder_name = @ReminderName AND version = @Version RETURNING 1)
            SELECT COUNT(*) > 0 FROM gone
            """),
    ];

    public static readonly (string Key, string Text)[] Sqlite =
    [
        ("InsertMembershipVersionKey",
            "INSERT INTO orleans_membership (deployment_id, version) VALUES (@DeploymentId, 0) ON CONFLICT DO NOTHING; SELECT changes()"),
        ("InsertMembershipKey", $"""
            INSERT INTO orleans_members ({MemberColumns}) SELECT {MemberValues} WHERE {EpochMatches} ON CONFLICT DO NOTHING;
            SELECT changes()
            """),
        ("UpdateMembershipKey", $"""
            UPDATE orleans_members SET status = @Status, suspect_times = @SuspectTimes, alive_time = @IAmAliveTime WHERE {Member} AND {EpochMatches};
            SELECT changes()
            """),
        ("DeleteReminderRowKey", """
            DELETE FROM orleans_reminders
            WHERE service_id = @ServiceId AND grain_id = @GrainId AND reminder_name = @ReminderName AND version = @Version;
            SELECT changes() > 0
            """),
    ];
}
