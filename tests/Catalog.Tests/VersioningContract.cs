using OrleansDfs.Catalog.Engines;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Tests;

/// <summary>S3's rules of versions, null versions and delete markers, and the bucket's part in them (P17).</summary>
public abstract class VersioningContract : CatalogContract
{
    private static readonly Dictionary<string, string?> NoSettings = [];

    [SkippableFact]
    public async Task Unversioned_deletes_leave_nothing()
    {
        Need();
        var bucket = await BucketAsync();
        var chunk = await ChunkAsync();
        await PutAsync(bucket, "k", chunk);
        await PutAsync(bucket, "k", chunk);
        Assert.Equal(new DeleteOutcome(CatalogStatus.Ok, null, false, false), await DeleteAsync(bucket, "k"));
        Assert.Equal(new DeleteOutcome(CatalogStatus.Ok, null, false, false), await DeleteAsync(bucket, "k"));
        Assert.Empty(await VersionsAsync(bucket));
        Assert.Equal(new UsageCounts(0, 0, 0), await Catalog.Usage.OfBucketAsync(bucket.Id));
    }

    [SkippableFact]
    public async Task Versioned_deletes_make_markers_and_removing_one_brings_the_file_back()
    {
        Need();
        var bucket = await BucketAsync(versioning: Versioning.Enabled);
        var chunk = await ChunkAsync();
        var first = await PutAsync(bucket, "k", chunk, "1");
        var second = await PutAsync(bucket, "k", chunk, "2");
        Assert.True(second.Version > first.Version);
        var marker = await DeleteAsync(bucket, "k");
        Assert.True(marker is { Status: CatalogStatus.Ok, IsDeleteMarker: true, IsNull: false });
        Assert.Equal([marker.Version!.Value, second.Version, first.Version], (await VersionsAsync(bucket)).Select(v => v.Version));

        var undone = await DeleteAsync(bucket, "k", Exact(marker.Version.Value));
        Assert.Equal(new DeleteOutcome(CatalogStatus.Ok, marker.Version, false, true), undone);
        Assert.Equal("2", (await ReadAsync(bucket, "k")).Version!.ETag);
        Assert.Equal(new DeleteOutcome(CatalogStatus.Ok, second.Version, false, false), await DeleteAsync(bucket, "k", Exact(second.Version)));
        Assert.Equal("1", (await ReadAsync(bucket, "k")).Version!.ETag);
        Assert.Equal(CatalogStatus.NoSuchVersion, (await DeleteAsync(bucket, "k", Exact(second.Version))).Status);
        await DeleteAsync(bucket, "k", Exact(first.Version));
        Assert.Equal(CatalogStatus.NoSuchKey, (await ReadAsync(bucket, "k")).Status);
        Assert.True((await DeleteAsync(bucket, "never")).IsDeleteMarker);
    }

    [SkippableFact]
    public async Task Suspended_buckets_replace_the_null_version_only()
    {
        Need();
        var bucket = await BucketAsync();
        var chunk = await ChunkAsync();
        var plain = await PutAsync(bucket, "k", chunk, "plain");
        Assert.True(plain.IsNull);
        bucket = (await Catalog.Buckets.ChangeAsync(bucket.Ref, Versioning.Enabled, NoSettings)).Bucket!;
        var numbered = await PutAsync(bucket, "k", chunk, "numbered");
        Assert.False(numbered.IsNull);
        Assert.Equal("plain", (await ReadAsync(bucket, "k", Null)).Version!.ETag);
        bucket = (await Catalog.Buckets.ChangeAsync(bucket.Ref, Versioning.Suspended, NoSettings)).Bucket!;
        var replaced = await PutAsync(bucket, "k", chunk, "replaced");
        Assert.Equal([replaced.Version, numbered.Version], (await VersionsAsync(bucket)).Select(v => v.Version));
        var marker = await DeleteAsync(bucket, "k");
        Assert.True(marker is { IsDeleteMarker: true, IsNull: true });
        Assert.Equal([marker.Version!.Value, numbered.Version], (await VersionsAsync(bucket)).Select(v => v.Version));
        Assert.Equal(new DeleteOutcome(CatalogStatus.Ok, marker.Version, true, true), await DeleteAsync(bucket, "k", Null));
        Assert.Equal("numbered", (await ReadAsync(bucket, "k")).Version!.ETag);
        Assert.Equal(new DeleteOutcome(CatalogStatus.Ok, null, false, false), await DeleteAsync(bucket, "k", Null));
    }

    [SkippableFact]
    public async Task Conditional_deletes_are_judged_on_the_version_named()
    {
        Need();
        var bucket = await BucketAsync(versioning: Versioning.Enabled);
        var chunk = await ChunkAsync();
        var first = await PutAsync(bucket, "k", chunk, "1");
        await PutAsync(bucket, "k", chunk, "2");
        Assert.Equal(CatalogStatus.PreconditionFailed, (await DeleteAsync(bucket, "k", ifMatch: "1")).Status);
        Assert.Equal(CatalogStatus.NoSuchKey, (await DeleteAsync(bucket, "none", ifMatch: "*")).Status);
        Assert.Equal(CatalogStatus.Ok, (await DeleteAsync(bucket, "k", Exact(first.Version), ifMatch: "1")).Status);
        Assert.Equal(CatalogStatus.Ok, (await DeleteAsync(bucket, "k", ifMatch: "2")).Status);
        Assert.Equal(CatalogStatus.NoSuchKey, (await DeleteAsync(bucket, "k", ifMatch: "*")).Status); // under its marker there is no file
    }

    [SkippableFact]
    public async Task Copies_share_bytes_until_the_last_one_goes()
    {
        Need();
        var bucket = await BucketAsync();
        var other = await BucketAsync("other", Versioning.Enabled);
        var chunk = await ChunkAsync();
        var source = await PutAsync(bucket, "k", chunk, "e");
        CopyRequest Copy(BucketInfo to, string key, FileProperties? properties = null) => new(
            to.Ref, ObjectKey.Parse(key), AttemptId.New(), bucket.Ref, source.Key, source.Version, properties, null, WritePrecondition.None);

        var copies = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Catalog.Files.CopyAsync(Copy(other, $"c{i}"))));
        Assert.All(copies, c => Assert.Equal(CatalogStatus.Ok, c.Status));
        var itself = await Catalog.Files.CopyAsync(Copy(bucket, "k", new FileProperties { ContentType = "new" }));
        Assert.Equal("new", itself.Version!.Properties.ContentType);
        Assert.Equal(CatalogStatus.NoSuchKey, (await Catalog.Files.CopyAsync(Copy(other, "late"))).Status); // that version was replaced
        var floor = await Catalog.Chunks.FloorAsync(chunk.Chunk);
        Assert.True(floor > 0);
        await DeleteAsync(bucket, "k");
        foreach (var copy in copies) await DeleteAsync(other, copy.Version!.Key.Value, Exact(copy.Version.Version));
        Assert.Equal(0, await Catalog.Chunks.FloorAsync(chunk.Chunk));
        Assert.Equal(1, await Catalog.Maintenance.FoldFreedAsync(100));
    }

    [SkippableFact]
    public async Task A_change_of_the_bucket_holds_for_every_write_after_it()
    {
        Need();
        var bucket = await BucketAsync();
        await using var second = await OpenAsync();
        var chunk = await ChunkAsync();
        // Writers that authorised with the old revision race the change: each is a null version from before it, or is told to load the bucket again
        // (P17).
        var before = Enumerable.Range(0, 60).Select(i => (i % 2 == 0 ? Catalog : second).Files.CommitAsync(Commit(bucket, $"k{i % 7}",
            Blob(chunk)))).ToList();
        var change = Catalog.Buckets.ChangeAsync(bucket.Ref, Versioning.Enabled, new Dictionary<string, string?> { ["policy"] = "{}" });
        before.AddRange(Enumerable.Range(0, 60).Select(i => second.Files.CommitAsync(Commit(bucket, $"k{i % 7}", Blob(chunk)))));
        var changed = await change;
        Assert.Equal(CatalogStatus.Ok, changed.Status);
        Assert.Equal("{}", changed.Bucket!.Settings["policy"]);
        foreach (var outcome in await Task.WhenAll(before))
        {
            Assert.Contains(outcome.Status, new[] { CatalogStatus.Ok, CatalogStatus.BucketChanged });
            if (outcome.Status == CatalogStatus.Ok) Assert.True(outcome.Version!.IsNull);
        }
        Assert.False((await PutAsync(changed.Bucket, "k1", chunk)).IsNull);
        Assert.Equal(CatalogStatus.BucketChanged, (await Catalog.Buckets.ChangeAsync(bucket.Ref, Versioning.Suspended, NoSettings)).Status);
    }

    [SkippableFact]
    public async Task Buckets_are_made_once_listed_and_deleted_only_when_empty()
    {
        Need();
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            Catalog.Buckets.CreateAsync(BucketName.Parse("race"), $"user{i}", "eu-west-1", true,
                new Dictionary<string, string> { ["cors"] = "<x/>" })));
        var bucket = Assert.Single(made, m => m.Status == CatalogStatus.Ok).Bucket!;
        Assert.All(made.Where(m => m.Status != CatalogStatus.Ok), m => Assert.Equal((CatalogStatus.BucketExists, bucket.Id), (m.Status,
            m.Bucket!.Id)));
        Assert.Equivalent(bucket, await Catalog.Buckets.FindAsync(bucket.Name), strict: true);
        Assert.Equal(Versioning.Enabled, bucket.Versioning); // object lock needs it
        await BucketAsync("rabbit");
        await BucketAsync("zebra");
        var page = await Catalog.Buckets.ListAsync(null, "ra", "", 1);
        Assert.Equal(("rabbit", true), (Assert.Single(page.Buckets).Name.Value, page.More));
        Assert.Equal("race", Assert.Single((await Catalog.Buckets.ListAsync(null, "ra", "rabbit", 5)).Buckets).Name.Value);
        Assert.Equal(2, (await Catalog.Buckets.ListAsync("root", "", "", 10)).Buckets.Count);

        await DeleteAsync(bucket, "k"); // a marker
        Assert.Equal(CatalogStatus.BucketNotEmpty, await Catalog.Buckets.DeleteAsync(bucket.Ref));
        Assert.Equal(CatalogStatus.BucketChanged, await Catalog.Buckets.DeleteAsync(bucket.Ref with { Revision = 9 }));
        foreach (var version in await VersionsAsync(bucket)) await DeleteAsync(bucket, "k", Exact(version.Version));
        Assert.Equal(CatalogStatus.Ok, await Catalog.Buckets.DeleteAsync(bucket.Ref));
        Assert.Equal(CatalogStatus.NoSuchBucket, await Catalog.Buckets.DeleteAsync(bucket.Ref));
        Assert.Null(await Catalog.Buckets.FindAsync(bucket.Name));
    }

    [SkippableFact]
    public async Task Usage_is_the_same_before_and_after_folding()
    {
        Need();
        var bucket = await BucketAsync(versioning: Versioning.Enabled);
        var chunk = await ChunkAsync();
        for (var i = 0; i < 5; i++) await PutAsync(bucket, $"k{i % 2}", chunk);
        await DeleteAsync(bucket, "k0");
        var expected = new UsageCounts(1, 5, 5000);
        Assert.Equal(expected, await Catalog.Usage.OfBucketAsync(bucket.Id));
        while (await Catalog.Maintenance.FoldUsageAsync(2) > 0) Assert.Equal(expected, await Catalog.Usage.OfBucketAsync(bucket.Id));
        Assert.Equal((1, expected), await Catalog.Usage.TotalAsync());
    }

    private async Task<IReadOnlyList<ListedFile>> VersionsAsync(BucketInfo bucket) =>
        (await Catalog.Listings.VersionsAsync(new ListVersionsRequest(bucket.Ref, "", "", "", null, 1000))).Page!.Versions;
}

public sealed class SqliteVersioningTests : VersioningContract
{
    internal override TestDatabase Database { get; } = new SqliteTestDatabase();
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresVersioningTests(PostgresFixture fixture) : VersioningContract
{
    internal override TestDatabase Database { get; } = new PostgresTestDatabase(fixture);

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_of_the_bucket_waits_for_the_commits_under_way(bool delete)
    {
        Need();
        var bucket = await BucketAsync();
        await using var second = await OpenAsync();
        var chunk = await ChunkAsync();
        Task<CatalogStatus>? change = null;
        var waited = false;
        Catalog.Engine.AtCommit = async point =>
        {
            if (point != CommitPoint.Before || change is not null) return;
            change = delete ? second.Buckets.DeleteAsync(bucket.Ref) : EnableAsync(second, bucket);
            while (!change.IsCompleted && !waited) waited = await AnyoneWaitsForALockAsync();
        };
        var put = await Catalog.Files.CommitAsync(Commit(bucket, "k", Blob(chunk)));
        Catalog.Engine.AtCommit = null;
        Assert.True(waited, "The bucket was changed under a commit (P17).");
        Assert.True(put is { Status: CatalogStatus.Ok, Version.IsNull: true });
        Assert.Equal(delete ? CatalogStatus.BucketNotEmpty : CatalogStatus.Ok, await change!);
    }

    private static async Task<CatalogStatus> EnableAsync(CatalogDatabase catalog, BucketInfo bucket) =>
        (await catalog.Buckets.ChangeAsync(bucket.Ref, Versioning.Enabled, new Dictionary<string, string?>())).Status;

    private Task<bool> AnyoneWaitsForALockAsync() =>
        Catalog.Engine.ReadAsync(async session => (await session.QueryAsync(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", r => r.GetInt64(0)))[0] > 0);
}
