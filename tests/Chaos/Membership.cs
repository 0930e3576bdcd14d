using Npgsql;

namespace OrleansDfs.Chaos;

/// <summary>Which silos the cluster has declared dead: rows of Orleans' membership table that others have voted on.</summary>
sealed class Membership(ChaosCluster cluster)
{
    // 6 = Dead. A silo that stops by itself, or finds its predecessor's row when it starts, needs no votes.
    private const string Declared =
        "SELECT silo_name, generation FROM orleans_members WHERE status = 6 AND suspect_times IS NOT NULL AND suspect_times <> ''";

    private readonly HashSet<(string Silo, int Generation)> _known = [];

    /// <summary>Silos declared dead since the last call.</summary>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public async Task<IReadOnlyList<string>> NewDeathsAsync()
    {
        await using var connection = new NpgsqlConnection(cluster.CatalogConnection + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(Declared, connection);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> deaths = [];
        while (await reader.ReadAsync())
            if (_known.Add((reader.GetString(0), reader.GetInt32(1)))) deaths.Add(reader.GetString(0));
        return deaths;
    }
}
