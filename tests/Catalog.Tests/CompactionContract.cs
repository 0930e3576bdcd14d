using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Tests;

/// <summary>Compaction's transaction and what leads to it (PROTOCOL P24–P26).</summary>
public abstract class CompactionContract : CatalogContract
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(-1);

    [SkippableFact]
    public async Task Live_extents_move_and_the_old_chunk_is_retired_in_one_step()
    {
        Need();
        var bucket = await BucketAsync();
        var old = await ChunkAsync();
        await PutAsync(bucket, "kept", old);
        await PutAsync(bucket, "dead", old);
        await PutAsync(bucket, "shared", old);
        await SealAsync(old);
        await DeleteAsync(bucket, "dead");
        var shared = (await ReadAsync(bucket, "shared")).Version!;
        await Catalog.Files.CopyAsync(new CopyRequest(bucket.Ref, ObjectKey.Parse("copy"), AttemptId.New(), bucket.Ref, ObjectKey.Parse("shared"),
            shared.Version, null, null, WritePrecondition.None));

        var live = await Catalog.Compaction.LiveExtentsAsync(old.Chunk);
        Assert.Equal(2, live.Count); // the copy shares its blob's extent (P23)
        var target = await ChunkAsync();
        var moves = Copy(live, target);
        Assert.Equal(CompactionStatus.Retired, await Catalog.Compaction.RetireAsync(old.Chunk, moves));
        foreach (var key in (string[])["kept", "shared", "copy"])
        {
            var page = (await ReadAsync(bucket, key)).Manifest!;
            Assert.Contains(Assert.Single(page.Extents), moves.Select(m => m.To));
            Assert.Equal(target.Chunk, Assert.Single(page.Locations).Chunk);
        }
        Assert.Equal(ChunkState.Retired, (await Catalog.Chunks.GetAsync(old.Chunk))!.State);
        Assert.Empty(await Catalog.Files.LocateAsync([old.Chunk]));
        Assert.Equal(CompactionStatus.NotSealed, await Catalog.Compaction.RetireAsync(old.Chunk, moves));
        Assert.Equal(old.Chunk, Assert.Single(await Catalog.Chunks.RetiredToDeleteAsync(AtOnce, 10)).Chunk);
    }

    /// <summary>P25's canary: without the second look under the lock the late file would point into a chunk whose files are about to go.</summary>
    [SkippableFact]
    public async Task A_commit_that_came_after_the_first_look_is_seen_under_the_lock()
    {
        Need();
        var bucket = await BucketAsync();
        var old = await ChunkAsync();
        await PutAsync(bucket, "early", old);
        var late = Blob(old);
        await SealAsync(old);
        var target = await ChunkAsync();
        var moves = Copy(await Catalog.Compaction.LiveExtentsAsync(old.Chunk), target);
        // sealed, and long enough: P16 takes it
        Assert.Equal(CatalogStatus.Ok, (await Catalog.Files.CommitAsync(Commit(bucket, "late", late))).Status);

        Assert.Equal(CompactionStatus.MoreFound, await Catalog.Compaction.RetireAsync(old.Chunk, moves));
        Assert.Equal(ChunkState.Sealed, (await Catalog.Chunks.GetAsync(old.Chunk))!.State);
        foreach (var key in (string[])["early", "late"]) Assert.Equal(old.Chunk, (await ReadAsync(bucket, key)).Manifest!.Extents[0].Chunk);
        Assert.Equal(
            CompactionStatus.Retired,
            await Catalog.Compaction.RetireAsync(old.Chunk, Copy(await Catalog.Compaction.LiveExtentsAsync(old.Chunk), target)));
        Assert.Equal(CatalogStatus.BytesLost, (await Catalog.Files.CommitAsync(Commit(bucket, "later", Blob(old)))).Status); // P26
    }

    [SkippableFact]
    public async Task New_extents_pass_the_same_test_as_fresh_bytes()
    {
        Need();
        var bucket = await BucketAsync();
        var old = await ChunkAsync();
        await PutAsync(bucket, "k", old);
        var live = await Catalog.Compaction.LiveExtentsAsync(old.Chunk);
        Assert.Equal(CompactionStatus.NotSealed, await Catalog.Compaction.RetireAsync(old.Chunk, Copy(live, await ChunkAsync())));
        await SealAsync(old);
        var shortened = await ChunkAsync();
        await SealAsync(shortened, RecordLayout.ChunkHeaderSize);
        Assert.Equal(CompactionStatus.TargetLost, await Catalog.Compaction.RetireAsync(old.Chunk, Copy(live, shortened)));
        var gone = Copy(live, await ChunkAsync()).Select(m => m with { To = m.To with { Chunk = new ChunkId(987654) } }).ToList();
        Assert.Equal(CompactionStatus.TargetLost, await Catalog.Compaction.RetireAsync(old.Chunk, gone));
        await Assert.ThrowsAsync<ArgumentException>(() => Catalog.Compaction.RetireAsync(old.Chunk, [new MovedExtent(live[0], live[0].Extent)]));
        Assert.Equal(old.Chunk, (await ReadAsync(bucket, "k")).Manifest!.Extents[0].Chunk);
    }

    [SkippableFact]
    public async Task The_dead_share_is_measured_after_the_grace_period_and_kept_up_by_deletes()
    {
        Need();
        var bucket = await BucketAsync();
        var chunk = await ChunkAsync();
        for (var i = 0; i < 4; i++) await PutAsync(bucket, $"k{i}", chunk);
        var extent = (await ReadAsync(bucket, "k0")).Manifest!.Extents[0];
        var size = extent.End - extent.Start;
        await SealAsync(chunk, RecordLayout.ChunkHeaderSize + 10 * size); // six records that nobody ever refers to
        await DeleteAsync(bucket, "k3");

        Assert.Equal(0, await Catalog.Compaction.MeasureAsync(Long, 10));
        Assert.Equal(1, await Catalog.Compaction.MeasureAsync(AtOnce, 10));
        Assert.Equal(0, await Catalog.Compaction.MeasureAsync(AtOnce, 10));
        var found = Assert.Single(await Catalog.Compaction.CandidatesAsync(AtOnce, 69, 10));
        Assert.Equal((chunk.Chunk, 7 * size), (found.Chunk, found.Dead));
        Assert.Equal(chunk.Replicas.Select(r => r.Node), found.Live);
        Assert.Empty(await Catalog.Compaction.CandidatesAsync(AtOnce, 70, 10));
        Assert.Empty(await Catalog.Compaction.CandidatesAsync(Long, 1, 10));

        await DeleteAsync(bucket, "k2");
        await Catalog.Maintenance.FoldFreedAsync(100); // k3's too, which the measure had counted: an estimate, put right by another
        Assert.Equal(9 * size, Assert.Single(await Catalog.Compaction.CandidatesAsync(AtOnce, 1, 10)).Dead);
        await Catalog.Compaction.MeasureAsync(chunk.Chunk);
        Assert.Equal(8 * size, Assert.Single(await Catalog.Compaction.CandidatesAsync(AtOnce, 1, 10)).Dead);
    }

    /// <summary>P24: a long upload keeps its chunks although nothing refers to them yet.</summary>
    [SkippableFact]
    public async Task Chunks_that_an_upload_holds_are_neither_compacted_nor_retired_until_the_hold_runs_out()
    {
        Need();
        var chunk = await ChunkAsync();
        await SealAsync(chunk);
        await Catalog.Compaction.MeasureAsync(AtOnce, 10);
        var upload = BlobId.New();
        await Catalog.Compaction.HoldAsync(upload, [chunk.Chunk], Long);
        Assert.Empty(await Catalog.Compaction.CandidatesAsync(AtOnce, 50, 10));
        Assert.Equal(0, await Catalog.Chunks.RetireUnusedAsync(AtOnce, 10));
        Assert.Equal(0, await Catalog.Compaction.SweepHoldsAsync(10));
        await Catalog.Compaction.HoldAsync(upload, [chunk.Chunk], AtOnce); // renewed by the same upload, and run out at once
        Assert.Single(await Catalog.Compaction.CandidatesAsync(AtOnce, 50, 10));
        Assert.Equal(1, await Catalog.Compaction.SweepHoldsAsync(10));
        Assert.Equal(1, await Catalog.Chunks.RetireUnusedAsync(AtOnce, 10));
    }

    /// <summary>On two connections: whichever comes first, nothing that was committed is lost and nothing points into the retired chunk.</summary>
    [SkippableFact]
    public async Task Deletes_and_commits_that_race_a_compaction_lose_nothing_and_leave_nothing_behind()
    {
        Need();
        var bucket = await BucketAsync();
        await using var second = await OpenAsync();
        for (var round = 0; round < 4; round++)
        {
            var old = await ChunkAsync();
            for (var i = 0; i < 20; i++) await PutAsync(bucket, $"r{round}k{i}", old);
            var late = Enumerable.Range(0, 10).Select(_ => Blob(old)).ToList();
            await SealAsync(old);
            var target = await ChunkAsync();
            var live = await second.Compaction.LiveExtentsAsync(old.Chunk);
            var deletes = Enumerable.Range(0, 10).Select(i => DeleteAsync(bucket, $"r{round}k{2 * i}")).ToArray();
            var commits = late.Select((blob, i) => Catalog.Files.CommitAsync(Commit(bucket, $"r{round}late{i}", blob))).ToArray();
            var tries = 0;
            while (await second.Compaction.RetireAsync(old.Chunk, Copy(live, target)) == CompactionStatus.MoreFound)
            {
                Assert.True(++tries < 50);
                live = await second.Compaction.LiveExtentsAsync(old.Chunk);
            }
            await Task.WhenAll(deletes);
            var written = 0;
            for (var i = 0; i < commits.Length; i++)
            {
                var status = (await commits[i]).Status;
                Assert.Contains(status, new[] { CatalogStatus.Ok, CatalogStatus.BytesLost });
                if (status == CatalogStatus.Ok) written++;
                Assert.Equal(status == CatalogStatus.Ok ? CatalogStatus.Ok : CatalogStatus.NoSuchKey,
                    (await ReadAsync(bucket, $"r{round}late{i}")).Status);
            }
            Assert.Empty(await Catalog.Compaction.LiveExtentsAsync(old.Chunk));
            Assert.Equal(10 + written, (await Catalog.Compaction.LiveExtentsAsync(target.Chunk)).Count);
        }
    }

    /// <summary>The places that a copy of these extents would get in the target: one behind the other.</summary>
    private protected static List<MovedExtent> Copy(IReadOnlyList<LiveExtent> live, ChunkRow target) =>
        [.. live.Select((from, i) => new MovedExtent(from, Place(from.Extent, target, i)))];

    private static Extent Place(Extent from, ChunkRow target, int index)
    {
        var start = RecordLayout.ChunkHeaderSize + 2000L * index;
        return new Extent(target.Chunk, start, start + from.End - from.Start, from.Length);
    }

    private async Task SealAsync(ChunkRow chunk, long length = 1 << 20)
    {
        await Catalog.Chunks.BeginSealAsync(chunk.Chunk);
        var outcome = await Catalog.Chunks.SealAsync(chunk.Chunk, length, [.. chunk.Replicas.Select(r => r.Epoch)], [], []);
        Assert.Equal(SealStatus.Sealed, outcome.Status);
    }
}

public sealed class SqliteCompactionTests : CompactionContract
{
    internal override TestDatabase Database { get; } = new SqliteTestDatabase();
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresCompactionTests(PostgresFixture fixture) : CompactionContract
{
    internal override TestDatabase Database { get; } = new PostgresTestDatabase(fixture);
}
