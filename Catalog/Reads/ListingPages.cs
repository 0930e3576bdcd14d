using System.Data.Common;
using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;

namespace OrleansDfs.Catalog.Reads;

/// <summary>One kind of listing: where its keys are found and how its rows are read.</summary>
/// <param name="Walk">Table (alias t) and condition under which a key counts, over an index on (bucket_id, key).</param>
/// <param name="Rows">Rows of the keys from <c>@first</c> to before <c>@end</c>, in order, at most <c>@limit</c>.</param>
internal sealed record ListingSource<T>(string Walk, string Rows, Func<DbDataReader, T> Read)
{
    /// <summary>
    /// The next key, and from it the next, each by one probe of the index: past the key itself, or past everything under its common prefix. So a
    /// page costs what it
    /// shows, whatever lies under the prefixes.
    /// </summary>
    public string WalkSql { get; } = $$"""
        WITH RECURSIVE page (key, n) AS (
            SELECT s.key, 1 FROM (SELECT t.key FROM {{Walk}} AND t.key >= @start AND t.key < @end ORDER BY t.key LIMIT 1) AS s
            UNION ALL
            SELECT (SELECT t.key FROM {{Walk}} AND t.key >= (
                        CASE WHEN {strpos}(substr(page.key, @skip), @delimiter) > 0
                            THEN substr(page.key, 1, @skip - 2 + {strpos}(substr(page.key, @skip), @delimiter)) || @past
                            ELSE page.key || @least END) {c}
                    AND t.key < @end ORDER BY t.key LIMIT 1), page.n + 1
            FROM page WHERE page.key IS NOT NULL AND page.n < @count)
        SELECT key FROM page WHERE key IS NOT NULL ORDER BY n
        """;
}

/// <summary>A row, or a common prefix.</summary>
internal readonly record struct ListingItem<T>(T? Row, string? CommonPrefix);

/// <summary>Pages of any listing.</summary>
internal static class ListingPages
{
    private const int RunsAtOnce = 16;

    /// <summary>Up to <paramref name="count"/> rows and common prefixes, in order.</summary>
    public static async Task<List<ListingItem<T>>> ReadAsync<T>(Session session, ListingSource<T> source, long bucket, ListingRange range, int count)
    {
        var items = new List<ListingItem<T>>();
        if (range.IsEmpty || count <= 0) return items;
        var segments = range.Delimiter.Length == 0 ? [new Segment(range.Start, range.End, null)] : await SegmentsAsync(session, source, bucket,
            range, count);
        foreach (var group in segments.Chunk(RunsAtOnce))
        {
            var runs = group.Select(segment => Collect(session, source, bucket, segment, count)).ToArray();
            await session.RunAsync(); // one round trip for the group
            foreach (var run in runs) items.AddRange(run);
            if (items.Count >= count) break;
        }
        return items;
    }

    private static List<ListingItem<T>> Collect<T>(Session session, ListingSource<T> source, long bucket, Segment segment, int count)
    {
        if (segment.CommonPrefix is { } prefix) return [new ListingItem<T>(default, prefix)];
        var rows = new List<ListingItem<T>>();
        session.Query(
            source.Rows,
            r => rows.Add(new ListingItem<T>(source.Read(r), null)),
            ("bucket", bucket), ("first", segment.First), ("end", segment.End), ("limit", count));
        return rows;
    }

    /// <summary>Runs of plain keys between common prefixes.</summary>
    private static async Task<List<Segment>> SegmentsAsync<T>(Session session, ListingSource<T> source, long bucket, ListingRange range, int count)
    {
        var keys = await session.QueryAsync(
            source.WalkSql,
            r => r.GetString(0),
            ("bucket", bucket), ("start", range.Start), ("end", range.End), ("skip", range.PrefixLength + 1), ("delimiter", range.Delimiter),
            ("past", range.Delimiter + ListingRange.Beyond), ("least", "\u0001"), ("count", count));
        var segments = new List<Segment>();
        foreach (var key in keys)
        {
            var prefix = range.CommonPrefix(key);
            var last = segments.Count == 0 ? null : segments[^1];
            if (prefix is not null)
            {
                if (last?.CommonPrefix != prefix) segments.Add(new Segment(key, key, prefix));
            }
            else if (last is { CommonPrefix: null })
            {
                segments[^1] = last with { End = ListingRange.Next(key) };
            }
            else
            {
                segments.Add(new Segment(key, ListingRange.Next(key), null));
            }
        }
        return segments;
    }

    private sealed record Segment(string First, string End, string? CommonPrefix);
}
