using OrleansDfs.Catalog.Engines;

namespace OrleansDfs.Catalog.Tests;

/// <summary>What must hold in the tables after any sequence of operations; asserted at the end of every contract test.</summary>
internal static class Invariants
{
    private static readonly (string What, string Broken)[] All =
    [
        ("refs of a blob = versions, version parts and parts that name it", """
            SELECT COUNT(*) FROM blobs b WHERE b.refs <> (SELECT COUNT(*) FROM versions v WHERE v.blob_id = b.blob_id)
                + (SELECT COUNT(*) FROM version_parts v WHERE v.blob_id = b.blob_id) + (SELECT COUNT(*) FROM parts p WHERE p.blob_id = b.blob_id)
            """),
        ("no blob without references", "SELECT COUNT(*) FROM blobs WHERE refs <= 0"),
        ("every blob that a version names is there", "SELECT COUNT(*) FROM versions v WHERE v.blob_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM " +
            "blobs b WHERE b.blob_id = v.blob_id)"),
        ("every blob that a version's part names is there",
            "SELECT COUNT(*) FROM version_parts v WHERE v.blob_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM blobs b WHERE b.blob_id = v.blob_id)"),
        ("every blob that a part names is there", "SELECT COUNT(*) FROM parts v WHERE v.blob_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM blobs b " +
            "WHERE b.blob_id = v.blob_id)"),
        ("extents have a blob", "SELECT COUNT(*) FROM extents e WHERE NOT EXISTS (SELECT 1 FROM blobs b WHERE b.blob_id = e.blob_id)"),
        ("blobs have extents of their length", "SELECT COUNT(*) FROM blobs b WHERE b.length <> (SELECT COALESCE(SUM(e.length), 0) FROM extents e " +
            "WHERE e.blob_id = b.blob_id)"),
        ("version parts belong to a version",
            "SELECT COUNT(*) FROM version_parts p WHERE NOT EXISTS (SELECT 1 FROM versions v WHERE v.bucket_id = p.bucket_id AND v.key = p.key AND " +
                "v.version_id = p.version_id)"),
        ("a key's row names its newest version as current",
            "SELECT COUNT(*) FROM keys k WHERE k.current_version <> COALESCE((SELECT MAX(v.version_id) FROM versions v WHERE v.bucket_id = " +
                "k.bucket_id AND v.key = k.key), -1)"),
        ("a key's row names its null version",
            "SELECT COUNT(*) FROM keys k WHERE k.null_version <> COALESCE((SELECT SUM(v.version_id) FROM versions v WHERE v.bucket_id = " +
                "k.bucket_id AND v.key = k.key AND v.is_null), 0)"),
        ("the last number of a key is not below its versions", "SELECT COUNT(*) FROM keys WHERE last_version < current_version"),
        ("every version has a key row", "SELECT COUNT(*) FROM versions v WHERE NOT EXISTS (SELECT 1 FROM keys k WHERE k.bucket_id = v.bucket_id " +
            "AND k.key = v.key)"),
        ("exactly the current version is marked so",
            "SELECT COUNT(*) FROM versions v JOIN keys k ON k.bucket_id = v.bucket_id AND k.key = v.key WHERE v.is_current <> (v.version_id = " +
                "k.current_version)"),
        ("sealed chunks cover their extents", "SELECT COUNT(*) FROM chunks c JOIN extents e ON e.chunk_id = c.chunk_id WHERE c.state = 2 AND " +
            "e.end_at > c.sealed_length"),
        ("retired chunks have no extents", "SELECT COUNT(*) FROM chunks c JOIN extents e ON e.chunk_id = c.chunk_id WHERE c.state = 3"),
        ("a chunk's row counts its live replicas",
            "SELECT COUNT(*) FROM chunks c WHERE c.live_replicas <> (SELECT COUNT(*) FROM replicas p WHERE p.chunk_id = c.chunk_id AND p.state = 0)"),
        ("usage is what is there", """
            SELECT COUNT(*) FROM buckets b WHERE
                (SELECT COALESCE(SUM(x.files), 0) FROM (SELECT bucket_id, files FROM bucket_usage UNION ALL SELECT bucket_id, files
                    FROM usage_deltas) AS x WHERE x.bucket_id = b.id)
                    <> (SELECT COUNT(*) FROM versions v WHERE v.bucket_id = b.id AND v.is_current AND NOT v.is_delete_marker)
                OR (SELECT COALESCE(SUM(x.versions), 0) FROM (SELECT bucket_id, versions FROM bucket_usage UNION ALL SELECT bucket_id, versions
                    FROM usage_deltas) AS x WHERE x.bucket_id = b.id)
                    <> (SELECT COUNT(*) FROM versions v WHERE v.bucket_id = b.id AND NOT v.is_delete_marker)
                OR (SELECT COALESCE(SUM(x.bytes), 0) FROM (SELECT bucket_id, bytes FROM bucket_usage UNION ALL SELECT bucket_id, bytes
                    FROM usage_deltas) AS x WHERE x.bucket_id = b.id)
                    <> (SELECT COALESCE(SUM(v.size), 0) FROM versions v WHERE v.bucket_id = b.id)
            """),
    ];

    public static Task AssertAsync(CatalogDatabase catalog) =>
        catalog.Engine.ReadAsync(async session =>
        {
            foreach (var (what, broken) in All)
            {
                var count = (await session.QueryAsync(broken, r => r.GetInt64(0))).Single();
                Assert.True(count == 0, $"Invariant broken {count} times: {what}");
            }
            return true;
        });
}
