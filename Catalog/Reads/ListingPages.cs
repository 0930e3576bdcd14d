using System.Data.Common;
using OrleansDfs.Catalog.Engines;
using OrleansDfs.Catalog.Rows;

namespace OrleansDfs.Catalog.Reads;

/// <summary>One kind of listing: where its keys are found and how its rows are read.</summary>
/// <param name="Walk">Table (alias t) and condition under which a key counts, over an index on (bucket_id, key).</param>
/// <param name="Rows">Rows of the keys from <c>@first</c> to before <c>@end</c>, in order, at most <c>@limit</c>.</param>
/// <param name="RowsOfKeys">The rows of the keys <c>r.key</c> in order; <c>null</c> where a key may have any number of them.</param>
internal sealed record ListingSource<T>(string Walk, string Rows, string? RowsOfKeys, Func<DbDataReader, T> Read, Func<T, string> Key)
{
    /// <summary>
    /// The next key, and from it the next, each by one probe of the index: past the key itself, or past everything under its common prefix. So a
    /// page costs what it shows, whatever lies under the prefixes.
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

/// <summary>
/// Pages of any listing. With a delimiter there are two ways to go on: a walk, which costs one probe per item whatever lies under a common prefix,
/// and a run of rows, which is several times cheaper where most keys stand for themselves and reads for nothing where they do not. A short walk tells
/// which it is; a run that read more rows than it shows gives way to a walk again. Each costs at most a few times the page.
/// </summary>
internal sealed class ListingPages<T>(Session session, ListingSource<T> source, long bucket, ListingRange range, int count)
{
    private const int FirstWalk = 16;
    private const int FirstRun = 200;
    private const int SegmentsAtOnce = 16;

    private readonly List<ListingItem<T>> _items = [];
    private string _start = range.Start;
    private bool _ended = range.IsEmpty;

    /// <summary>Up to so many rows and common prefixes, in order.</summary>
    public async Task<List<ListingItem<T>>> ReadAsync()
    {
        if (range.Delimiter.Length == 0)
        {
            if (!IsDone) await RunAsync(count);
            return _items;
        }
        var (walk, mayRun) = (FirstWalk, true);
        while (!IsDone)
        {
            var keys = await WalkAsync(Math.Min(walk, Remaining));
            if (mayRun && !_ended && keys.Count(k => range.CommonPrefix(k) is null) * 2 >= keys.Count)
            {
                var run = FirstRun;
                while (!IsDone && await RunAsync(Math.Min(run, Remaining))) run = Remaining;
                (walk, mayRun) = (FirstWalk * 8, false);
                continue;
            }
            await ShowAsync(keys);
            (walk, mayRun) = (walk * 8, true);
        }
        return _items;
    }

    private int Remaining => count - _items.Count;

    private bool IsDone => _ended || Remaining <= 0;

    /// <summary>Reads a run of rows and shows it.</summary>
    /// <returns>Whether at least half of the rows were shown.</returns>
    private async Task<bool> RunAsync(int limit)
    {
        var rows = new List<T>();
        Query(rows, _start, range.End, limit);
        await session.RunAsync();
        _ended = rows.Count < limit;
        var before = _items.Count;
        foreach (var row in rows)
        {
            if (range.CommonPrefix(source.Key(row)) is { } prefix) Show(prefix);
            else _items.Add(new ListingItem<T>(row, null));
        }
        if (_ended || Remaining <= 0) return true;
        // The run may have ended inside a key with many rows: unless it is the only one, it is read again as a whole.
        var last = source.Key(rows[^1]);
        var shown = _items.Count - before;
        if (range.CommonPrefix(last) is { } under) _start = range.Past(under);
        else if (source.RowsOfKeys is not null) _start = ListingRange.Next(last);
        else
        {
            _items.RemoveAll(item => item.CommonPrefix is null && source.Key(item.Row!) == last);
            _start = last;
        }
        return shown * 2 >= rows.Count;
    }

    /// <summary>The next keys, one for each item. Nothing is shown yet.</summary>
    private async Task<List<string>> WalkAsync(int steps)
    {
        var keys = await session.QueryAsync(
            source.WalkSql,
            r => r.GetString(0),
            ("bucket", bucket), ("start", _start), ("end", range.End), ("skip", range.PrefixLength + 1), ("delimiter", range.Delimiter),
            ("past", range.PastDelimiter), ("least", "\u0001"), ("count", steps));
        _ended = keys.Count < steps;
        return keys;
    }

    private async Task ShowAsync(List<string> keys)
    {
        if (keys.Count == 0) return;
        _start = range.CommonPrefix(keys[^1]) is { } under ? range.Past(under) : ListingRange.Next(keys[^1]);
        if (source.RowsOfKeys is not null) await ShowKeysAsync(keys, source.RowsOfKeys);
        else await ShowSegmentsAsync(keys);
    }

    /// <summary>One row for each key that stands for itself: one statement for all.</summary>
    private async Task ShowKeysAsync(List<string> keys, string rowsOfKeys)
    {
        var rows = new Dictionary<string, T>();
        session.QueryEach(
            rowsOfKeys,
            RowSet.Over(keys.Where(k => range.CommonPrefix(k) is null).ToArray()).With("key", k => k),
            r =>
            {
                var row = source.Read(r);
                rows[source.Key(row)] = row;
            },
            ("bucket", bucket));
        await session.RunAsync();
        foreach (var key in keys)
        {
            if (range.CommonPrefix(key) is { } prefix) Show(prefix);
            else if (rows.TryGetValue(key, out var row)) _items.Add(new ListingItem<T>(row, null)); // else deleted since the walk
        }
    }

    /// <summary>Any number of rows for each key: a range for each run of neighbours.</summary>
    private async Task ShowSegmentsAsync(List<string> keys)
    {
        foreach (var group in Segments(keys).Chunk(SegmentsAtOnce))
        {
            var runs = group.Select(segment =>
            {
                var rows = new List<T>();
                if (segment.CommonPrefix is null) Query(rows, segment.First, segment.End, Remaining);
                return rows;
            }).ToArray();
            await session.RunAsync(); // one round trip for the group
            for (var i = 0; i < group.Length; i++)
            {
                if (group[i].CommonPrefix is { } prefix) Show(prefix);
                _items.AddRange(runs[i].Select(row => new ListingItem<T>(row, null)));
            }
            if (Remaining <= 0) return;
        }
    }

    private List<Segment> Segments(List<string> keys)
    {
        var segments = new List<Segment>();
        foreach (var key in keys)
        {
            if (range.CommonPrefix(key) is { } prefix) segments.Add(new Segment(key, key, prefix));
            else if (segments.Count > 0 && segments[^1].CommonPrefix is null) segments[^1] = segments[^1] with { End = ListingRange.Next(key) };
            else segments.Add(new Segment(key, ListingRange.Next(key), null));
        }
        return segments;
    }

    private void Show(string prefix)
    {
        if (_items.Count == 0 || _items[^1].CommonPrefix != prefix) _items.Add(new ListingItem<T>(default, prefix));
    }

    private void Query(List<T> into, string first, string end, int limit) => session.Query(
        source.Rows, r => into.Add(source.Read(r)), ("bucket", bucket), ("first", first), ("end", end), ("limit", limit));

    private sealed record Segment(string First, string End, string? CommonPrefix);
}
