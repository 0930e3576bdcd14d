using System.Globalization;
using System.Security.Cryptography;
using Npgsql;

namespace OrleansDfs.Chaos;

/// <summary>
/// Looks at the catalog's rows and at the files themselves, past every line of the product's own code: which sealed chunks have too few live
/// replicas, and whether the replicas of each are the same bytes. It also damages files, and remembers where, until they are whole again.
/// </summary>
sealed class ReplicaAudit(ChaosCluster cluster)
{
    private const int Replicas = 3;

    // The very words of the catalog's schema: state 2 = sealed; replica state 0 = live; node state 2 = decommissioned.
    private const string LiveReplicas = """
        SELECT c.chunk_id, c.sealed_length, r.epoch, n.silo_name
        FROM chunks c
        LEFT JOIN replicas r ON r.chunk_id = c.chunk_id AND r.state = 0 AND r.node_id IN (
            SELECT node_id FROM nodes WHERE state <> 2 AND last_heartbeat > (SELECT MAX(last_heartbeat) FROM nodes) - 20000000)
        LEFT JOIN nodes n ON n.node_id = r.node_id
        WHERE c.state = 2 AND c.sealed_length > 64
        ORDER BY c.chunk_id, r.epoch
        """;

    private readonly List<(string Path, long Offset, byte[] Before)> _damages = [];

    /// <summary>Sealed chunks that have fewer live replicas on nodes that are there than wanted.</summary>
    public async Task<int> UnderReplicatedAsync() => (await ChunksAsync()).Count(chunk => chunk.Files.Count < Replicas);

    /// <summary>Compares the replicas of every sealed chunk, whole.</summary>
    /// <returns>What differs, in words; and how many chunks were compared.</returns>
    public async Task<(List<string> Differences, int Chunks)> CompareAsync()
    {
        var differences = new List<string>();
        var chunks = await ChunksAsync();
        foreach (var chunk in chunks)
        {
            var hashes = new List<string>();
            foreach (var file in chunk.Files) hashes.Add(await HashAsync(file, chunk.Length));
            if (hashes.Distinct().Count() <= 1 && !hashes.Contains("missing") && !hashes.Contains("short")) continue;
            if (!await IsCurrentAsync(chunk)) continue; // retired or repaired while it was read
            differences.Add($"chunk {chunk.Id:x16}, length {chunk.Length}: "
                + string.Join(", ", chunk.Files.Zip(hashes, (f, h) => $"{Path.GetRelativePath(cluster.Data, f)} {h[..Math.Min(12, h.Length)]}")));
        }
        return (differences, chunks.Count);
    }

    /// <summary>Flips a bit in, or cuts, some sealed replicas of one silo.</summary>
    public async Task<string> DamageAsync(string silo, Random random, bool truncate)
    {
        var own = (await ChunksAsync()).Where(c => c.Files.Count == Replicas)
            .SelectMany(c => c.Files.Select(f => (File: f, c.Length)))
            .Where(f => f.File.Contains($"/nodes/{silo}/", StringComparison.Ordinal)).ToList();
        if (own.Count == 0) return $"nothing: {silo} has no whole sealed chunk";
        var count = truncate ? 1 : Math.Min(3, own.Count);
        for (var i = 0; i < count; i++)
        {
            var (file, length) = own[random.Next(own.Count)];
            var offset = random.NextInt64(64, length);
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            stream.Position = offset;
            var before = new byte[truncate ? stream.Length - offset : 1];
            await stream.ReadExactlyAsync(before);
            _damages.Add((file, offset, before));
            if (truncate)
            {
                stream.SetLength(offset);
                continue;
            }
            stream.Position = offset;
            stream.WriteByte((byte)(before[0] ^ (1 << random.Next(8))));
        }
        return truncate ? $"a sealed replica of {silo} cut" : $"{count} bits of sealed replicas of {silo} flipped";
    }

    /// <summary>
    /// Looks which damages have been noticed since: their replicas are no longer served. Those of chunks that were retired say nothing, either way.
    /// </summary>
    /// <returns>How many were found, how many went away with their chunks, and the files that are still served.</returns>
    public async Task<(int Found, int Retired, List<string> Served)> NoticedAsync()
    {
        if (_damages.Count == 0) return (0, 0, []);
        var chunks = await ChunksAsync();
        var served = chunks.SelectMany(c => c.Files).ToHashSet();
        var sealedChunks = chunks.Select(c => c.Id).ToHashSet();
        var files = _damages.Select(d => d.Path).Distinct().ToList();
        var gone = files.Where(f => !served.Contains(f)).ToList();
        var found = gone.Count(f =>
            sealedChunks.Contains(long.Parse(Path.GetFileName(f).Split('.')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
        return (found, gone.Count - found, [.. files.Where(served.Contains)]);
    }

    /// <summary>Undoes the damage that nothing has noticed: damages would add up beyond what replicas can bear.</summary>
    public void Restore(IReadOnlyList<string> files)
    {
        foreach (var (path, offset, before) in _damages.Where(d => files.Contains(d.Path) && File.Exists(d.Path)).Reverse())
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            stream.Position = offset;
            stream.Write(before);
        }
        _damages.Clear();
    }

    private async Task<List<Chunk>> ChunksAsync()
    {
        await using var connection = new NpgsqlConnection(cluster.CatalogConnection + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(LiveReplicas, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var chunks = new Dictionary<long, Chunk>();
        while (await reader.ReadAsync())
        {
            var id = reader.GetInt64(0);
            if (!chunks.TryGetValue(id, out var chunk)) chunks[id] = chunk = new Chunk(id, reader.GetInt64(1), []);
            if (await reader.IsDBNullAsync(2)) continue;
            var name = string.Create(CultureInfo.InvariantCulture, $"chunks/{(byte)id:x2}/{id:x16}.{reader.GetInt64(2)}.chunk");
            chunk.Files.Add(Path.Combine(cluster.Data, "nodes", reader.GetString(3), name));
        }
        return [.. chunks.Values];
    }

    private async Task<bool> IsCurrentAsync(Chunk chunk) =>
        (await ChunksAsync()).Find(c => c.Id == chunk.Id) is { } now && now.Files.SequenceEqual(chunk.Files);

    private static async Task<string> HashAsync(string file, long length)
    {
        if (!File.Exists(file)) return "missing";
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length < length) return "short";
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes);
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    private sealed record Chunk(long Id, long Length, List<string> Files);
}
