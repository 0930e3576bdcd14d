using OrleansDfs.Catalog.Engines;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Tests;

/// <summary>
/// A page costs what it shows, whatever the bucket holds (DESIGN §5): the same page of 1,000 items is asked of a bucket that just holds it and of one
/// of 20,000 keys, and what both touch is counted.
/// </summary>
public abstract class ListingCostContract : CatalogContract
{
    private const int Many = 20_000;
    private const double Tolerance = 1.3;

    private long _version;

    [SkippableTheory]
    [InlineData("flat", "")]
    [InlineData("flat", "/")]
    [InlineData("prefixes", "/")]
    [InlineData("in turn", "/")]
    public async Task A_page_of_a_large_bucket_costs_that_of_a_small_one(string layout, string delimiter)
    {
        Need();
        await using var cost = Cost();
        var small = await FilledAsync("small", Keys(layout, layout == "prefixes" ? 10_000 : 1000));
        var large = await FilledAsync("large", Keys(layout, Many));
        await TidyAsync();
        var (few, many) = (await FilesAsync(cost, small, delimiter, ""), await FilesAsync(cost, large, delimiter, ""));
        var middle = await FilesAsync(cost, large, delimiter, Keys(layout, Many).ElementAt(Many / 2 - 1));
        AssertLike(few, many);
        AssertLike(few, middle);
    }

    [SkippableFact]
    public async Task A_page_of_versions_too()
    {
        Need();
        await using var cost = Cost();
        var small = await FilledAsync("small", Keys("flat", 250), versions: 4);
        var large = await FilledAsync("large", Keys("flat", Many / 4), versions: 4);
        await TidyAsync();
        foreach (var delimiter in new[] { "", "/" })
        {
            var (few, many) = (await VersionsAsync(cost, small, delimiter), await VersionsAsync(cost, large, delimiter));
            AssertLike(few, many);
        }
    }

    [SkippableFact]
    public async Task Delete_markers_in_front_cost_nothing()
    {
        Need();
        await using var cost = Cost();
        var small = await FilledAsync("small", Keys("flat", 1000));
        var large = await FilledAsync("large", Keys("flat", Many), marked: Many - 2000);
        await TidyAsync();
        foreach (var delimiter in new[] { "", "/" })
        {
            var (few, many) = (await FilesAsync(cost, small, delimiter, ""), await FilesAsync(cost, large, delimiter, ""));
            AssertLike(few, many);
        }
    }

    [SkippableFact]
    public async Task Deleted_keys_in_front_cost_an_index_entry_each_until_they_are_vacuumed_and_then_nothing()
    {
        Need();
        await using var cost = Cost();
        var small = await FilledAsync("small", Keys("flat", 1000));
        var large = await FilledAsync("large", Keys("flat", Many));
        await TidyAsync();
        const int deleted = Many - 2000;
        await DeleteAsync(large, Keys("flat", Many).ElementAt(deleted), deleted);

        await FilesAsync(cost, large, "", ""); // the first page after it finds every deleted row, once
        var few = await FilesAsync(cost, small, "", "");
        var passed = await FilesAsync(cost, large, "", "");
        AssertLike(few + (deleted / 100), passed); // a block of the index holds more than 100 entries
        await TidyAsync();
        foreach (var delimiter in new[] { "", "/" })
        {
            few = await FilesAsync(cost, small, delimiter, "");
            AssertLike(few, await FilesAsync(cost, large, delimiter, ""));
            few = await VersionsAsync(cost, small, delimiter);
            AssertLike(few, await VersionsAsync(cost, large, delimiter));
        }
    }

    [SkippableFact]
    public async Task Long_pages_of_mixed_keys_are_those_of_the_reference()
    {
        Need();
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var keys = new SortedSet<string>(StringComparer.Ordinal);
        for (var group = 0; group < 60; group++)
        {
            // Runs of plain keys and of prefixes, of one key and of hundreds: every way of going on meets every other.
            var (length, under) = (random.Next(1, 120), random.Next(3));
            for (var i = 0; i < length; i++)
                keys.Add(under switch { 0 => $"{group:d2}-{i:d3}", 1 => $"{group:d2}/{i:d3}", _ => $"{group:d2}-{i:d3}/{random.Next(9)}" });
        }
        var bucket = await FilledAsync("mixed", keys, versions: 2);
        var files = keys.Select(k => k.IndexOf('/', StringComparison.Ordinal) is >= 0 and var at ? k[..(at + 1)] : k).Distinct().ToList();
        var versions = files.SelectMany(f => f.EndsWith('/') ? [f] : new[] { f, f }).ToList();
        foreach (var limit in new[] { 17, 250, 1000 })
        {
            var found = new List<string>();
            var after = "";
            do
            {
                var (_, page) = await Catalog.Listings.FilesAsync(new ListFilesRequest(bucket.Ref, "", "/", after, limit));
                Assert.True(page!.Files.Count + page.CommonPrefixes.Count <= limit, $"seed {seed}");
                found.AddRange(page.Files.Select(f => f.Key.Value).Concat(page.CommonPrefixes).Order(StringComparer.Ordinal));
                after = page.Next ?? "";
            }
            while (after.Length > 0);
            Assert.True(files.SequenceEqual(found), $"seed {seed}, limit {limit}, files");
            Assert.True(versions.SequenceEqual(await AllVersionsAsync(bucket, limit)), $"seed {seed}, limit {limit}, versions");
        }
    }

    /// <summary>A page may cost a block for each of its rows, also where the small bucket's lie together and PostgreSQL sorts them instead.</summary>
    private static void AssertLike(long small, long large) => Assert.InRange(large, 1, Math.Max(small, 1000) * Tolerance);

    private protected abstract IStatementCost Cost();

    /// <summary>What the engine does by itself in its time.</summary>
    private protected abstract Task TidyAsync();

    private static IEnumerable<string> Keys(string layout, int count) => Enumerable.Range(0, count).Select(i => layout switch
    {
        "flat" => $"file-{i:d8}",
        "prefixes" => $"d{i / 10:d7}/file-{i % 10}",
        _ => i % 2 == 0 ? $"k{i:d8}" : $"k{i:d8}/x",
    });

    /// <summary>Rows as commits leave them, in bulk.</summary>
    private async Task<BucketInfo> FilledAsync(string name, IEnumerable<string> keys, int versions = 1, int marked = 0)
    {
        var bucket = await BucketAsync(name, Versioning.Enabled);
        var all = keys.ToArray();
        var rows = new List<(string Key, long Version, bool Current, bool Marker)>();
        for (var round = 0; round < versions; round++)
            for (var i = 0; i < all.Length; i++) rows.Add((all[i], ++_version, round == versions - 1 && i >= marked, false));
        for (var i = 0; i < marked; i++) rows.Add((all[i], ++_version, true, true));
        await Catalog.Engine.WriteAsync(async session =>
        {
            session.AddEach(
                """
                INSERT INTO versions (bucket_id, key, version_id, revision, is_current, is_null, is_delete_marker, size, etag, last_modified,
                    part_count, attempt_id, owner, properties, tags)
                SELECT @bucket, r.key, r.version, 1, r.current, FALSE, r.marker, 0, 'etag', 0, 0, @attempt, 'root', @properties, @tags FROM {rows}
                """,
                RowSet.Over(rows)
                    .With("key", r => r.Key).With("version", r => r.Version).With("current", r => r.Current).With("marker", r => r.Marker),
                ("bucket", bucket.Id), ("attempt", Guid.NewGuid()), ("properties", "{\"Owner\":\"root\"}"), ("tags", "{}"));
            session.Add(
                """
                INSERT INTO keys (bucket_id, key, last_version, current_version, null_version)
                SELECT bucket_id, key, MAX(version_id), MAX(version_id), 0 FROM versions WHERE bucket_id = @bucket GROUP BY bucket_id, key
                """,
                ("bucket", bucket.Id));
            session.Add(
                "INSERT INTO bucket_usage (bucket_id, files, versions, bytes) VALUES (@bucket, @files, @versions, 0)",
                ("bucket", bucket.Id), ("files", (long)(all.Length - marked)), ("versions", (long)(all.Length * versions)));
            await session.RunAsync();
            return 0;
        });
        return bucket;
    }

    private Task<int> DeleteAsync(BucketInfo bucket, string before, int count) => Catalog.Engine.WriteAsync(async session =>
    {
        foreach (var table in new[] { "versions", "keys" })
            session.Add($"DELETE FROM {table} WHERE bucket_id = @bucket AND key < @before", ("bucket", bucket.Id), ("before", before));
        session.Add("UPDATE bucket_usage SET files = files - @count, versions = versions - @count WHERE bucket_id = @bucket",
            ("bucket", bucket.Id), ("count", (long)count));
        await session.RunAsync();
        return 0;
    });

    private static Task<long> FilesAsync(IStatementCost cost, BucketInfo bucket, string delimiter, string after) => cost.OfAsync(async listings =>
    {
        var (_, page) = await listings.FilesAsync(new ListFilesRequest(bucket.Ref, "", delimiter, after, 1000));
        Assert.Equal(1000, page!.Files.Count + page.CommonPrefixes.Count);
    });

    private static Task<long> VersionsAsync(IStatementCost cost, BucketInfo bucket, string delimiter) => cost.OfAsync(async listings =>
    {
        var (_, page) = await listings.VersionsAsync(new ListVersionsRequest(bucket.Ref, "", delimiter, "", null, 1000));
        Assert.Equal(1000, page!.Versions.Count);
    });

    private async Task<List<string>> AllVersionsAsync(BucketInfo bucket, int limit)
    {
        var found = new List<string>();
        var (afterKey, afterVersion) = ("", (VersionId?)null);
        while (true)
        {
            var (_, page) = await Catalog.Listings.VersionsAsync(new ListVersionsRequest(bucket.Ref, "", "/", afterKey, afterVersion, limit));
            found.AddRange(page!.Versions.Select(v => v.Key.Value).Concat(page.CommonPrefixes).Order(StringComparer.Ordinal));
            if (page.NextKey is null) return found;
            (afterKey, afterVersion) = (page.NextKey, page.NextVersion);
        }
    }
}

public sealed class SqliteListingCostTests : ListingCostContract
{
    internal override TestDatabase Database { get; } = new SqliteTestDatabase();

    private protected override IStatementCost Cost() => new SqliteStatementCost(Database.ConnectionString);

    private protected override Task TidyAsync() => Task.CompletedTask;
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresListingCostTests(PostgresFixture fixture) : ListingCostContract
{
    internal override TestDatabase Database { get; } = new PostgresTestDatabase(fixture);

    [SkippableFact]
    public async Task Autovacuum_comes_long_before_a_fifth_of_the_table_is_dead()
    {
        Need();
        var settings = await Catalog.Engine.ReadAsync(s => s.QueryAsync(
            "SELECT array_to_string(reloptions, ' ') FROM pg_class WHERE relname IN ('versions', 'keys') AND relkind = 'r'", r => r.GetString(0)));
        Assert.Equal(2, settings.Count);
        Assert.All(settings, s => Assert.Contains("autovacuum_vacuum_scale_factor=0.01", s, StringComparison.Ordinal));
    }

    private protected override IStatementCost Cost()
    {
        Skip.If(!fixture.CountsStatements, "This PostgreSQL has no pg_stat_statements.");
        return new PostgresStatementCost(Catalog);
    }

    private protected override async Task TidyAsync()
    {
        foreach (var table in new[] { "versions", "keys" })
            await Catalog.Engine.ReadAsync(s => s.ExecuteAsync($"VACUUM ANALYZE {table}"));
    }
}
