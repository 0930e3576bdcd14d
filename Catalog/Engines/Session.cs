using System.Data.Common;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Engines;

/// <summary>One statement on its way; <see cref="Affected"/> holds after the run.</summary>
internal sealed class Step(string sql, RowSet? rows, (string Name, object? Value)[] parameters, Action<DbDataReader>? row)
{
    public string Sql { get; } = sql;
    public RowSet? Rows { get; } = rows;
    public (string Name, object? Value)[] Parameters { get; } = parameters;

    /// <summary>Called for each result row; <c>null</c> for a statement without result.</summary>
    public Action<DbDataReader>? Row { get; } = row;
    public int Affected { get; set; }
}

/// <summary>
/// One connection in use, inside a transaction or not. Statements are collected and then run together, in order: one round trip on PostgreSQL,
/// where each
/// still sees what was committed before *it* began (READ COMMITTED), so "lock, then check in a later statement" holds within one run.
/// </summary>
internal abstract class Session(Dialect dialect)
{
    private readonly List<Step> _steps = [];

    public Dialect Dialect { get; } = dialect;

    public Step Add(string sql, params (string Name, object? Value)[] parameters) => Collect(new Step(sql, null, parameters, null));

    /// <summary>Over rows; nothing at all when there are none.</summary>
    public Step AddEach(string sql, RowSet rows, params (string Name, object? Value)[] parameters)
    {
        var step = new Step(sql, rows, parameters, null);
        return rows.Count == 0 ? step : Collect(step);
    }

    public void Query(string sql, Action<DbDataReader> row, params (string Name, object? Value)[] parameters) =>
        Collect(new Step(sql, null, parameters, row));

    public void QueryEach(string sql, RowSet rows, Action<DbDataReader> row, params (string Name, object? Value)[] parameters)
    {
        if (rows.Count > 0) Collect(new Step(sql, rows, parameters, row));
    }

    /// <summary>Draws <paramref name="count"/> rising numbers of a sequence.</summary>
    /// <param name="now">Gets the database's clock, in microseconds, as read by the same statement.</param>
    public abstract void Draw(string sequence, int count, List<long> into, Action<long>? now = null);

    public async Task RunAsync()
    {
        if (_steps.Count == 0) return;
        var steps = _steps.ToArray();
        _steps.Clear();
        await RunAsync(steps);
    }

    public async Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] parameters)
    {
        var step = Add(sql, parameters);
        await RunAsync();
        return step.Affected;
    }

    public async Task<List<T>> QueryAsync<T>(string sql, Func<DbDataReader, T> map, params (string Name, object? Value)[] parameters)
    {
        var result = new List<T>();
        Query(sql, r => result.Add(map(r)), parameters);
        await RunAsync();
        return result;
    }

    public async Task<List<T>> QueryEachAsync<T>(string sql, RowSet rows, Func<DbDataReader, T> map, params (string Name, object? Value)[] parameters)
    {
        var result = new List<T>();
        QueryEach(sql, rows, r => result.Add(map(r)), parameters);
        await RunAsync();
        return result;
    }

    protected abstract Task RunAsync(Step[] steps);

    private Step Collect(Step step)
    {
        _steps.Add(step);
        return step;
    }
}

/// <summary>Reading of columns that may be NULL.</summary>
internal static class ReaderColumns
{
    public static string? Text(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    public static long? Number(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);
    public static Guid? Id(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetGuid(column);
    /// <summary>Three columns: algorithm, type, value.</summary>
    public static Checksum? Checksum(this DbDataReader reader, int column) => reader.IsDBNull(column)
        ? null
        : new Checksum((ChecksumAlgorithm)reader.GetInt32(column), (ChecksumType)reader.GetInt32(column + 1), reader.GetString(column + 2));

    public static DateTimeOffset Time(this DbDataReader reader, int column) => MicrosecondClock.FromMicroseconds(reader.GetInt64(column));
}

/// <summary>Times are stored as microseconds since 1970 in UTC, in both engines: whole numbers compare and add alike everywhere.</summary>
internal static class MicrosecondClock
{
    public static DateTimeOffset FromMicroseconds(long value) => DateTimeOffset.UnixEpoch.AddTicks(value * TimeSpan.TicksPerMicrosecond);
    public static long ToMicroseconds(DateTimeOffset value) => (value - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
    public static long ToMicroseconds(TimeSpan value) => value.Ticks / TimeSpan.TicksPerMicrosecond;
}
