using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Tests;

/// <summary>Listings against a reference in memory, on random keys; the seed is in the message of a failure.</summary>
public abstract class ListingContract : CatalogContract
{
    private static readonly string[] Alphabet = ["a", "b", "/", "/", "-", "é", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff", "\u0001",
        "%", "_"];
    private static readonly string[] Delimiters = ["", "/", "a", "-é", "//", "\U0010ffff"];

    [SkippableFact]
    public async Task Pages_of_files_are_those_of_the_reference()
    {
        Need();
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var bucket = await BucketAsync(versioning: Versioning.Enabled);
        var chunk = await ChunkAsync();
        var visible = await FillAsync(random, bucket, chunk);
        for (var round = 0; round < 40; round++)
        {
            var prefix = RandomKey(random, 2);
            var delimiter = Delimiters[random.Next(Delimiters.Length)];
            var limit = random.Next(1, 12);
            var expected = Reference(visible, prefix, delimiter, k => k);
            var actual = new List<string>();
            var after = "";
            for (var page = 0; ; page++)
            {
                var request = new ListFilesRequest(bucket.Ref, prefix, delimiter, after, limit);
                var (status, found) = await Catalog.Listings.FilesAsync(request);
                Assert.Equal(CatalogStatus.Ok, status);
                var items = found!.Files.Select(f => f.Key.Value).Concat(found.CommonPrefixes.Select(p => "P:" + p)).ToList();
                Assert.True(items.Count <= limit, $"seed {seed}: {items.Count} items, limit {limit}");
                actual.AddRange(items.OrderBy(i => i.StartsWith("P:", StringComparison.Ordinal) ? i[2..] : i, Utf8Order.Instance));
                if (found.Next is null) break;
                Assert.True(Utf8Order.Compare(found.Next, after) > 0, $"seed {seed}: the page does not go on");
                after = found.Next;
            }
            Assert.True(expected.SequenceEqual(actual), $"seed {seed}: prefix '{prefix}' delimiter '{delimiter}': [{string.Join(' ', expected)}] " +
                $"was [{string.Join(' ', actual)}]");
        }
    }

    [SkippableFact]
    public async Task Pages_of_versions_are_those_of_the_reference()
    {
        Need();
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var bucket = await BucketAsync(versioning: Versioning.Enabled);
        var chunk = await ChunkAsync();
        await FillAsync(random, bucket, chunk);
        var all = (await Catalog.Listings.VersionsAsync(new ListVersionsRequest(bucket.Ref, "", "", "", null, 1000))).Page!.Versions;
        Assert.Equal(all.OrderBy(v => v.Key).ThenByDescending(v => v.Version), all);
        Assert.All(all.GroupBy(v => v.Key), g => Assert.True(g.First().IsCurrent && g.Skip(1).All(v => !v.IsCurrent)));
        for (var round = 0; round < 25; round++)
        {
            var prefix = RandomKey(random, 1);
            var delimiter = Delimiters[random.Next(Delimiters.Length)];
            var limit = random.Next(1, 9);
            var expected = Reference(all, prefix, delimiter, v => v.Key.Value, v => $"{v.Key} {v.Version}");
            var actual = new List<string>();
            var (afterKey, afterVersion) = ("", (VersionId?)null);
            while (true)
            {
                var (_, page) = await Catalog.Listings.VersionsAsync(new ListVersionsRequest(bucket.Ref, prefix, delimiter, afterKey, afterVersion,
                    limit));
                var items = page!.Versions.Select(v => (Sort: v.Key.Value, Text: $"{v.Key} {v.Version}"))
                    .Concat(page.CommonPrefixes.Select(p => (Sort: p, Text: "P:" + p)))
                    .ToList();
                Assert.True(items.Count <= limit, $"seed {seed}");
                actual.AddRange(items.OrderBy(i => i.Sort, Utf8Order.Instance).Select(i => i.Text));
                if (page.NextKey is null) break;
                (afterKey, afterVersion) = (page.NextKey, page.NextVersion);
            }
            Assert.True(expected.SequenceEqual(actual), $"seed {seed}: prefix '{prefix}' delimiter '{delimiter}': [{string.Join(';', expected)}] " +
                $"was [{string.Join(';', actual)}]");
        }
    }

    [SkippableFact]
    public async Task Uploads_in_progress_are_listed_by_key_and_start()
    {
        Need();
        var bucket = await BucketAsync();
        var uploads = new List<(string Key, UploadId Upload)>();
        foreach (var key in new[] { "b/1", "a", "b/2", "a", "c", "b/1" })
        {
            var info = new UploadInfo(UploadId.New(), bucket.Id, ObjectKey.Parse(key), "anna", default, FileProperties.Empty,
                new Dictionary<string, string>(), null, null);
            Assert.Equal(CatalogStatus.Ok, await Catalog.Uploads.CreateAsync(bucket.Ref, info));
            uploads.Add((key, info.Upload));
        }
        var expected = uploads
            .OrderBy(u => u.Key, StringComparer.Ordinal)
            .ThenBy(u => u.Upload.ToString(), StringComparer.Ordinal)
            .Select(u => u.Upload)
            .ToList();
        var actual = new List<UploadId>();
        var (afterKey, afterUpload) = ("", (UploadId?)null);
        while (true)
        {
            var (_, page) = await Catalog.Listings.UploadsAsync(new ListUploadsRequest(bucket.Ref, "", "", afterKey, afterUpload, 2));
            actual.AddRange(page!.Uploads.Select(u => u.Upload));
            if (page.NextKey is null) break;
            (afterKey, afterUpload) = (page.NextKey, page.NextUpload);
        }
        Assert.Equal(expected, actual);
        var (_, rolled) = await Catalog.Listings.UploadsAsync(new ListUploadsRequest(bucket.Ref, "", "/", "", null, 10));
        Assert.Equal(["a", "a", "c"], rolled!.Uploads.Select(u => u.Key.Value));
        Assert.Equal(["b/"], rolled.CommonPrefixes);
    }

    private async Task<List<string>> FillAsync(Random random, BucketInfo bucket, ChunkRow chunk)
    {
        var keys = Enumerable.Range(0, 120).Select(_ => RandomKey(random, 6)).Where(k => k.Length > 0).Distinct().ToList();
        await Task.WhenAll(keys.Select(k => PutAsync(bucket, k, chunk)));
        await Task.WhenAll(keys.Where((_, i) => i % 3 == 0).Select(k => PutAsync(bucket, k, chunk)));
        var deleted = keys.Where((_, i) => i % 5 == 0).ToList();
        await Task.WhenAll(deleted.Select(k => DeleteAsync(bucket, k)));
        return [.. keys.Except(deleted)];
    }

    private static string RandomKey(Random random, int most) =>
        string.Concat(Enumerable.Range(0, random.Next(most + 1)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));

    /// <summary>S3's rule, plainly: keys under the prefix; those with the delimiter behind it are rolled up to it.</summary>
    private static List<string> Reference<T>(IEnumerable<T> rows, string prefix, string delimiter, Func<T, string> key, Func<T, string>? show = null)
    {
        var result = new List<string>();
        foreach (var row in rows.Where(r => key(r).StartsWith(prefix, StringComparison.Ordinal)).OrderBy(key, Utf8Order.Instance))
        {
            var at = delimiter.Length == 0 ? -1 : key(row).IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
            var item = at < 0 ? (show ?? key)(row) : "P:" + key(row)[..(at + delimiter.Length)];
            if (result.LastOrDefault() != item) result.Add(item);
        }
        return result;
    }
}

public sealed class SqliteListingTests : ListingContract
{
    internal override TestDatabase Database { get; } = new SqliteTestDatabase();
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresListingTests(PostgresFixture fixture) : ListingContract
{
    internal override TestDatabase Database { get; } = new PostgresTestDatabase(fixture);
}
