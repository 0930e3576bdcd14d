using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Tests;

/// <summary>Chunk rows (PROTOCOL §2–§4, §8, §9) and what they mean for commits (P16).</summary>
public abstract class ChunksContract : CatalogContract
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    [SkippableFact]
    public async Task A_seal_fixes_the_length_once_and_not_below_the_floor()
    {
        Need();
        var bucket = await BucketAsync();
        var chunk = await ChunkAsync();
        var blob = Blob(chunk);
        await Catalog.Files.CommitAsync(Commit(bucket, "k", blob));
        var end = blob.Extents[0].End;
        long[] epochs = [.. chunk.Replicas.Select(r => r.Epoch)];

        Assert.Equal(SealStatus.Conflict, (await Catalog.Chunks.SealAsync(chunk.Chunk, end, epochs, [], [])).Status);
        var sealing = (await Catalog.Chunks.BeginSealAsync(chunk.Chunk))!;
        Assert.Equal(ChunkState.Sealing, sealing.State);
        Assert.True(sealing.Epoch > chunk.Epoch);
        Assert.Equivalent(sealing, await Catalog.Chunks.BeginSealAsync(chunk.Chunk), strict: true);
        var low = await Catalog.Chunks.SealAsync(chunk.Chunk, end - 1, epochs, [], []);
        Assert.Equal((SealStatus.FloorAbove, end), (low.Status, low.Floor));
        var done = await Catalog.Chunks.SealAsync(chunk.Chunk, end, [epochs[0]], [epochs[1]], [epochs[2]]);
        Assert.Equal((SealStatus.Sealed, end), (done.Status, done.Row!.SealedLength));
        Assert.Equal([ReplicaState.Live, ReplicaState.Unverified], done.Row.Replicas.Select(r => r.State));
        Assert.Equal(SealStatus.AlreadySealed, (await Catalog.Chunks.SealAsync(chunk.Chunk, end + 9, epochs, [], [])).Status);
        Assert.Equal(SealStatus.NoSuchChunk, (await Catalog.Chunks.SealAsync(new ChunkId(4711), 0, [], [], [])).Status);
        Assert.Equal([new ReplicaAt(chunk.Replicas[0].Node, epochs[0])], Assert.Single(await Catalog.Files.LocateAsync([chunk.Chunk])).Replicas);

        // P16: bytes behind the sealed length are lost, bytes before it may still be committed.
        Assert.Equal(CatalogStatus.BytesLost, (await Catalog.Files.CommitAsync(Commit(bucket, "late", Blob(chunk)))).Status);
        var before = new WrittenBlob(BlobId.New(), 1000, blob.Extents);
        Assert.Equal(CatalogStatus.Ok, (await Catalog.Files.CommitAsync(Commit(bucket, "early", before))).Status);
    }

    [SkippableFact]
    public async Task Commits_that_race_a_seal_are_covered_by_it_or_refused()
    {
        Need();
        var bucket = await BucketAsync();
        await using var second = await OpenAsync();
        for (var round = 0; round < 6; round++)
        {
            var chunk = await ChunkAsync();
            await Catalog.Chunks.BeginSealAsync(chunk.Chunk);
            var commits = Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? Catalog : second).Files.CommitAsync(Commit(bucket, $"r{round}k{i}",
                Blob(chunk)))).ToArray();
            // Too short for most of them on purpose: the seal must see those that got in first as the floor, the others must see the seal.
            var length = 0L;
            SealOutcome outcome;
            do
            {
                outcome = await second.Chunks.SealAsync(chunk.Chunk, length, [.. chunk.Replicas.Select(r => r.Epoch)], [], []);
                length = outcome.Floor;
            }
            while (outcome.Status == SealStatus.FloorAbove);
            Assert.Equal(SealStatus.Sealed, outcome.Status);
            Assert.All(await Task.WhenAll(commits), c => Assert.Contains(c.Status, new[] { CatalogStatus.Ok, CatalogStatus.BytesLost }));
            Assert.True(await Catalog.Chunks.FloorAsync(chunk.Chunk) <= outcome.Row!.SealedLength);
        }
    }

    [SkippableFact]
    public async Task Repair_adds_a_replica_under_an_epoch_of_its_own()
    {
        Need();
        var nodes = await NodesAsync(4);
        var bucket = await BucketAsync();
        var chunk = await OpenAsync(nodes[..3]);
        await PutAsync(bucket, "k", chunk);
        Assert.Null(await Catalog.Chunks.InsertCopyingAsync(chunk.Chunk, chunk.Epoch, nodes[3])); // not sealed
        var row = await SealAsync(chunk, live: 2, bad: 1);
        Assert.Equal(chunk.Chunk, Assert.Single(await Catalog.Chunks.UnderReplicatedAsync(3, Long, 10)).Chunk);
        Assert.Empty(await Catalog.Chunks.UnderReplicatedAsync(2, Long, 10));

        var copying = (await Catalog.Chunks.InsertCopyingAsync(chunk.Chunk, row.Epoch, nodes[3]))!;
        Assert.DoesNotContain(copying.Epoch, chunk.Replicas.Select(r => r.Epoch));
        Assert.Null(await Catalog.Chunks.InsertCopyingAsync(chunk.Chunk, row.Epoch, nodes[2])); // the epoch has moved on
        Assert.False(await Catalog.Chunks.MakeLiveAsync(chunk.Chunk, copying.Epoch, ReplicaState.Unverified));
        Assert.True(await Catalog.Chunks.MakeLiveAsync(chunk.Chunk, copying.Epoch, ReplicaState.Copying));
        Assert.False(await Catalog.Chunks.RemoveReplicaAsync(chunk.Chunk, copying.Epoch, ReplicaState.Copying, 3)); // it has won
        Assert.Empty(await Catalog.Chunks.UnderReplicatedAsync(3, Long, 10));
        Assert.Equal(new ChunkCounts(1, 0, 0), await Catalog.Chunks.CountAsync(3, Long));

        // P29: it goes only where enough others stay.
        Assert.False(await Catalog.Chunks.RemoveReplicaAsync(chunk.Chunk, copying.Epoch, ReplicaState.Live, 3));
        Assert.True(await Catalog.Chunks.RemoveReplicaAsync(chunk.Chunk, copying.Epoch, ReplicaState.Live, 2));
        await Catalog.Moves.SetStateAsync(nodes[0], NodeState.Decommissioned);
        Assert.Equal(chunk.Chunk, Assert.Single(await Catalog.Chunks.UnderReplicatedAsync(3, Long, 10)).Chunk);
        Assert.Equal(1, (await Catalog.Chunks.CountAsync(3, Long)).UnderReplicated);
        var held = Assert.Single(await Catalog.Chunks.ReplicasOnAsync(nodes[1], default, 10));
        Assert.Equal((chunk.Chunk, ReplicaState.Live, ChunkState.Sealed), (held.Chunk, held.State, held.ChunkState));
        Assert.Empty(await Catalog.Chunks.ReplicasOnAsync(nodes[1], chunk.Chunk, 10));
    }

    [SkippableFact]
    public async Task Abandoned_chunks_are_found()
    {
        Need();
        var nodes = await NodesAsync(2);
        var kept = await OpenAsync(nodes);
        var expired = await OpenAsync(nodes, lease: TimeSpan.FromSeconds(-1));
        var restarted = await OpenAsync(nodes, incarnation: 7);
        var sealing = await OpenAsync(nodes);
        await Catalog.Chunks.BeginSealAsync(sealing.Chunk);
        var found = await Catalog.Chunks.FindToSealAsync(Long, 10);
        Assert.Equal([expired.Chunk, restarted.Chunk, sealing.Chunk], found.Select(c => c.Chunk));
        Assert.Equal(4, (await Catalog.Chunks.FindToSealAsync(TimeSpan.FromHours(-1), 10)).Count); // no heartbeat is recent enough
        Assert.Equal([sealing.Chunk], await Catalog.Chunks.RenewLeasesAsync("test", [kept.Chunk, expired.Chunk, sealing.Chunk], Long));
        Assert.Equal(2, (await Catalog.Chunks.FindToSealAsync(Long, 10)).Count);
        Assert.Equal([kept.Chunk], await Catalog.Chunks.RenewLeasesAsync("another", [kept.Chunk], Long));
    }

    [SkippableFact]
    public async Task Unused_chunks_retire_after_the_grace_period_and_take_no_commit_then()
    {
        Need();
        var nodes = await NodesAsync(2);
        var bucket = await BucketAsync();
        var chunk = await OpenAsync(nodes);
        var blob = Blob(chunk);
        await Catalog.Files.CommitAsync(Commit(bucket, "k", blob));
        await SealAsync(chunk, live: 2, bad: 0);
        Assert.Equal(0, await Catalog.Chunks.RetireUnusedAsync(TimeSpan.FromSeconds(-1), 10)); // in use
        await DeleteAsync(bucket, "k");
        Assert.Equal(0, await Catalog.Chunks.RetireUnusedAsync(Long, 10)); // too young
        Assert.Equal(1, await Catalog.Chunks.RetireUnusedAsync(TimeSpan.FromSeconds(-1), 10));
        Assert.Equal(CatalogStatus.BytesLost, (await Catalog.Files.CommitAsync(Commit(bucket, "k", new WrittenBlob(BlobId.New(), 1000,
            blob.Extents)))).Status);
        Assert.Empty(await Catalog.Chunks.RetiredToDeleteAsync(Long, 10));
        var retired = Assert.Single(await Catalog.Chunks.RetiredToDeleteAsync(TimeSpan.FromSeconds(-1), 10));
        foreach (var replica in retired.Replicas) await Catalog.Chunks.DeleteRetiredAsync(chunk.Chunk, replica.Epoch);
        Assert.Null(await Catalog.Chunks.GetAsync(chunk.Chunk));
    }

    [SkippableFact]
    public async Task Nodes_get_rising_incarnations_and_fsync_marks_stay()
    {
        Need();
        var registration = new NodeRegistration(NodeId.New(), "silo1", "10.0.0.1", 5000, "rack1", 100, 90);
        Assert.Equal(1, await Catalog.Nodes.RegisterAsync(registration));
        var before = await Catalog.Nodes.TableAsync(Long);
        Assert.True(await Catalog.Nodes.HeartbeatAsync(registration.Node, 1, 100, 80, false));
        Assert.Equal(before.Revision, (await Catalog.Nodes.TableAsync(Long)).Revision); // nothing that clients must know
        Assert.True(await Catalog.Nodes.HeartbeatAsync(registration.Node, 1, 100, 80, true));
        await Catalog.Nodes.MarkFsyncFailedAsync(registration.Node);
        Assert.Equal(2, await Catalog.Nodes.RegisterAsync(registration with { Port = 5001 }));
        Assert.False(await Catalog.Nodes.HeartbeatAsync(registration.Node, 1, 100, 80, false));
        var after = await Catalog.Nodes.TableAsync(Long);
        Assert.True(after.Revision >= before.Revision + 3);
        var node = Assert.Single(after.Nodes);
        Assert.True(node is
        {
            Incarnation: 2, Port: 5001, FsyncFailed: true, ReadOnly: false, Alive: true, SiloName: "silo1", Domain: "rack1",
            FreeBytes: 90
        });
        Assert.False(Assert.Single((await Catalog.Nodes.TableAsync(TimeSpan.FromHours(-1))).Nodes).Alive);
        await Catalog.Nodes.LiftFsyncFailedAsync(registration.Node);
        Assert.False(Assert.Single((await Catalog.Nodes.TableAsync(Long)).Nodes).FsyncFailed);
    }

    private async Task<NodeId[]> NodesAsync(int count)
    {
        var nodes = new List<NodeId>();
        for (var i = 0; i < count; i++)
        {
            nodes.Add(NodeId.New());
            await Catalog.Nodes.RegisterAsync(new NodeRegistration(nodes[i], $"silo{i}", "127.0.0.1", 20000 + i, $"domain{i}", 1000, 1000));
        }
        return [.. nodes];
    }

    private Task<ChunkRow> OpenAsync(NodeId[] nodes, TimeSpan? lease = null, long incarnation = 1) =>
        Catalog.Chunks.OpenAsync(new OpenChunkSpec(ChunkKind.Stream, nodes.Length, nodes[0], incarnation, nodes, "test",
            lease ?? TimeSpan.FromMinutes(5)));

    private async Task<ChunkRow> SealAsync(ChunkRow chunk, int live, int bad)
    {
        await Catalog.Chunks.BeginSealAsync(chunk.Chunk);
        var epochs = chunk.Replicas.Select(r => r.Epoch).ToArray();
        var outcome = await Catalog.Chunks.SealAsync(chunk.Chunk, 1 << 20, epochs[..live], [], epochs[live..(live + bad)]);
        Assert.Equal(SealStatus.Sealed, outcome.Status);
        return outcome.Row!;
    }
}

public sealed class SqliteChunksTests : ChunksContract
{
    internal override TestDatabase Database { get; } = new SqliteTestDatabase();
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresChunksTests(PostgresFixture fixture) : ChunksContract
{
    internal override TestDatabase Database { get; } = new PostgresTestDatabase(fixture);
}
