using Npgsql;

namespace OrleansDfs.Catalog.Engines;

internal sealed class PostgresSession(NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancellation)
    : Session(PostgresDialect.Instance)
{
    public override void Draw(string sequence, int count, List<long> into) =>
        Query("SELECT nextval(CAST(CAST(@name AS TEXT) AS regclass)) FROM generate_series(1, @count)", r => into.Add(r.GetInt64(0)),
            ("name", sequence), ("count", count));

    protected override async Task RunAsync(Step[] steps)
    {
        await using var batch = new NpgsqlBatch(connection, transaction);
        foreach (var step in steps) batch.BatchCommands.Add(Command(step));
        await using (var reader = await batch.ExecuteReaderAsync(cancellation))
        {
            foreach (var step in steps)
            {
                if (step.Row is null) continue; // the reader shows only statements that have a result
                while (await reader.ReadAsync(cancellation)) step.Row(reader);
                await reader.NextResultAsync(cancellation);
            }
        }
        for (var i = 0; i < steps.Length; i++) steps[i].Affected = batch.BatchCommands[i].RecordsAffected;
    }

    private NpgsqlBatchCommand Command(Step step)
    {
        var command = new NpgsqlBatchCommand(Dialect.Text(step.Sql, step.Rows));
        foreach (var (name, value) in step.Parameters) command.Parameters.Add(new NpgsqlParameter(name, value ?? DBNull.Value));
        if (step.Rows is not null)
            foreach (var (name, values) in step.Rows.Columns) command.Parameters.Add(new NpgsqlParameter("r_" + name, values));
        return command;
    }
}
