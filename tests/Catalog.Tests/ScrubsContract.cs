using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Tests;

/// <summary>When replicas were last verified.</summary>
public abstract class ScrubsContract : CatalogContract
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(-1);

    [SkippableFact]
    public async Task A_replica_is_due_when_its_time_is_over_or_a_scrub_was_asked_for()
    {
        Need();
        var node = NodeId.New();
        await Catalog.Nodes.RegisterAsync(new NodeRegistration(node, "silo1", "127.0.0.1", 20000, "domain", 1000, 1000));
        var chunk = await Catalog.Chunks.OpenAsync(new OpenChunkSpec(ChunkKind.Shared, 1, node, 1, [node], "test", Long));
        var file = new ReplicaFile(chunk.Chunk, chunk.Replicas[0].Epoch);
        Assert.Empty(await Catalog.Scrubs.DueAsync(node, AtOnce, 10)); // open: nothing to prove yet
        Assert.False(await Catalog.Scrubs.MarkVerifiedAsync(new ReplicaFile(chunk.Chunk, 99)));
        await Catalog.Chunks.BeginSealAsync(chunk.Chunk);
        await Catalog.Chunks.SealAsync(chunk.Chunk, 5000, [file.Epoch], [], []);

        Assert.Empty(await Catalog.Scrubs.DueAsync(node, Long, 10));
        Assert.Equal((file, 5000L), (await Catalog.Scrubs.DueAsync(node, AtOnce, 10)).Select(d => (d.File, d.Length)).Single());
        await Catalog.Scrubs.RequestAsync();
        var progress = Assert.Single(await Catalog.Scrubs.ProgressAsync(Long));
        Assert.Equal((node, "silo1", 1L, 1L, 5000L), (progress.Node, progress.SiloName, progress.Replicas, progress.Due, progress.DueBytes));
        Assert.Single(await Catalog.Scrubs.DueAsync(node, Long, 10));
        Assert.True(await Catalog.Scrubs.MarkVerifiedAsync(file));
        Assert.Empty(await Catalog.Scrubs.DueAsync(node, Long, 10));
        Assert.Equal(0, Assert.Single(await Catalog.Scrubs.ProgressAsync(Long)).Due);
        Assert.Empty(await Catalog.Chunks.OverReplicatedAsync(1, 10));
        Assert.Equal(chunk.Chunk, Assert.Single(await Catalog.Chunks.OverReplicatedAsync(0, 10)).Chunk);
    }
}

public sealed class SqliteScrubsTests : ScrubsContract
{
    internal override TestDatabase Database { get; } = new SqliteTestDatabase();
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresScrubsTests(PostgresFixture fixture) : ScrubsContract
{
    internal override TestDatabase Database { get; } = new PostgresTestDatabase(fixture);
}
