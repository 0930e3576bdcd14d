using OrleansDfs.Catalog.Engines;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Tests;

/// <summary>P18: what a caller is told when the connection is lost around COMMIT. The loss is injected just before COMMIT is sent, or just after it
/// returned.</summary>
public abstract class OutcomesContract : CatalogContract
{
    [SkippableFact]
    public async Task Lost_after_the_commit_it_is_found_by_its_attempt()
    {
        Need();
        var bucket = await BucketAsync();
        var chunk = await ChunkAsync();
        LoseNext(CommitPoint.After);
        var outcome = await Catalog.Files.CommitAsync(Commit(bucket, "k", Blob(chunk), "e"));
        Assert.Equal(CatalogStatus.Ok, outcome.Status);
        Assert.Equivalent(outcome.Version, (await ReadAsync(bucket, "k")).Version, strict: true);
    }

    [SkippableFact]
    public async Task Lost_before_the_commit_it_is_unknown_and_never_committed_again()
    {
        Need();
        var bucket = await BucketAsync();
        var chunk = await ChunkAsync();
        LoseNext(CommitPoint.Before);
        Assert.Equal(CatalogStatus.Unknown, (await Catalog.Files.CommitAsync(Commit(bucket, "k", Blob(chunk)))).Status);
        Assert.Equal(CatalogStatus.NoSuchKey, (await ReadAsync(bucket, "k")).Status);
        LoseNext(CommitPoint.After);
        Assert.Equal(CatalogStatus.Unknown, await Catalog.Buckets.DeleteAsync(bucket.Ref)); // it leaves nothing to find
        Assert.Null(await Catalog.Buckets.FindAsync(bucket.Name));
    }

    [SkippableFact]
    public async Task Every_write_of_a_lost_batch_gets_its_own_outcome()
    {
        Need();
        var bucket = await BucketAsync();
        var chunk = await ChunkAsync();
        LoseNext(CommitPoint.After);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 30).Select(i =>
            Catalog.Files.CommitAsync(Commit(bucket, $"k{i}", Blob(chunk), precondition: i == 7 ? new WritePrecondition("x", null) : null))));
        for (var i = 0; i < outcomes.Length; i++)
            if (i != 7) Assert.Equal(CatalogStatus.Ok, outcomes[i].Status);
        Assert.NotEqual(CatalogStatus.Ok, outcomes[7].Status);
    }

    [SkippableFact]
    public async Task A_part_lost_after_its_commit_is_found()
    {
        Need();
        var bucket = await BucketAsync();
        var chunk = await ChunkAsync();
        var upload = new UploadInfo(UploadId.New(), bucket.Id, ObjectKey.Parse("k"), "anna", default, FileProperties.Empty,
            new Dictionary<string, string>(), null, null);
        await Catalog.Uploads.CreateAsync(bucket.Ref, upload);
        PutPartRequest Part(int number) => new(bucket.Ref, upload.Key, upload.Upload, number, AttemptId.New(), Blob(chunk), "e", null);
        LoseNext(CommitPoint.After);
        Assert.Equal(CatalogStatus.Ok, (await Catalog.Uploads.PutPartAsync(Part(1))).Status);
        LoseNext(CommitPoint.Before);
        Assert.Equal(CatalogStatus.Unknown, (await Catalog.Uploads.PutPartAsync(Part(2))).Status);
        Assert.Equal(1, Assert.Single((await Catalog.Uploads.ListPartsAsync(upload.Upload, 0, 10)).Parts).Number);
    }

    [SkippableFact]
    public async Task Random_operations_keep_the_tables_sound()
    {
        Need();
        var seed = Environment.TickCount;
        await using var second = await OpenAsync();
        var bucket = await BucketAsync(versioning: seed % 2 == 0 ? Versioning.Enabled : Versioning.Unversioned);
        if (seed % 3 == 0) bucket = (await Catalog.Buckets.ChangeAsync(bucket.Ref, Versioning.Suspended, new Dictionary<string, string?>())).Bucket!;
        var chunk = await ChunkAsync();
        try
        {
            await Task.WhenAll(Enumerable.Range(0, 6).Select(i => OperateAsync(new Random(seed + i), i % 2 == 0 ? Catalog : second, bucket, chunk)));
            await Invariants.AssertAsync(Catalog);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Random operations failed with seed {seed}.", e);
        }
    }

    /// <summary>Puts, copies, deletes and small uploads on few keys; any outcome but a failure is allowed.</summary>
    private async Task OperateAsync(Random random, CatalogDatabase catalog, BucketInfo bucket, ChunkRow chunk)
    {
        for (var i = 0; i < 40; i++)
        {
            var key = ObjectKey.Parse($"k{random.Next(5)}");
            var other = ObjectKey.Parse($"k{random.Next(5)}");
            var read = await catalog.Files.ReadAsync(new ReadRequest(bucket.Ref, other, default, null));
            var status = random.Next(7) switch
            {
                0 or 1 => (await catalog.Files.CommitAsync(Commit(bucket, key.Value, Blob(chunk), $"e{i}"))).Status,
                2 when read.Status == CatalogStatus.Ok => (await catalog.Files.CopyAsync(new CopyRequest(
                    bucket.Ref, key, AttemptId.New(), bucket.Ref, other, read.Version!.Version, null, null, WritePrecondition.None))).Status,
                3 when read.Version is { } version =>
                    (await catalog.Files.DeleteAsync(new DeleteRequest(bucket.Ref, other, AttemptId.New(), Exact(version.Version), null))).Status,
                4 => await UploadAsync(random, catalog, bucket, key, chunk),
                5 when read.Version is { IsDeleteMarker: false } version => (await catalog.Files.ChangeAsync(new AttributesRequest(
                    bucket.Ref, other, Exact(version.Version))
                { Tags = new Dictionary<string, string> { ["turn"] = $"{i}" } })).Status,
                _ => (await catalog.Files.DeleteAsync(new DeleteRequest(bucket.Ref, key, AttemptId.New(), default, null))).Status,
            };
            Assert.Contains(status, new[] { CatalogStatus.Ok, CatalogStatus.NoSuchKey, CatalogStatus.NoSuchVersion });
        }
    }

    private async Task<CatalogStatus> UploadAsync(Random random, CatalogDatabase catalog, BucketInfo bucket, ObjectKey key, ChunkRow chunk)
    {
        var upload = new UploadInfo(UploadId.New(), bucket.Id, key, "anna", default, FileProperties.Empty, new Dictionary<string, string>(), null,
            null);
        await catalog.Uploads.CreateAsync(bucket.Ref, upload);
        var parts = new List<UploadPart>();
        for (var number = 1; number <= 3; number++)
        {
            var put = await catalog.Uploads.PutPartAsync(new PutPartRequest(bucket.Ref, key, upload.Upload, number, AttemptId.New(), Blob(chunk),
                "e", null));
            if (random.Next(3) > 0) parts.Add(put.Part!);
        }
        if (random.Next(3) == 0 || parts.Count == 0) return await catalog.Uploads.AbortAsync(upload.Upload);
        return (await catalog.Uploads.CompleteAsync(
            new CompleteRequest(bucket.Ref, key, upload.Upload, AttemptId.New(), parts, "m", FileProperties.Empty, WritePrecondition.None))).Status;
    }

    private void LoseNext(CommitPoint where)
    {
        Catalog.Engine.AtCommit = point =>
        {
            if (point != where) return Task.CompletedTask;
            Catalog.Engine.AtCommit = null;
            throw new IOException("The connection was lost (injected).");
        };
    }
}

public sealed class SqliteOutcomesTests : OutcomesContract
{
    internal override TestDatabase Database { get; } = new SqliteTestDatabase();
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresOutcomesTests(PostgresFixture fixture) : OutcomesContract
{
    internal override TestDatabase Database { get; } = new PostgresTestDatabase(fixture);

    [SkippableFact]
    public async Task An_error_in_front_of_COMMIT_in_the_same_round_trip_is_no_unknown_outcome()
    {
        Need();
        // The backend ends itself: of all errors the one that is most like a connection lost.
        await Assert.ThrowsAsync<CatalogUnavailableException>(() => Catalog.Engine.WriteAsync(session =>
        {
            session.Add("SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(5)");
            return Task.FromResult(0);
        }));
    }

    [SkippableFact]
    public async Task A_backend_that_is_killed_in_the_middle_of_a_batch_leaves_it_undone_or_found()
    {
        Need();
        var bucket = await BucketAsync();
        var chunk = await ChunkAsync();
        for (var round = 0; round < 10; round++)
        {
            var commits = Enumerable.Range(0, 20).Select(i => Catalog.Files.CommitAsync(Commit(bucket, $"r{round}k{i}", Blob(chunk)))).ToArray();
            await fixture.Server!.ExecuteAsync(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'orleansdfs' AND state <> 'idle'");
            var outcomes = await Task.WhenAll(commits);
            for (var i = 0; i < outcomes.Length; i++)
            {
                Assert.Contains(outcomes[i].Status, new[] { CatalogStatus.Ok, CatalogStatus.Unavailable, CatalogStatus.Unknown });
                var read = await ReadWhenBackAsync(bucket, $"r{round}k{i}");
                if (outcomes[i].Status == CatalogStatus.Ok) Assert.Equal(outcomes[i].Version!.Version, read.Version!.Version);
                if (outcomes[i].Status == CatalogStatus.Unavailable) Assert.Equal(CatalogStatus.NoSuchKey, read.Status);
            }
        }
    }

    /// <summary>Pooled connections that were killed while idle are found broken by their next user.</summary>
    private async Task<ReadOutcome> ReadWhenBackAsync(BucketInfo bucket, string key)
    {
        while (true)
        {
            var read = await ReadAsync(bucket, key);
            if (read.Status != CatalogStatus.Unavailable) return read;
        }
    }
}
