using OrleansDfs.Catalog.Engines;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Reads;

/// <summary>Extents of versions and where their chunks are.</summary>
internal static class Manifests
{
    /// <summary>Most extents in one slice (DESIGN §9).</summary>
    public const int PageSize = 1000;

    /// <summary>Replica <c>p</c> of chunk <c>c</c> may be read: it is live, or the chunk is open or sealing.</summary>
    public const string Serves = "(p.state = 0 OR c.state <= 1)";

    /// <summary>A plain version's extents hang on its blob, a multipart one's on the blobs of its parts; one of the two halves is always
    /// empty.</summary>
    private const string From = """
        SELECT 0 AS part, e.ordinal, e.payload_offset, e.chunk_id, e.start_at, e.end_at, e.length
        FROM versions v JOIN extents e ON e.blob_id = v.blob_id
        WHERE v.bucket_id = @bucket AND v.key = @key AND v.version_id = @version AND e.payload_offset + e.length > @offset
        UNION ALL
        SELECT p.part_number, e.ordinal, p.payload_offset + e.payload_offset, e.chunk_id, e.start_at, e.end_at, e.length
        FROM version_parts p JOIN extents e ON e.blob_id = p.blob_id
        WHERE p.bucket_id = @bucket AND p.key = @key AND p.version_id = @version AND p.payload_offset + p.size + p.size / 1024 + 64 > @offset
            AND p.payload_offset + e.payload_offset + e.length > @offset
        ORDER BY 1, 2
        LIMIT 1001
        """;

    public static async Task<ManifestPage?> FromAsync(Session session, long bucket, string key, long version, long offset)
    {
        long? size = null;
        var extents = new List<Extent>();
        var first = offset;
        session.Query(
            From,
            r =>
            {
                if (extents.Count == 0) first = r.GetInt64(2);
                extents.Add(new Extent(new ChunkId(r.GetInt64(3)), r.GetInt64(4), r.GetInt64(5), r.GetInt64(6)));
            },
            ("bucket", bucket), ("key", key), ("version", version), ("offset", offset));
        // Asked last: a version that is there now was there before, and versions do not change.
        session.Query(
            "SELECT size FROM versions WHERE bucket_id = @bucket AND key = @key AND version_id = @version",
            r => size = r.GetInt64(0),
            ("bucket", bucket), ("key", key), ("version", version));
        await session.RunAsync();
        if (size is null) return null;
        var complete = extents.Count <= PageSize;
        if (!complete) extents.RemoveRange(PageSize, extents.Count - PageSize);
        return new ManifestPage(first, extents, complete, await LocateAsync(session, extents));
    }

    public static async Task<IReadOnlyList<ChunkLocation>> LocateAsync(Session session, IReadOnlyCollection<Extent> extents)
    {
        var found = await LocateAsync(session, [.. extents.Select(e => e.Chunk).Distinct()]);
        return [.. found.Values];
    }

    /// <summary>Live replicas; of an open or sealing chunk, the whole set. A chunk that was retired a moment ago, after the extents were read, still
    /// serves them (P26).</summary>
    public static async Task<Dictionary<ChunkId, ChunkLocation>> LocateAsync(Session session,
        IReadOnlyCollection<ChunkId> chunks, bool withRetired = true)
    {
        var replicas = new Dictionary<ChunkId, List<ReplicaAt>>();
        session.QueryEach(
            $$"""
            SELECT c.chunk_id, p.node_id, p.epoch
            FROM {rows} JOIN chunks c ON c.chunk_id = r.chunk LEFT JOIN replicas p ON p.chunk_id = c.chunk_id AND {{Serves}}
            WHERE c.state <= @latest
            ORDER BY c.chunk_id, p.epoch
            """,
            RowSet.Over(chunks).With("chunk", c => c.Value),
            r =>
            {
                var chunk = new ChunkId(r.GetInt64(0));
                if (!replicas.TryGetValue(chunk, out var list)) replicas[chunk] = list = [];
                if (!r.IsDBNull(1)) list.Add(new ReplicaAt(new NodeId(r.GetGuid(1)), r.GetInt64(2)));
            },
            ("latest", (int)(withRetired ? ChunkState.Retired : ChunkState.Sealed)));
        await session.RunAsync();
        return replicas.ToDictionary(p => p.Key, p => new ChunkLocation(p.Key, p.Value));
    }
}
