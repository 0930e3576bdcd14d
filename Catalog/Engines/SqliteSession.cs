using Microsoft.Data.Sqlite;

namespace OrleansDfs.Catalog.Engines;

/// <summary>One SQLite connection of one thread, with its prepared statements. Runs synchronously: the returned task is complete.</summary>
internal sealed class SqliteSession(SqliteConnection connection) : Session(SqliteDialect.Instance)
{
    private readonly Dictionary<string, SqliteCommand> _prepared = [];

    /// <summary>SQLite has no sequences; a row is one, since there is only one writer.</summary>
    public override void Draw(string sequence, int count, List<long> into, Action<long>? now = null) =>
        Query(
            "UPDATE sequences SET value = value + @count WHERE name = @name RETURNING value, {now}",
            r =>
            {
                into.AddRange(Enumerable.Range(1 - count, count).Select(i => r.GetInt64(0) + i));
                now?.Invoke(r.GetInt64(1));
            },
            ("name", sequence), ("count", count));

    public void Execute(string sql) => Prepare(sql).ExecuteNonQuery();

    public void Close()
    {
        foreach (var command in _prepared.Values) command.Dispose();
        connection.Dispose();
    }

    protected override Task RunAsync(Step[] steps)
    {
        foreach (var step in steps)
        {
            var command = Prepare(Dialect.Text(step.Sql, step.Rows));
            foreach (var (name, value) in step.Parameters) Set(command, name, value);
            if (step.Rows is null)
            {
                Run(step, command);
                continue;
            }
            for (var i = 0; i < step.Rows.Count; i++)
            {
                foreach (var (name, values) in step.Rows.Columns) Set(command, "r_" + name, values.GetValue(i));
                Run(step, command);
            }
        }
        return Task.CompletedTask;
    }

    private static void Run(Step step, SqliteCommand command)
    {
        if (step.Row is null)
        {
            step.Affected += command.ExecuteNonQuery();
            return;
        }
        using var reader = command.ExecuteReader();
        while (reader.Read()) step.Row(reader);
    }

    private static void Set(SqliteCommand command, string name, object? value)
    {
        var index = command.Parameters.IndexOf("@" + name);
        if (index >= 0) command.Parameters[index].Value = value ?? DBNull.Value;
        else command.Parameters.AddWithValue("@" + name, value ?? DBNull.Value);
    }

    private SqliteCommand Prepare(string text)
    {
        if (_prepared.TryGetValue(text, out var command)) return command;
        command = connection.CreateCommand();
        command.CommandText = text;
        _prepared.Add(text, command);
        return command;
    }
}
