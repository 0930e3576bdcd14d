using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Tests;

public abstract class FilesContract : CatalogContract
{
    [SkippableFact]
    public async Task A_committed_file_is_read_with_its_manifest()
    {
        Need();
        var bucket = await BucketAsync();
        var chunk = await ChunkAsync();
        var blob = Blob(chunk);
        var properties = new FileProperties
        {
            ContentType = "text/plain",
            Owner = "anna",
            UserMetadata = new Dictionary<string, string> { ["colour"] = "blue" },
            Checksum = new Checksum(ChecksumAlgorithm.CRC64NVME, ChecksumType.FullObject, "AAAA"),
        };
        var request = Commit(bucket, "a/ü/\U00010000", blob) with { Properties = properties, Tags = new Dictionary<string, string> { ["k"] = "v" } };
        var committed = await Catalog.Files.CommitAsync(request);

        Assert.Equal(CatalogStatus.Ok, committed.Status);
        var read = await ReadAsync(bucket, "a/ü/\U00010000");
        Assert.Equal(CatalogStatus.Ok, read.Status);
        Assert.Equivalent(committed.Version, read.Version, strict: true);
        Assert.Equal("blue", read.Version!.Properties.UserMetadata["colour"]);
        Assert.Equal(properties.Checksum, read.Version.Properties.Checksum);
        Assert.Equal("v", read.Version.Tags["k"]);
        Assert.True(read.Version.IsNull);
        Assert.True(read.Version.IsCurrent);
        Assert.Equal(blob.Extents, read.Manifest!.Extents);
        Assert.True(read.Manifest.Complete);
        Assert.Equal(chunk.Replicas.Select(r => new ReplicaAt(r.Node, r.Epoch)), Assert.Single(read.Manifest.Locations).Replicas);
    }

    [SkippableTheory]
    [InlineData(1, true)]
    [InlineData(ReadRequest.FewExtents, true)]
    [InlineData(ReadRequest.FewExtents + 1, false)]
    public async Task A_short_manifest_comes_along_when_it_is_wished_and_a_long_one_does_not(int count, bool isShort)
    {
        Need();
        var bucket = await BucketAsync();
        ChunkRow[] chunks = [await ChunkAsync(), await ChunkAsync()];
        // The chunks in turn, so that each has several extents.
        Extent[] extents = [.. Enumerable.Range(0, count).SelectMany(i => Blob(chunks[i % 2]).Extents)];
        var blob = new WrittenBlob(BlobId.New(), extents.Sum(e => e.Length), extents);
        await Catalog.Files.CommitAsync(Commit(bucket, "k", blob));
        Task<ReadOutcome> Read(ManifestWish wish) =>
            Catalog.Files.ReadAsync(new ReadRequest(bucket.Ref, ObjectKey.Parse("k"), default, null, wish));

        var bare = await Read(ManifestWish.None);
        Assert.Equal((CatalogStatus.Ok, count * 1000), (bare.Status, (int)bare.Version!.Size));
        Assert.Null(bare.Manifest);
        var page = await Read(ManifestWish.Page);
        Assert.Equal(extents, page.Manifest!.Extents);
        Assert.True(page.Manifest.Complete);
        foreach (var chunk in chunks[..Math.Min(count, 2)])
        {
            var location = Assert.Single(page.Manifest.Locations, l => l.Chunk == chunk.Chunk);
            Assert.Equal(chunk.Replicas.Select(r => new ReplicaAt(r.Node, r.Epoch)), location.Replicas);
        }
        var wished = await Read(ManifestWish.IfShort);
        Assert.Equivalent(page.Version, wished.Version, strict: true);
        if (isShort) Assert.Equivalent(page.Manifest, wished.Manifest, strict: true);
        else Assert.Null(wished.Manifest);
    }

    [SkippableFact]
    public async Task A_read_tells_what_is_missing_or_changed()
    {
        Need();
        var bucket = await BucketAsync(versioning: Versioning.Enabled);
        var chunk = await ChunkAsync();
        var version = await PutAsync(bucket, "k", chunk);

        Assert.Equal(CatalogStatus.NoSuchKey, (await ReadAsync(bucket, "other")).Status);
        Assert.Equal(CatalogStatus.NoSuchVersion, (await ReadAsync(bucket, "k", Exact(new VersionId(1L << 40)))).Status);
        Assert.Equal(CatalogStatus.NoSuchVersion, (await ReadAsync(bucket, "k", Null)).Status);
        Assert.Equal(CatalogStatus.NoSuchBucket, (await ReadAsync(bucket with { Id = 999 }, "k")).Status);
        Assert.Equal(CatalogStatus.BucketChanged, (await ReadAsync(bucket with { Revision = 99 }, "k")).Status);
        Assert.Equal(CatalogStatus.Unchanged, (await ReadAsync(bucket, "k", known: new KnownVersion(version.Version, 1))).Status);
        Assert.Equal(CatalogStatus.Ok, (await ReadAsync(bucket, "k", known: new KnownVersion(version.Version, 2))).Status);
        var marker = await DeleteAsync(bucket, "k");
        var read = await ReadAsync(bucket, "k");
        Assert.Equal(CatalogStatus.DeleteMarker, read.Status);
        Assert.Equal(marker.Version, read.Version!.Version);
        Assert.Equal(CatalogStatus.Ok, (await ReadAsync(bucket, "k", Exact(version.Version))).Status);
    }

    [SkippableFact]
    public async Task A_write_is_refused_with_its_reason_and_leaves_nothing()
    {
        Need();
        var bucket = await BucketAsync();
        var chunk = await ChunkAsync();
        await PutAsync(bucket, "k", chunk, "one");

        async Task Expect(CatalogStatus status, CommitRequest request) => Assert.Equal(status, (await Catalog.Files.CommitAsync(request)).Status);
        await Expect(CatalogStatus.PreconditionFailed, Commit(bucket, "k", Blob(chunk), precondition: new(null, "*")));
        await Expect(CatalogStatus.PreconditionFailed, Commit(bucket, "k", Blob(chunk), precondition: new("two", null)));
        await Expect(CatalogStatus.NoSuchKey, Commit(bucket, "none", Blob(chunk), precondition: new("two", null)));
        await Expect(CatalogStatus.BucketChanged, Commit(bucket with { Revision = 7 }, "k", Blob(chunk)));
        await Expect(CatalogStatus.NoSuchBucket, Commit(bucket with { Id = 77 }, "k", Blob(chunk)));
        await Expect(CatalogStatus.BytesLost, Commit(bucket, "k", Blob(chunk with { Chunk = new ChunkId(4711) })));
        await Expect(CatalogStatus.Ok, Commit(bucket, "k", Blob(chunk), "two", new("one", null)));
        Assert.Equal("two", (await ReadAsync(bucket, "k")).Version!.ETag);
    }

    [SkippableFact]
    public async Task A_failed_write_does_not_touch_the_others_in_its_batch()
    {
        Need();
        var bucket = await BucketAsync();
        var chunk = await ChunkAsync();
        var twice = Blob(chunk);
        await Catalog.Files.CommitAsync(Commit(bucket, "first", twice));

        // The same blob again is a programming error that the database refuses: its caller gets the exception, the others their version.
        var tasks = Enumerable.Range(0, 50)
            .Select(i => Catalog.Files.CommitAsync(i switch
            {
                25 => Commit(bucket, "again", twice),
                30 => Commit(bucket, "conditional", Blob(chunk), precondition: new("x", null)),
                _ => Commit(bucket, $"k{i}", Blob(chunk)),
            }))
            .ToArray();
        for (var i = 0; i < tasks.Length; i++)
        {
            if (i == 25) await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => tasks[25]);
            else Assert.Equal(i == 30 ? CatalogStatus.NoSuchKey : CatalogStatus.Ok, (await tasks[i]).Status);
        }
    }

    [SkippableFact]
    public async Task Conditional_creates_that_race_have_one_winner()
    {
        Need();
        var bucket = await BucketAsync();
        await using var second = await OpenAsync();
        var chunk = await ChunkAsync();
        for (var round = 0; round < 4; round++)
        {
            var key = $"race{round}";
            var tasks = Enumerable.Range(0, 64)
                .Select(i => (i % 2 == 0 ? Catalog : second).Files.CommitAsync(Commit(bucket, key, Blob(chunk), $"e{i}", new WritePrecondition(null,
                    "*"))))
                .ToArray();
            var outcomes = await Task.WhenAll(tasks);
            var winner = Assert.Single(outcomes, o => o.Status == CatalogStatus.Ok);
            Assert.All(outcomes.Where(o => o != winner), o => Assert.Equal(CatalogStatus.PreconditionFailed, o.Status));
            Assert.Equal(winner.Version!.ETag, (await ReadAsync(bucket, key)).Version!.ETag);
            Assert.Equal(CatalogStatus.Ok, (await DeleteAsync(bucket, key)).Status); // and again on a key whose row went away
        }
    }

    [SkippableFact]
    public async Task Deletes_and_creates_that_race_on_one_key_keep_its_versions_rising()
    {
        Need();
        var bucket = await BucketAsync();
        await using var second = await OpenAsync();
        var chunk = await ChunkAsync();
        async Task<List<VersionId>> Run(CatalogDatabase catalog)
        {
            var seen = new List<VersionId>();
            for (var i = 0; i < 25; i++)
            {
                var put = await catalog.Files.CommitAsync(Commit(bucket, "k", Blob(chunk)));
                Assert.Equal(CatalogStatus.Ok, put.Status);
                seen.Add(put.Version!.Version);
                var gone = await catalog.Files.DeleteAsync(new DeleteRequest(bucket.Ref, ObjectKey.Parse("k"), AttemptId.New(), default, null));
                Assert.Equal(CatalogStatus.Ok, gone.Status);
            }
            return seen;
        }
        var runs = await Task.WhenAll(Run(Catalog), Run(second), Run(Catalog));
        Assert.All(runs, run => Assert.Equal(run.Order(), run));
        Assert.Equal(75, runs.SelectMany(r => r).Distinct().Count());
        Assert.Equal(CatalogStatus.NoSuchKey, (await ReadAsync(bucket, "k")).Status);
    }

    [SkippableFact]
    public async Task Writes_of_one_batch_to_one_key_are_applied_one_after_another()
    {
        Need();
        var bucket = await BucketAsync(versioning: Versioning.Enabled);
        var chunk = await ChunkAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Catalog.Files.CommitAsync(Commit(bucket, "k", Blob(chunk), $"e{i}"))));
        var page = (await Catalog.Listings.VersionsAsync(new ListVersionsRequest(bucket.Ref, "", "", "", null, 1000))).Page!;
        Assert.Equal(40, page.Versions.Count);
        Assert.Equal(outcomes.Select(o => o.Version!.Version).OrderDescending(), page.Versions.Select(v => v.Version));
        Assert.Equal(page.Versions.Select(v => v.LastModified).OrderDescending(), page.Versions.Select(v => v.LastModified));
    }
}

public sealed class SqliteFilesTests : FilesContract
{
    internal override TestDatabase Database { get; } = new SqliteTestDatabase();
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresFilesTests(PostgresFixture fixture) : FilesContract
{
    internal override TestDatabase Database { get; } = new PostgresTestDatabase(fixture);
}
