using System.Diagnostics;
using System.Globalization;
using OrleansDfs.Catalog;
using OrleansDfs.Model;

namespace OrleansDfs.Listing;

/// <summary>Times one page again and again, in both buckets in turn, so that a busy machine slows both.</summary>
sealed class Pages(CatalogDatabase catalog, IStore store, Layout layout)
{
    const int Rounds = 120;
    const int Warm = 20; // statements are prepared, plans settle

    public async Task ReportAsync(string page, BucketInfo small, BucketInfo large, string after)
    {
        // The small bucket's pages begin at its beginning: it has no middle that is full.
        var first = await TimeAsync(large, after);
        var (slow, quick) = (new List<double>(), new List<double>());
        long? slowBlocks = null, quickBlocks = null;
        for (var round = 0; round < Rounds + Warm; round++)
        {
            var (q, s) = (await TimeAsync(small, ""), await TimeAsync(large, after));
            if (round < Warm) continue;
            quick.Add(q.Milliseconds);
            slow.Add(s.Milliseconds);
            (quickBlocks, slowBlocks) = (q.Blocks, s.Blocks);
        }
        Console.WriteLine(
            $"| {layout.Name} | {page} | {Show(quick)} | {quickBlocks} | {first.Milliseconds.ToString("f1", CultureInfo.InvariantCulture)}, {first.Blocks} " +
            $"| {Show(slow)} | {slowBlocks} | {(Percentile(slow, 0.5) / Percentile(quick, 0.5)).ToString("f2", CultureInfo.InvariantCulture)} |");
    }

    static string Show(List<double> values) =>
        string.Create(CultureInfo.InvariantCulture, $"{Percentile(values, 0.5):f2} / {Percentile(values, 0.95):f2}");

    async Task<(double Milliseconds, long? Blocks)> TimeAsync(BucketInfo bucket, string after)
    {
        var before = await store.BlocksAsync();
        var start = Stopwatch.GetTimestamp();
        await ListAsync(bucket, after);
        var took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return (took, await store.BlocksAsync() - before);
    }

    async Task ListAsync(BucketInfo bucket, string after)
    {
        int found;
        if (layout.ListsVersions)
        {
            var page = (await catalog.Listings.VersionsAsync(layout.VersionsPage(bucket.Ref, after))).Page!;
            found = page.Versions.Count + page.CommonPrefixes.Count;
        }
        else
        {
            var page = (await catalog.Listings.FilesAsync(layout.Files(bucket.Ref, after))).Page!;
            found = page.Files.Count + page.CommonPrefixes.Count;
        }
        if (found <= 0) throw new InvalidOperationException($"{layout.Name}: the page has {found} items.");
    }

    static double Percentile(List<double> values, double share) => values.Order().ElementAt((int)((values.Count - 1) * share));
}
