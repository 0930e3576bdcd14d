using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Tests;

/// <summary>A version's tags change under its key's lock, and every reader sees it (P20).</summary>
public abstract class TagsContract : CatalogContract
{
    private static readonly Dictionary<string, string> Blue = new() { ["colour"] = "blue", ["ü"] = "" };

    [SkippableFact]
    public async Task Tags_are_replaced_and_the_revision_rises_and_nothing_else_changes()
    {
        Need();
        var bucket = await BucketAsync();
        var chunk = await ChunkAsync();
        var put = await PutAsync(bucket, "k", chunk);
        var known = new KnownVersion(put.Version, put.Revision);
        Assert.Equal(CatalogStatus.Unchanged, (await ReadAsync(bucket, "k", known: known)).Status);
        var tagged = await TagAsync(bucket, "k", Blue);
        Assert.Equal(CatalogStatus.Ok, tagged.Status);
        Assert.Equivalent(put with { Revision = put.Revision + 1, Tags = Blue }, tagged.Version, strict: true);
        var read = await ReadAsync(bucket, "k", known: known);
        Assert.Equal(CatalogStatus.Ok, read.Status); // what the reader knew is no longer so
        Assert.Equivalent(tagged.Version, read.Version, strict: true);
        Assert.Empty((await TagAsync(bucket, "k", [])).Version!.Tags);
        Assert.Equal(new UsageCounts(1, 1, 1000), await Catalog.Usage.OfBucketAsync(bucket.Id));
    }

    [SkippableFact]
    public async Task Each_version_has_its_own_and_what_is_missing_has_its_name()
    {
        Need();
        var bucket = await BucketAsync();
        var chunk = await ChunkAsync();
        var plain = await PutAsync(bucket, "k", chunk);
        var stale = bucket;
        bucket = (await Catalog.Buckets.ChangeAsync(bucket.Ref, Versioning.Enabled, new Dictionary<string, string?>())).Bucket!;
        var numbered = await PutAsync(bucket, "k", chunk);
        Assert.Equal(plain.Version, (await TagAsync(bucket, "k", Blue, Null)).Version!.Version);
        Assert.Empty((await ReadAsync(bucket, "k")).Version!.Tags);
        Assert.Equal(numbered.Version, (await TagAsync(bucket, "k", Blue, Exact(numbered.Version))).Version!.Version);
        Assert.Equal(CatalogStatus.NoSuchKey, (await TagAsync(bucket, "none", Blue)).Status);
        Assert.Equal(CatalogStatus.NoSuchVersion, (await TagAsync(bucket, "k", Blue, Exact(new VersionId(9)))).Status);
        Assert.Equal(CatalogStatus.NoSuchVersion, (await TagAsync(bucket, "none", Blue, Null)).Status);
        Assert.Equal(CatalogStatus.BucketChanged, (await TagAsync(stale, "k", [])).Status);
        Assert.Equal(CatalogStatus.NoSuchBucket, (await TagAsync(bucket with { Id = 99 }, "k", [])).Status);
        var marker = await DeleteAsync(bucket, "k");
        Assert.Equal(CatalogStatus.DeleteMarker, (await TagAsync(bucket, "k", [])).Status);
        Assert.Equal(CatalogStatus.DeleteMarker, (await TagAsync(bucket, "k", [], Exact(marker.Version!.Value))).Status);
    }

    /// <summary>Who was allowed to change one state of a version does not change another: an ACL that was judged may be gone.</summary>
    [SkippableFact]
    public async Task A_change_by_revision_is_of_that_revision_or_of_none()
    {
        Need();
        var bucket = await BucketAsync();
        var put = await PutAsync(bucket, "k", await ChunkAsync());
        var tagged = await ChangeAsync(put.Revision, Blue);
        Assert.Equal((CatalogStatus.Ok, put.Revision + 1), (tagged.Status, tagged.Version!.Revision));
        foreach (var other in new[] { put.Revision, put.Revision + 2 })
        {
            Assert.Equal(CatalogStatus.Changed, (await ChangeAsync(other, [])).Status);
            Assert.Equal(Blue, (await ReadAsync(bucket, "k")).Version!.Tags);
        }
        // Of two that judged the same state, one wins.
        var both = await Task.WhenAll(ChangeAsync(put.Revision + 1, []), ChangeAsync(put.Revision + 1, []));
        Assert.Equal([CatalogStatus.Ok, CatalogStatus.Changed], both.Select(b => b.Status).Order());
        Assert.Equal(CatalogStatus.Ok, (await ChangeAsync(null, Blue)).Status);

        Task<CommitOutcome> ChangeAsync(long? revision, Dictionary<string, string> tags) => Catalog.Files.ChangeAsync(
            new AttributesRequest(bucket.Ref, ObjectKey.Parse("k"), VersionSelection.Current) { Tags = tags, Revision = revision });
    }

    [SkippableFact]
    public async Task Changes_at_once_are_one_after_the_other()
    {
        Need();
        var bucket = await BucketAsync();
        var chunk = await ChunkAsync();
        await using var second = await OpenAsync();
        var put = await PutAsync(bucket, "k", chunk);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => (i % 2 == 0 ? Catalog : second).Files.ChangeAsync(
            new AttributesRequest(bucket.Ref, put.Key, VersionSelection.Current) { Tags = new Dictionary<string, string> { ["turn"] = $"{i}" } })));
        Assert.All(outcomes, o => Assert.Equal(CatalogStatus.Ok, o.Status));
        Assert.Equal(Enumerable.Range(2, 16).Select(i => (long)i), outcomes.Select(o => o.Version!.Revision).Order()); // none was lost
        var last = outcomes.MaxBy(o => o.Version!.Revision)!.Version;
        Assert.Equivalent(last, (await ReadAsync(bucket, "k")).Version, strict: true);
    }

    private Task<CommitOutcome> TagAsync(BucketInfo bucket, string key, Dictionary<string, string> tags, VersionSelection version = default) =>
        Catalog.Files.ChangeAsync(new AttributesRequest(bucket.Ref, ObjectKey.Parse(key), version) { Tags = tags });
}

public sealed class SqliteTagsTests : TagsContract
{
    internal override TestDatabase Database { get; } = new SqliteTestDatabase();
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresTagsTests(PostgresFixture fixture) : TagsContract
{
    internal override TestDatabase Database { get; } = new PostgresTestDatabase(fixture);
}
