using OrleansDfs.Catalog;
using OrleansDfs.Model;
using OrleansDfs.Silo.Lifecycle;

namespace OrleansDfs.Silo.Tests;

/// <summary>What is due does not depend on where pages end.</summary>
public class LifecycleWalkTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 10, 12, 0, 0, TimeSpan.Zero);

    private static readonly LifecycleFilter Everything = new(LifecycleFilterForm.Filter, null, null, null, null);

    private static readonly LifecycleEvaluation Rules = new(
        new LifecycleConfiguration(
            [
                new("expire", true, Everything) { ExpirationDays = 3 },
                new("old", true, Everything) { NoncurrentDays = 2, NewerNoncurrentVersions = 1 },
                new("marker", true, Everything) { ExpiredObjectDeleteMarker = true },
            ],
            ""),
        LifecycleCalendar.Utc);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(100)]
    public void Pages_of_any_size_find_the_same(int size)
    {
        LifecycleRow[] rows =
        [
            Row("a", 9, 0, current: true, marker: true), Row("a", 8, 5), Row("a", 7, 6), Row("a", 6, 7), Row("a", 5, 8),
            Row("b", 9, 1, current: true, marker: true),
            Row("c", 9, 1, current: true), Row("c", 8, 9), Row("c", 7, 9),
            Row("d", 9, 9, current: true),
            Row("e", 9, 0, current: true, marker: true),
            Row("f", 9, 1, current: true, marker: true), Row("f", 8, 2),
        ];
        var found = new List<string>();
        var cursor = LifecycleCursor.Start;
        for (var page = 0; page < rows.Length; page++)
        {
            var from = rows.Where(r => cursor.Key.Length == 0 || string.CompareOrdinal(r.Key.Value, cursor.Key) > 0
                || (r.Key.Value == cursor.Key && r.Version.Value < cursor.Version)).Take(size).ToArray();
            var (due, next) = LifecycleWalk.Through(from, from.Length < size, cursor, Rules, Now);
            found.AddRange(due.Select(c => $"{c.Row.Key}{c.Row.Version.Value} {c.Verdict.Action}"));
            cursor = next;
        }
        Assert.Equal(
            [
                "a7 RemoveNoncurrent", "a6 RemoveNoncurrent", "a5 RemoveNoncurrent", "b9 RemoveMarker", "c7 RemoveNoncurrent", "d9 Expire",
                "e9 RemoveMarker",
            ],
            found);
    }

    [Fact]
    public void Each_delete_stands_on_what_was_seen()
    {
        var row = Row("k", 5, 9, revision: 3);
        var old = new LifecycleCandidate(row, new LifecycleVerdict(LifecycleAction.RemoveNoncurrent, "r", 2)).Delete(default);
        Assert.Equal((row.Version, new SeenVersion(row.Version, 3, false, Newer: 3)), (old.Version.Version, old.Seen));
        Assert.Equal(0, new LifecycleCandidate(row, new LifecycleVerdict(LifecycleAction.RemoveNoncurrent, "r", 0)).Delete(default).Seen!.Newer);
        var current = Row("k", 5, 9, current: true);
        var expired = new LifecycleCandidate(current, new LifecycleVerdict(LifecycleAction.Expire, "r", 0)).Delete(default);
        Assert.Equal((true, new SeenVersion(row.Version, 1, true)), (expired.Version.IsCurrent, expired.Seen));
        var marker = new LifecycleCandidate(current, new LifecycleVerdict(LifecycleAction.RemoveMarker, "r", 0)).Delete(default);
        Assert.Equal((row.Version, new SeenVersion(row.Version, 1, true, Alone: true)), (marker.Version.Version, marker.Seen));
    }

    /// <param name="age">Days.</param>
    private static LifecycleRow Row(string key, long version, int age, bool current = false, bool marker = false, long revision = 1) =>
        new(ObjectKey.Parse(key), new VersionId(version), revision, current, marker, 1, Now.AddDays(-age), new Dictionary<string, string>());
}
