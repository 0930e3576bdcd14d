using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace OrleansDfs.Catalog.Tests;

/// <summary>The statements of <c>OrleansQuery</c>, run as Orleans' ADO.NET providers run them: by key, with their parameters, on their connection
/// string.</summary>
public abstract class OrleansSqlContract : CatalogContract
{
    private static readonly DateTime Start = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
    private readonly Dictionary<string, string> _queries = [];
    private DbConnection? _connection;

    [SkippableFact]
    public async Task Membership_changes_only_from_the_epoch_it_was_read_at()
    {
        Need();
        await ConnectAsync();
        Assert.True(await FlagAsync("InsertMembershipVersionKey", ("DeploymentId", "d")));
        Assert.False(await FlagAsync("InsertMembershipVersionKey", ("DeploymentId", "d")));
        Assert.Equal((0, null), Assert.Single(await MembersAsync()));

        Assert.True(await FlagAsync("InsertMembershipKey", [.. Member(1), ("Version", 0)]));
        Assert.False(await FlagAsync("InsertMembershipKey", [.. Member(2), ("Version", 0)])); // the epoch has moved on
        Assert.False(await FlagAsync("InsertMembershipKey", [.. Member(1), ("Version", 1)])); // it is there
        Assert.True(await FlagAsync("InsertMembershipKey", [.. Member(2), ("Version", 1)]));
        Assert.Equal([(2, 3), (2, 3)], (await MembersAsync()).Select(m => (m.Version, m.Status!.Value)));

        (string, object?)[] Change(int port, int status, int version) =>
            [.. Key(port), ("Status", status), ("SuspectTimes", "x,y"), ("IAmAliveTime", Start.AddSeconds(1)), ("Version", version)];
        Assert.False(await FlagAsync("UpdateMembershipKey", Change(2, 6, 1)));
        Assert.False(await FlagAsync("UpdateMembershipKey", Change(3, 6, 2)));
        Assert.True(await FlagAsync("UpdateMembershipKey", Change(2, 6, 2)));
        await RunAsync("UpdateIAmAlivetimeKey", [.. Key(1), ("IAmAliveTime", Start.AddSeconds(9))]);
        Assert.Equal([(3, 3), (3, 6)], (await MembersAsync()).Select(m => (m.Version, m.Status!.Value)));
        var row = Assert.Single(await QueryAsync("MembershipReadRowKey", r => (r.GetInt32(r.GetOrdinal("Version")),
            r.GetDateTime(r.GetOrdinal("IAmAliveTime"))), Key(1)));
        Assert.Equal((3, Start.AddSeconds(9)), row);
        Assert.Equal(3, Assert.Single(await QueryAsync("MembershipReadRowKey", r => r.GetInt32(r.GetOrdinal("Version")),
            Key(77)))); // the epoch alone
        Assert.Equal(30001, Assert.Single(await QueryAsync("GatewaysQueryKey", r => r.GetInt32(r.GetOrdinal("ProxyPort")), ("DeploymentId", "d"),
            ("Status", 3))));

        await RunAsync("CleanupDefunctSiloEntriesKey", ("DeploymentId", "d"), ("IAmAliveTime", Start));
        Assert.Equal(2, (await MembersAsync()).Count);
        await RunAsync("CleanupDefunctSiloEntriesKey", ("DeploymentId", "d"), ("IAmAliveTime", Start.AddHours(1)));
        Assert.Equal(3, Assert.Single(await MembersAsync()).Status); // only the dead one went
        await RunAsync("DeleteMembershipTableEntriesKey", ("DeploymentId", "d"));
        Assert.Empty(await MembersAsync());
    }

    [SkippableFact]
    public async Task Two_silos_that_join_from_one_epoch_do_not_both_succeed()
    {
        Need();
        await ConnectAsync();
        await FlagAsync("InsertMembershipVersionKey", ("DeploymentId", "d"));
        await using var other = Open();
        await other.OpenAsync();
        for (var epoch = 0; epoch < 10; epoch++)
        {
            var one = FlagAsync("InsertMembershipKey", [.. Member(100 + epoch), ("Version", epoch)]);
            var two = FlagAsync(other, "InsertMembershipKey", [.. Member(200 + epoch), ("Version", epoch)]);
            Assert.NotEqual(await one, await two);
        }
    }

    [SkippableFact]
    public async Task Grain_state_is_guarded_by_its_version()
    {
        Need();
        await ConnectAsync();
        (string, object?)[] grain =
        [
            ("GrainIdHash", 1), ("GrainIdN0", 2L), ("GrainIdN1", 3L), ("GrainTypeHash", 4), ("GrainTypeString", "t"),
                ("GrainIdExtensionString", null), ("ServiceId", "s"),
        ];
        Task<List<int>> Write(int? version, byte[] payload) => QueryAsync(
            "WriteToStorageKey", r => r.GetInt32(r.GetOrdinal("NewGrainStateVersion")), [.. grain, ("GrainStateVersion", version),
                ("PayloadBinary", payload)]);
        Task<List<(string?, int)>> Read() => QueryAsync(
            "ReadFromStorageKey", r => (r.IsDBNull(0) ? null : Convert.ToHexString(r.GetFieldValue<byte[]>(r.GetOrdinal("PayloadBinary"))),
                r.GetInt32(r.GetOrdinal("Version"))), grain);

        Assert.Empty(await Read());
        Assert.Empty(await Write(5, [1]));
        Assert.Equal([1], await Write(null, [1]));
        Assert.Empty(await Write(null, [2]));
        Assert.Equal([2], await Write(1, [2]));
        Assert.Empty(await Write(1, [3]));
        Assert.Equal(("02", 2), Assert.Single(await Read()));
        Assert.Empty(await QueryAsync("ClearStorageKey", r => r.GetInt32(0), [.. grain, ("GrainStateVersion", 1)]));
        Assert.Equal([3], await QueryAsync("ClearStorageKey", r => r.GetInt32(0), [.. grain, ("GrainStateVersion", 2)]));
        Assert.Equal((null, 3), Assert.Single(await Read()));
        Assert.Equal([4], await Write(3, [4]));
        Assert.Equal([5], await QueryAsync("DeleteStorageKey", r => r.GetInt32(0), [.. grain, ("GrainStateVersion", 4)]));
        Assert.Empty(await Read());
    }

    [SkippableFact]
    public async Task Reminders_are_found_by_ranges_of_their_hash()
    {
        Need();
        await ConnectAsync();
        Task<List<int>> Upsert(string grain, int hash) => QueryAsync(
            "UpsertReminderRowKey",
            r => r.GetInt32(r.GetOrdinal("Version")),
            ("ServiceId", "s"), ("GrainId", grain), ("ReminderName", "n"), ("StartTime", Start), ("Period", 60000L), ("GrainHash", hash));
        foreach (var (grain, hash) in new[] { ("a", int.MinValue), ("b", -5), ("c", 0), ("d", 7), ("e", int.MaxValue) })
            Assert.Equal([0], await Upsert(grain, hash));
        Assert.Equal([1], await Upsert("c", 0));

        Task<List<string>> Range(string key, int begin, int end) => QueryAsync(
            key, r => r.GetString(r.GetOrdinal("GrainId")), ("ServiceId", "s"), ("BeginHash", begin), ("EndHash", end));
        Assert.Equal(["c", "d"], (await Range("ReadRangeRows1Key", -5, 7)).Order());
        Assert.Equal(["a", "b", "e"], (await Range("ReadRangeRows2Key", 7, -5)).Order());
        Assert.Equal(["a", "b", "c", "d", "e"], (await Range("ReadRangeRows2Key", 7, 7)).Order());
        var row = Assert.Single(await QueryAsync(
            "ReadReminderRowKey",
            r => (r.GetDateTime(r.GetOrdinal("StartTime")), r.GetInt64(r.GetOrdinal("Period")), r.GetInt32(r.GetOrdinal("Version"))),
            ("ServiceId", "s"), ("GrainId", "c"), ("ReminderName", "n")));
        Assert.Equal((Start, 60000, 1), row);
        Assert.Single(await QueryAsync("ReadReminderRowsKey", r => 0, ("ServiceId", "s"), ("GrainId", "d")));

        Task<bool> Delete(int version) => FlagAsync("DeleteReminderRowKey", ("ServiceId", "s"), ("GrainId", "c"), ("ReminderName", "n"),
            ("Version", version));
        Assert.False(await Delete(0));
        Assert.True(await Delete(1));
        await RunAsync("DeleteReminderRowsKey", ("ServiceId", "s"));
        Assert.Empty(await Range("ReadRangeRows2Key", 0, 0));
    }

    private static (string, object?)[] Key(int port) => [("DeploymentId", "d"), ("Address", "127.0.0.1"), ("Port", port), ("Generation", 99)];

    private static (string, object?)[] Member(int port) =>
        [.. Key(port), ("SiloName", "s"), ("HostName", "h"), ("Status", 3), ("ProxyPort", 30000 + port), ("StartTime", Start),
            ("IAmAliveTime", Start)];

    private Task<List<(int Version, int? Status)>> MembersAsync() => QueryAsync(
        "MembershipReadAllKey",
        r => (r.GetInt32(r.GetOrdinal("Version")), r.IsDBNull(r.GetOrdinal("StartTime")) ? (int?)null : r.GetInt32(r.GetOrdinal("Status"))),
        ("DeploymentId", "d"));

    private DbConnection Open() => Database.Invariant == CatalogInvariants.Sqlite
        ? new SqliteConnection(Catalog.OrleansConnectionString + ";Pooling=False")
        : new NpgsqlConnection(Catalog.OrleansConnectionString);

    private async Task ConnectAsync()
    {
        _connection = Open();
        await _connection.OpenAsync();
        await using var command = _connection.CreateCommand();
        command.CommandText = "SELECT QueryKey, QueryText FROM OrleansQuery";
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) _queries.Add(reader.GetString(0), reader.GetString(1));
    }

    /// <summary>One row of one column, a number or a truth value, as Orleans expects of a change.</summary>
    private Task<bool> FlagAsync(string key, params (string Name, object? Value)[] parameters) => FlagAsync(_connection!, key, parameters);

    private async Task<bool> FlagAsync(DbConnection connection, string key, params (string Name, object? Value)[] parameters)
    {
        var rows = await QueryAsync(connection, key, r => (r.FieldCount, Convert.ToBoolean(r.GetValue(0))), parameters);
        var (columns, flag) = Assert.Single(rows);
        Assert.Equal(1, columns);
        return flag;
    }

    private Task<List<int>> RunAsync(string key, params (string Name, object? Value)[] parameters) => QueryAsync(key, _ => 0, parameters);

    private Task<List<T>> QueryAsync<T>(string key, Func<DbDataReader, T> map, params (string Name, object? Value)[] parameters) =>
        QueryAsync(_connection!, key, map, parameters);

    private async Task<List<T>> QueryAsync<T>(DbConnection connection, string key, Func<DbDataReader, T> map,
        params (string Name, object? Value)[] parameters)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = _queries[key];
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value ?? DBNull.Value;
            if (value is null) parameter.DbType = name == "GrainStateVersion" ? System.Data.DbType.Int32 : System.Data.DbType.String;
            command.Parameters.Add(parameter);
        }
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync()) rows.Add(map(reader));
        return rows;
    }
}

public sealed class SqliteOrleansSqlTests : OrleansSqlContract
{
    internal override TestDatabase Database { get; } = new SqliteTestDatabase();
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresOrleansSqlTests(PostgresFixture fixture) : OrleansSqlContract
{
    internal override TestDatabase Database { get; } = new PostgresTestDatabase(fixture);
}
