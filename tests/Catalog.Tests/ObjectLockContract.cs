using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Tests;

/// <summary>S3 Object Lock where it is decided: on the row as locked, by the database's clock.</summary>
public abstract class ObjectLockContract : CatalogContract
{
    private static readonly DateTimeOffset Later = DateTimeOffset.UtcNow.AddDays(1);

    [SkippableTheory]
    [InlineData(RetentionMode.Governance, false, CatalogStatus.Locked)]
    [InlineData(RetentionMode.Governance, true, CatalogStatus.Ok)]
    [InlineData(RetentionMode.Compliance, false, CatalogStatus.Locked)]
    [InlineData(RetentionMode.Compliance, true, CatalogStatus.Locked)]
    public async Task A_version_in_its_retention_is_deleted_only_by_who_bypasses_governance(RetentionMode mode, bool bypass, CatalogStatus expected)
    {
        Need();
        var bucket = await BucketAsync(versioning: Versioning.Enabled);
        var version = await PutAsync(bucket, "k", new FileProperties { Retention = new Retention(mode, Later) });
        var marker = await DeleteAsync(bucket, VersionSelection.Current);
        Assert.Equal((CatalogStatus.Ok, true), (marker.Status, marker.IsDeleteMarker)); // a marker hides, it takes nothing away
        Assert.Equal(CatalogStatus.Ok, (await DeleteAsync(bucket, new VersionSelection(marker.Version, false))).Status); // and is never locked itself
        Assert.Equal(expected, (await DeleteAsync(bucket, new VersionSelection(version.Version, false), bypass)).Status);
    }

    [SkippableFact]
    public async Task A_legal_hold_holds_against_everybody_until_it_is_lifted()
    {
        Need();
        var bucket = await BucketAsync(versioning: Versioning.Enabled);
        var version = await PutAsync(bucket, "k", new FileProperties { LegalHold = true });
        var named = new VersionSelection(version.Version, false);
        Assert.Equal(CatalogStatus.Locked, (await DeleteAsync(bucket, named, bypass: true)).Status);
        var lifted = await Catalog.Files.ChangeAsync(new AttributesRequest(bucket.Ref, version.Key, named) { LegalHold = false });
        Assert.Equal((CatalogStatus.Ok, 2L, false), (lifted.Status, lifted.Version!.Revision, lifted.Version.Properties.LegalHold));
        Assert.Equal(CatalogStatus.Ok, (await DeleteAsync(bucket, named)).Status);
    }

    [SkippableFact]
    public async Task Compliance_is_only_ever_extended_and_governance_shortened_by_bypass_alone()
    {
        Need();
        var bucket = await BucketAsync(versioning: Versioning.Enabled);
        var version = await PutAsync(bucket, "k", FileProperties.Empty);
        Assert.Equal(CatalogStatus.Ok, await RetainAsync(RetentionMode.Governance, 0));
        Assert.Equal(CatalogStatus.Locked, await RetainAsync(RetentionMode.Governance, -1));
        Assert.Equal(CatalogStatus.Locked, await RetainAsync(RetentionMode.Compliance, 1));
        Assert.Equal(CatalogStatus.Locked, await RetainAsync(null, 0));
        Assert.Equal(CatalogStatus.Ok, await RetainAsync(RetentionMode.Governance, 1));
        Assert.Equal(CatalogStatus.Ok, await RetainAsync(RetentionMode.Governance, -1, bypass: true));
        Assert.Equal(CatalogStatus.Ok, await RetainAsync(null, 0, bypass: true));
        Assert.Equal(CatalogStatus.Ok, await RetainAsync(RetentionMode.Compliance, 0));
        Assert.Equal(CatalogStatus.Locked, await RetainAsync(RetentionMode.Compliance, -1, bypass: true));
        Assert.Equal(CatalogStatus.Locked, await RetainAsync(RetentionMode.Governance, 5, bypass: true));
        Assert.Equal(CatalogStatus.Locked, await RetainAsync(null, 0, bypass: true));
        Assert.Equal(CatalogStatus.Ok, await RetainAsync(RetentionMode.Compliance, 2));

        async Task<CatalogStatus> RetainAsync(RetentionMode? mode, int hours, bool bypass = false)
        {
            var retention = mode is { } m ? new Retention(m, Later.AddHours(hours)) : null;
            var request = new AttributesRequest(bucket.Ref, version.Key,
                VersionSelection.Current)
            { Retention = new RetentionWish(retention, bypass) };
            return (await Catalog.Files.ChangeAsync(request)).Status;
        }
    }

    [SkippableFact]
    public async Task Over_is_over_and_tags_and_acl_change_beside_it()
    {
        Need();
        var bucket = await BucketAsync(versioning: Versioning.Enabled);
        var past = new Retention(RetentionMode.Compliance, DateTimeOffset.UtcNow.AddDays(-1));
        var version = await PutAsync(bucket, "k", new FileProperties { Retention = past });
        var tags = new Dictionary<string, string> { ["a"] = "b" };
        var changed = await Catalog.Files.ChangeAsync(new AttributesRequest(bucket.Ref, version.Key, VersionSelection.Current)
        {
            Tags = tags,
            Acl = "x"
        });
        Assert.Equal(past, changed.Version!.Properties.Retention);
        Assert.Equal("x", changed.Version.Properties.Internal[FileProperties.AclName]);
        Assert.Equal(tags, changed.Version.Tags);
        Assert.Equal(CatalogStatus.Ok, (await DeleteAsync(bucket, new VersionSelection(version.Version, false))).Status);
    }

    [SkippableFact]
    public async Task The_default_of_the_bucket_counts_from_the_commit_and_gives_way_to_what_the_client_says()
    {
        Need();
        var bucket = await BucketAsync(versioning: Versioning.Enabled);
        var period = new RetentionPeriod(RetentionMode.Governance, 3);
        var byDefault = (await PutAsync(bucket, "k", new FileProperties { DefaultRetention = period })).Properties;
        Assert.Null(byDefault.DefaultRetention);
        Assert.Equal(RetentionMode.Governance, byDefault.Retention!.Mode);
        Assert.InRange(byDefault.Retention.Until, DateTimeOffset.UtcNow.AddDays(3).AddMinutes(-5), DateTimeOffset.UtcNow.AddDays(3).AddMinutes(5));
        var own = new Retention(RetentionMode.Compliance, Later);
        Assert.Equal(own, (await PutAsync(bucket, "k", new FileProperties { DefaultRetention = period, Retention = own })).Properties.Retention);
    }

    /// <summary>A retention that was acknowledged before a delete is answered holds: the two take the same lock.</summary>
    [SkippableFact]
    public async Task A_retention_and_a_delete_that_meet_have_one_order()
    {
        Need();
        var bucket = await BucketAsync(versioning: Versioning.Enabled);
        for (var i = 0; i < 20; i++)
        {
            var version = await PutAsync(bucket, $"k{i}", FileProperties.Empty);
            var named = new VersionSelection(version.Version, false);
            var retain = Catalog.Files.ChangeAsync(new AttributesRequest(bucket.Ref, version.Key, named)
            {
                Retention = new RetentionWish(new Retention(RetentionMode.Compliance, Later), false),
            });
            var delete = Catalog.Files.DeleteAsync(new DeleteRequest(bucket.Ref, version.Key, AttemptId.New(), named, null));
            await Task.WhenAll(retain, delete);
            var pair = ((await retain).Status, (await delete).Status);
            Assert.True(pair is (CatalogStatus.Ok, CatalogStatus.Locked) or (CatalogStatus.NoSuchVersion or CatalogStatus.NoSuchKey,
                CatalogStatus.Ok), $"{pair}");
        }
    }

    private async Task<FileVersion> PutAsync(BucketInfo bucket, string key, FileProperties properties)
    {
        var put = await Catalog.Files.CommitAsync(new CommitRequest(
            bucket.Ref, ObjectKey.Parse(key), AttemptId.New(), new WrittenBlob(BlobId.New(), 0, []), "etag", properties, new Dictionary<string,
                string>(),
            WritePrecondition.None));
        Assert.Equal(CatalogStatus.Ok, put.Status);
        return put.Version!;
    }

    private Task<DeleteOutcome> DeleteAsync(BucketInfo bucket, VersionSelection version, bool bypass = false) => Catalog.Files.DeleteAsync(
        new DeleteRequest(bucket.Ref, ObjectKey.Parse("k"), AttemptId.New(), version, null, BypassGovernance: bypass));
}

public sealed class SqliteObjectLockTests : ObjectLockContract
{
    internal override TestDatabase Database { get; } = new SqliteTestDatabase();
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresObjectLockTests(PostgresFixture fixture) : ObjectLockContract
{
    internal override TestDatabase Database { get; } = new PostgresTestDatabase(fixture);
}
