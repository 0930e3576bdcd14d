using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Npgsql;

namespace OrleansDfs.Catalog.Engines;

internal sealed partial class PostgresSession(NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancellation)
    : Session(PostgresDialect.Instance)
{
    public const string Commit = "COMMIT";

    private static readonly ConcurrentDictionary<string, Statement> Statements = new();

    private CancellationToken _cancellation = cancellation;

    public override void Draw(string sequence, int count, List<long> into, Action<long>? now = null) =>
        Query(
            "SELECT nextval(CAST(CAST(@name AS TEXT) AS regclass)), {now} FROM generate_series(1, @count)",
            r =>
            {
                into.Add(r.GetInt64(0));
                now?.Invoke(r.GetInt64(1));
            },
            ("name", sequence), ("count", count));

    /// <summary>Runs what waits, and COMMIT in the same round trip. Not to be cancelled: the outcome would be unknown (P18).</summary>
    public Task CommitAsync()
    {
        _cancellation = CancellationToken.None;
        Add(Commit);
        return RunAsync();
    }

    protected override async Task RunAsync(Step[] steps)
    {
        await using var batch = connection.CreateBatch();
        batch.Transaction = transaction;
        foreach (var step in steps) batch.BatchCommands.Add(Command(step));
        await using (var reader = await batch.ExecuteReaderAsync(_cancellation))
        {
            foreach (var step in steps)
            {
                if (step.Row is null) continue; // the reader shows only statements that have a result
                while (await reader.ReadAsync(_cancellation)) step.Row(reader);
                await reader.NextResultAsync(_cancellation);
            }
        }
        for (var i = 0; i < steps.Length; i++) steps[i].Affected = batch.BatchCommands[i].RecordsAffected;
    }

    private NpgsqlBatchCommand Command(Step step)
    {
        if (!Statements.TryGetValue(step.Sql, out var statement))
            statement = Statements.GetOrAdd(step.Sql, Statement.Of(Dialect.Text(step.Sql, step.Rows)));
        var command = new NpgsqlBatchCommand(statement.Text);
        foreach (var name in statement.Parameters) command.Parameters.Add(new NpgsqlParameter { Value = Value(step, name) });
        return command;
    }

    private static object Value(Step step, string name)
    {
        foreach (var (given, value) in step.Parameters)
            if (given == name) return value ?? DBNull.Value;
        if (step.Rows is not null && name.StartsWith("r_", StringComparison.Ordinal))
            foreach (var (column, values) in step.Rows.Columns)
                if (name.AsSpan(2).SequenceEqual(column)) return values;
        throw new InvalidOperationException($"No value was given for {name} in: {step.Sql}");
    }

    /// <summary>A statement with its parameters by place: Npgsql reads and rewrites a text that names them for every call.</summary>
    private sealed partial record Statement(string Text, string[] Parameters)
    {
        public static Statement Of(string named)
        {
            var names = new List<string>();
            var text = Names().Replace(named, match =>
            {
                var name = match.Groups[1].Value;
                if (!names.Contains(name)) names.Add(name);
                return $"${names.IndexOf(name) + 1}";
            });
            return new Statement(text, [.. names]);
        }

        [GeneratedRegex(@"@(\w+)")]
        private static partial Regex Names();
    }
}
