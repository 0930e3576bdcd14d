using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Tests;

/// <summary>What the execution of lifecycle rules stands on: pages of versions, and deletes that happen only to what was seen.</summary>
public abstract class LifecycleContract : CatalogContract
{
    [SkippableFact]
    public async Task A_delete_that_stands_on_a_version_does_not_touch_a_newer_one()
    {
        Need();
        var bucket = await BucketAsync();
        var chunk = await ChunkAsync();
        var seen = await PutAsync(bucket, "k", chunk);
        var newer = await PutAsync(bucket, "k", chunk);
        Assert.Equal(CatalogStatus.PreconditionFailed, await ExpireAsync(bucket, seen));
        Assert.Equal(newer.Version, (await ReadAsync(bucket, "k")).Version!.Version);
        Assert.Equal(CatalogStatus.Ok, await ExpireAsync(bucket, newer));
        Assert.Equal(CatalogStatus.PreconditionFailed, await ExpireAsync(bucket, newer)); // done by another before
        Assert.Equal(CatalogStatus.NoSuchKey, (await ReadAsync(bucket, "k")).Status);
    }

    [SkippableFact]
    public async Task A_delete_that_stands_on_tags_sees_that_they_changed()
    {
        Need();
        var bucket = await BucketAsync();
        var seen = await PutAsync(bucket, "k", await ChunkAsync());
        await Catalog.Files.ChangeAsync(new AttributesRequest(bucket.Ref, seen.Key, default)
        {
            Tags = new Dictionary<string,
            string>
            { ["keep"] = "1" }
        });
        Assert.Equal(CatalogStatus.PreconditionFailed, await ExpireAsync(bucket, seen));
        Assert.Equal(CatalogStatus.Ok, (await ReadAsync(bucket, "k")).Status);
    }

    [SkippableFact]
    public async Task A_delete_that_stands_on_rules_sees_that_the_bucket_changed()
    {
        Need();
        var bucket = await BucketAsync();
        var seen = await PutAsync(bucket, "k", await ChunkAsync());
        await Catalog.Buckets.ChangeAsync(bucket.Ref, null, new Dictionary<string, string?> { ["lifecycle"] = null });
        Assert.Equal(CatalogStatus.BucketChanged, await ExpireAsync(bucket, seen));
        var upload = await UploadAsync(bucket with { Revision = bucket.Revision + 1 }, "u");
        Assert.Equal(CatalogStatus.BucketChanged, await Catalog.Uploads.AbortAsync(upload, bucket.Ref));
        Assert.NotNull(await Catalog.Uploads.FindAsync(upload));
        Assert.Equal(CatalogStatus.Ok, await Catalog.Uploads.AbortAsync(upload, bucket.Ref with { Revision = bucket.Revision + 1 }));
    }

    [SkippableFact]
    public async Task A_noncurrent_version_that_became_current_again_stays()
    {
        Need();
        var bucket = await BucketAsync(versioning: Versioning.Enabled);
        var chunk = await ChunkAsync();
        var old = await PutAsync(bucket, "k", chunk);
        var above = await PutAsync(bucket, "k", chunk);
        var seen = new SeenVersion(old.Version, old.Revision, IsCurrent: false);
        await DeleteAsync(bucket, "k", Exact(above.Version));
        Assert.Equal(CatalogStatus.PreconditionFailed, await RemoveAsync(bucket, old, seen));
        await PutAsync(bucket, "k", chunk);
        Assert.Equal(CatalogStatus.Ok, await RemoveAsync(bucket, old, seen));
    }

    [SkippableFact]
    public async Task So_many_newer_versions_must_still_be_there()
    {
        Need();
        var bucket = await BucketAsync(versioning: Versioning.Enabled);
        var chunk = await ChunkAsync();
        var versions = new List<FileVersion>();
        for (var i = 0; i < 4; i++) versions.Add(await PutAsync(bucket, "k", chunk));
        var seen = new SeenVersion(versions[0].Version, 1, IsCurrent: false, Newer: 3);
        await DeleteAsync(bucket, "k", Exact(versions[1].Version));
        Assert.Equal(CatalogStatus.PreconditionFailed, await RemoveAsync(bucket, versions[0], seen));
        await PutAsync(bucket, "k", chunk);
        Assert.Equal(CatalogStatus.Ok, await RemoveAsync(bucket, versions[0], seen));
    }

    [SkippableFact]
    public async Task A_delete_marker_goes_only_alone()
    {
        Need();
        var bucket = await BucketAsync(versioning: Versioning.Enabled);
        var chunk = await ChunkAsync();
        var file = await PutAsync(bucket, "k", chunk);
        var marker = await DeleteAsync(bucket, "k");
        var seen = new SeenVersion(marker.Version!.Value, 1, IsCurrent: true, Alone: true);
        Assert.Equal(CatalogStatus.PreconditionFailed, await RemoveAsync(bucket, file, seen));
        await DeleteAsync(bucket, "k", Exact(file.Version));
        Assert.Equal(CatalogStatus.Ok, await RemoveAsync(bucket, file, seen));
        Assert.Empty(await Catalog.Lifecycles.VersionsAsync(bucket.Id, "", "", null, 10, false));
    }

    [SkippableFact]
    public async Task Pages_of_versions_are_in_order_and_without_gaps()
    {
        Need();
        var bucket = await BucketAsync(versioning: Versioning.Enabled);
        var chunk = await ChunkAsync();
        string[] keys = ["a", "p/\ue000", "p/\U00010000", "p/b", "p/b", "p/b", "q"];
        foreach (var key in keys) await PutAsync(bucket, key, chunk);
        await DeleteAsync(bucket, "p/b");
        await Catalog.Files.ChangeAsync(
            new AttributesRequest(bucket.Ref, ObjectKey.Parse("p/\ue000"), default) { Tags = new Dictionary<string, string> { ["t"] = "1" } });
        var whole = await Catalog.Lifecycles.VersionsAsync(bucket.Id, "p/", "", null, 100, true);
        Assert.Equal(["p/b", "p/b", "p/b", "p/b", "p/\ue000", "p/\U00010000"], whole.Select(r => r.Key.Value));
        Assert.Equal((true, true), (whole[0].IsCurrent, whole[0].IsDeleteMarker));
        Assert.Equal(("1", 2L, 1000L), (whole[4].Tags["t"], whole[4].Revision, whole[4].Size));
        for (var size = 1; size <= 3; size++)
        {
            var read = new List<LifecycleRow>();
            while (true)
            {
                var last = read.LastOrDefault();
                var page = await Catalog.Lifecycles.VersionsAsync(bucket.Id, "p/", last?.Key.Value ?? "", last?.Version, size, true);
                if (page.Count == 0) break;
                read.AddRange(page);
            }
            Assert.Equal(whole.Select(r => (r.Key, r.Version, r.LastModified)), read.Select(r => (r.Key, r.Version, r.LastModified)));
        }
    }

    [SkippableFact]
    public async Task Buckets_with_rules_are_found_with_how_far_they_came()
    {
        Need();
        var rules = new Dictionary<string, string?> { [LifecycleConfiguration.Setting] = "{}", ["policy"] = "x" };
        var with = await BucketAsync("with-rules");
        await BucketAsync("without-rules");
        var second = await BucketAsync("more-rules");
        foreach (var bucket in new[] { with, second }) await Catalog.Buckets.ChangeAsync(bucket.Ref, null, rules);
        var found = await Catalog.Lifecycles.BucketsAsync(0, 10);
        Assert.Equal([with.Id, second.Id], found.Select(b => b.Bucket.Id));
        Assert.All(found, b => Assert.Null(b.Pass));
        Assert.Equal("{}", found[0].Bucket.Settings[LifecycleConfiguration.Setting]);

        await Catalog.Lifecycles.SaveAsync(second.Id, new LifecyclePass(7, "r", "here"));
        await Catalog.Lifecycles.SaveAsync(second.Id, new LifecyclePass(8, "s", null));
        await Catalog.Lifecycles.SaveAsync(99, new LifecyclePass(8, "s", null)); // gone meanwhile
        var rest = Assert.Single(await Catalog.Lifecycles.BucketsAsync(with.Id, 10));
        Assert.Equal(new LifecyclePass(8, "s", null), rest.Pass);
        Assert.Equal(CatalogStatus.Ok, await Catalog.Buckets.DeleteAsync(rest.Bucket.Ref));
        Assert.Empty(await Catalog.Lifecycles.BucketsAsync(with.Id, 10));
    }

    private async Task<UploadId> UploadAsync(BucketInfo bucket, string key)
    {
        var info = new UploadInfo(
            UploadId.New(), bucket.Id, ObjectKey.Parse(key), "anna", default, FileProperties.Empty, new Dictionary<string, string>(), null, null);
        Assert.Equal(CatalogStatus.Ok, await Catalog.Uploads.CreateAsync(bucket.Ref, info));
        return info.Upload;
    }

    private async Task<CatalogStatus> ExpireAsync(BucketInfo bucket, FileVersion seen) => (await Catalog.Files.DeleteAsync(new DeleteRequest(
        bucket.Ref, seen.Key, AttemptId.New(), VersionSelection.Current, null, new SeenVersion(seen.Version, seen.Revision, true)))).Status;

    private async Task<CatalogStatus> RemoveAsync(BucketInfo bucket, FileVersion file, SeenVersion seen) => (await Catalog.Files.DeleteAsync(
        new DeleteRequest(bucket.Ref, file.Key, AttemptId.New(), Exact(seen.Version), null, seen))).Status;
}

public sealed class SqliteLifecycleTests : LifecycleContract
{
    internal override TestDatabase Database { get; } = new SqliteTestDatabase();
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresLifecycleTests(PostgresFixture fixture) : LifecycleContract
{
    internal override TestDatabase Database { get; } = new PostgresTestDatabase(fixture);
}
