using OrleansDfs.Abstractions;
using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Simulation.Tests;

/// <summary>
/// What must hold of a cluster that has been left in peace: nothing is under way, every replica is whole, every file has a row and every row its
/// file, and nothing is kept that nobody refers to (RELIABILITY I1–I20, PROTOCOL §11).
/// </summary>
static class Inspection
{
    private const int Rounds = 40;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    /// <summary>Lets the background work run until it has nothing left to do.</summary>
    public static async Task SettleAsync(this SimulatedCluster cluster)
    {
        var problem = "";
        for (var round = 0; round < Rounds; round++)
        {
            await Task.Delay(Pause, cluster.World.Time);
            await cluster.TendAsync();
            // What is not referred to is kept for the grace period, and its file in quarantine for another.
            if (round * Pause < 3 * cluster.Options.Grace) continue;
            problem = await cluster.ProblemAsync();
            if (problem.Length == 0) return;
        }
        Assert.Fail($"The cluster does not become well: {problem}\n{cluster.World.Trace}");
    }

    /// <summary>Every version's bytes, from every live replica of its chunks, page by page.</summary>
    public static async Task<byte[]?> ReadEverywhereAsync(this SimulatedCluster cluster, string key)
    {
        var read = await cluster.Catalog.Files.ReadAsync(new ReadRequest(cluster.Bucket.Ref, ObjectKey.Parse(key), default, null));
        if (read.Status == CatalogStatus.NoSuchKey) return null;
        Assert.Equal(CatalogStatus.Ok, read.Status);
        byte[]? first = null;
        for (var copy = 0; copy < cluster.Options.Replicas; copy++)
        {
            using var body = new MemoryStream();
            foreach (var extent in read.Manifest!.Extents)
            {
                var replicas = read.Manifest.Locations.Single(l => l.Chunk == extent.Chunk).Replicas;
                Assert.True(replicas.Count > 0, $"{key}: chunk {extent.Chunk} has no live replica\n{cluster.World.Trace}");
                await ReadAsync(cluster, key, extent, replicas[copy % replicas.Count], body);
            }
            first ??= body.ToArray();
            Assert.True(first.AsSpan().SequenceEqual(body.ToArray()), $"{key}: replicas differ\n{cluster.World.Trace}");
        }
        return first;
    }

    private static async Task ReadAsync(SimulatedCluster cluster, string key, Extent extent, ReplicaAt replica, MemoryStream into)
    {
        var layout = new ExtentLayout(extent);
        for (long at = 0; at < extent.Length;)
        {
            var run = layout.Locate(at, extent.Length - at);
            var pages = new byte[run.Length];
            var node = cluster.Find(replica.Node).Node!;
            var status = await node.ReadAsync(new ReplicaFile(extent.Chunk, replica.Epoch), run.Offset, pages, CancellationToken.None);
            Assert.True(status == ChunkStatus.Ok, $"{key}: {extent} on {replica.Node}: {status}\n{cluster.World.Trace}");
            var isRight = Format.VerifyPages(pages, run.Payload, extent.Chunk, run.Offset);
            Assert.True(isRight, $"{key}: {extent} on {replica.Node} is corrupt\n{cluster.World.Trace}");
            var payload = new byte[run.Take];
            Format.CopyPayload(pages, run.Payload, run.Skip, payload);
            into.Write(payload);
            at += run.Take;
        }
    }

    private static async Task<string> ProblemAsync(this SimulatedCluster cluster)
    {
        var counts = await cluster.Catalog.Chunks.CountAsync(cluster.Options.Replicas, cluster.Options.RepairAfter);
        if (counts.Unsealed > 0) return $"{counts.Unsealed} chunks are not sealed";
        if (counts.UnderReplicated > 0) return $"{counts.UnderReplicated} chunks are under-replicated";
        var retired = await cluster.Catalog.Chunks.RetiredToDeleteAsync(TimeSpan.Zero, 100);
        if (retired.Count > 0) return $"{retired.Count} retired chunks are not deleted";
        foreach (var node in cluster.Nodes)
        {
            if (node.Node is not { } there) return $"{node.Name} is away";
            var replicas = await cluster.Catalog.Chunks.ReplicasOnAsync(node.Id, default, 10_000);
            var rows = replicas.Select(r => new ReplicaFile(r.Chunk, r.Epoch)).ToHashSet();
            var files = (await there.InventoryAsync(default, CancellationToken.None)).Items.Select(i => i.File).ToHashSet();
            if (files.Except(rows).Any()) return $"{node.Name} has files without rows: {string.Join(", ", files.Except(rows))}";
            if (rows.Except(files).Any()) return $"{node.Name} has rows without files: {string.Join(", ", rows.Except(files))}";
            foreach (var chunk in rows.Select(r => r.Chunk))
                if ((await cluster.Catalog.Compaction.LiveExtentsAsync(chunk)).Count == 0) return $"chunk {chunk} holds nothing and is kept";
            var stray = node.Disk.Files.FirstOrDefault(f => f.EndsWith(".import", StringComparison.Ordinal));
            if (stray is not null) return $"{node.Name} keeps {stray}";
        }
        return "";
    }
}
