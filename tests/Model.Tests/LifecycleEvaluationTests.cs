using OrleansDfs.Model;

namespace OrleansDfs.Model.Tests;

/// <summary>Rules of a lifecycle against files, by tables. The day is 2026-01-10, noon, unless a line says otherwise.</summary>
public class LifecycleEvaluationTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 10, 12, 0, 0, TimeSpan.Zero);
    private static readonly Dictionary<string, string> Blue = new() { ["colour"] = "blue", ["size"] = "" };

    [Theory]
    [InlineData("2026-01-01T10:30:00Z", 3, "2026-01-05T00:00:00Z")] // AWS's own example: rounded up
    [InlineData("2026-01-01T00:00:00Z", 3, "2026-01-04T00:00:00Z")]
    [InlineData("2026-01-01T00:00:00.000001Z", 1, "2026-01-03T00:00:00Z")]
    [InlineData("2024-02-28T23:59:59Z", 1, "2024-03-01T00:00:00Z")]
    public void Days_end_at_the_next_midnight(string from, int days, string end) =>
        Assert.Equal(At(end), LifecycleCalendar.Utc.After(At(from), days));

    [Fact]
    public void Days_beyond_the_calendar_end_with_it() => Assert.Equal(DateTimeOffset.MaxValue, LifecycleCalendar.Utc.After(Noon, int.MaxValue));

    [Fact]
    public void A_shorter_day_has_midnights_of_its_own()
    {
        var calendar = new LifecycleCalendar(TimeSpan.FromSeconds(10));
        Assert.Equal(Noon.AddSeconds(30), calendar.After(Noon.AddSeconds(3), 2));
        Assert.Equal(calendar.Number(Noon), calendar.Number(Noon.AddSeconds(9.9)));
        Assert.Equal(calendar.Number(Noon) + 1, calendar.Number(Noon.AddSeconds(10)));
    }

    [Theory]
    [InlineData(null, null, null, null, true)]
    [InlineData("", null, null, null, true)]
    [InlineData("logs/", null, null, null, true)]
    [InlineData("logs/x/", null, null, null, false)]
    [InlineData("Logs/", null, null, null, false)]
    [InlineData(null, "colour=blue", null, null, true)]
    [InlineData(null, "colour=blue,size=", null, null, true)]
    [InlineData(null, "colour=red", null, null, false)]
    [InlineData(null, "colour=blue,shape=", null, null, false)]
    [InlineData(null, null, 99L, 101L, true)]
    [InlineData(null, null, 100L, null, false)]
    [InlineData(null, null, null, 100L, false)]
    [InlineData("logs/", "colour=blue", 10L, null, true)]
    [InlineData("other/", "colour=blue", 10L, null, false)]
    public void A_filter_is_all_its_conditions(string? prefix, string? tags, long? larger, long? smaller, bool matches)
    {
        var filter = new LifecycleFilter(LifecycleFilterForm.And, prefix, Tags(tags), larger, smaller);
        Assert.Equal(matches, filter.Matches(new LifecycleFile("logs/a", 100, false, Blue)));
    }

    [Theory]
    [InlineData(null, null, null, true)]
    [InlineData("a=b", null, null, false)]
    [InlineData(null, null, 1L, false)]
    [InlineData(null, 0L, null, false)]
    public void A_delete_marker_has_neither_tags_nor_a_size(string? tags, long? larger, long? smaller, bool matches)
    {
        var filter = new LifecycleFilter(LifecycleFilterForm.And, "", Tags(tags), larger, smaller);
        Assert.Equal(matches, filter.Matches(new LifecycleFile("k", 0, true, new Dictionary<string, string>())));
    }

    [Fact]
    public void The_earliest_end_counts_and_names_its_rule()
    {
        var lifecycle = Of(
            Rule("late") with { ExpirationDays = 30 },
            Rule("off", enabled: false) with { ExpirationDays = 1 },
            Rule("early") with { ExpirationDays = 2 },
            Rule("elsewhere", "other/") with { ExpirationDays = 1 },
            Rule("date") with { ExpirationDate = At("2026-02-01T00:00:00Z") });
        Assert.Equal(new LifecycleExpiry(At("2026-01-13T00:00:00Z"), "early"), lifecycle.Expiry(File("k"), Noon));
        Assert.Null(Of(Rule("n") with { NoncurrentDays = 1 }).Expiry(File("k"), Noon));
    }

    [Theory]
    [InlineData("2026-01-08T23:00:00Z", 1, true)] // ended at the midnight past
    [InlineData("2026-01-09T00:00:00Z", 1, true)]
    [InlineData("2026-01-09T00:00:01Z", 1, false)]
    [InlineData("2026-01-08T23:00:00Z", 2, false)]
    public void A_current_version_expires_by_its_age(string modified, int days, bool due)
    {
        var version = new LifecycleVersion(File("k"), At(modified), true, null, 0);
        var verdict = Of(Rule("r") with { ExpirationDays = days }).Judge(version, Noon);
        Assert.Equal(due ? new LifecycleVerdict(LifecycleAction.Expire, "r", 0) : null, verdict);
    }

    [Theory]
    [InlineData("2026-01-10T00:00:00Z", true)]
    [InlineData("2020-01-01T00:00:00Z", true)] // a date stays in force for what is written later
    [InlineData("2026-01-11T00:00:00Z", false)]
    public void A_current_version_expires_by_a_date(string date, bool due)
    {
        var version = new LifecycleVersion(File("k"), Noon, true, null, 0);
        Assert.Equal(due, Of(Rule("r") with { ExpirationDate = At(date) }).Judge(version, Noon) is not null);
    }

    [Theory]
    [InlineData("2026-01-08T12:00:00Z", 0, 1, null, true)] // the age that counts is that of the successor
    [InlineData("2026-01-09T12:00:00Z", 0, 1, null, false)]
    [InlineData("2026-01-01T00:00:00Z", 2, 1, 2, true)]
    [InlineData("2026-01-01T00:00:00Z", 1, 1, 2, false)]
    public void A_noncurrent_version_goes_by_its_successors_age(string since, int newer, int days, int? keep, bool due)
    {
        var version = new LifecycleVersion(File("k"), At("2019-01-01T00:00:00Z"), false, At(since), newer);
        var lifecycle = Of(Rule("r") with { NoncurrentDays = days, NewerNoncurrentVersions = keep }, Rule("x") with { ExpirationDays = 1 });
        Assert.Equal(due ? new LifecycleVerdict(LifecycleAction.RemoveNoncurrent, "r", keep ?? 0) : null, lifecycle.Judge(version, Noon));
    }

    [Fact]
    public void Of_several_rules_for_noncurrent_versions_the_least_demanding_counts()
    {
        var lifecycle = Of(
            Rule("five") with { NoncurrentDays = 1, NewerNoncurrentVersions = 5 },
            Rule("one") with { NoncurrentDays = 3, NewerNoncurrentVersions = 1 });
        var version = new LifecycleVersion(File("k"), Noon, false, At("2026-01-01T00:00:00Z"), 7);
        Assert.Equal(new LifecycleVerdict(LifecycleAction.RemoveNoncurrent, "one", 1), lifecycle.Judge(version, Noon));
        Assert.Equal("five", lifecycle.Judge(version with { NoncurrentSince = At("2026-01-08T00:00:00Z") }, Noon)?.Rule);
    }

    [Theory]
    [InlineData(true, true, null, true)]
    [InlineData(false, true, null, false)] // something lies below it
    [InlineData(true, false, null, false)]
    [InlineData(true, null, 1, true)] // as old as files may become
    [InlineData(true, null, 9, false)]
    [InlineData(false, null, 1, false)]
    public void A_delete_marker_alone_is_removed(bool alone, bool? markers, int? days, bool due)
    {
        var lifecycle = Of(Rule("r") with { ExpiredObjectDeleteMarker = markers, ExpirationDays = days });
        var marker = new LifecycleVersion(new LifecycleFile("k", 0, true, new Dictionary<string, string>()), Noon.AddDays(-3), alone, null, 0);
        Assert.Equal(due ? new LifecycleVerdict(LifecycleAction.RemoveMarker, "r", 0) : null, lifecycle.Judge(marker, Noon));
    }

    [Fact]
    public void Uploads_are_aborted_by_prefix_and_age()
    {
        var lifecycle = Of(
            Rule("week", "a/") with { AbortUploadDays = 7 },
            Rule("all") with { AbortUploadDays = 30, ExpirationDays = 1 },
            Rule("none") with { ExpirationDays = 1 });
        Assert.Equal(new LifecycleExpiry(At("2026-01-18T00:00:00Z"), "week"), lifecycle.Abort("a/b", Noon));
        Assert.Equal("all", lifecycle.Abort("b", Noon)?.Rule);
        Assert.Null(Of(Rule("none") with { ExpirationDays = 1 }).Abort("b", Noon));
    }

    [Fact]
    public void Only_ranges_that_a_rule_is_about_are_looked_at()
    {
        var lifecycle = Of(
            Rule("1", "b/x") with { ExpirationDays = 1 },
            Rule("2", "a/") with { NoncurrentDays = 1 },
            Rule("3", "b/") with { ExpiredObjectDeleteMarker = true },
            Rule("4", "c/") with { AbortUploadDays = 1 },
            Rule("5", "d/", enabled: false) with { ExpirationDays = 1 });
        Assert.Equal(["a/", "b/"], lifecycle.VersionPrefixes);
        Assert.Equal(["c/"], lifecycle.UploadPrefixes);
        Assert.Equal([""], Of(Rule("all") with { ExpirationDays = 1 }, Rule("a", "a") with { ExpirationDays = 1 }).VersionPrefixes);
    }

    [Fact]
    public void A_configuration_survives_its_document()
    {
        LifecycleRule[] rules =
        [
            new("old", false, new LifecycleFilter(LifecycleFilterForm.Prefix, "p\"<é", null, null, null))
            {
                ExpirationDate = At("2026-02-01T00:00:00Z"),
            },
            new("new", true, new LifecycleFilter(LifecycleFilterForm.And, null, Blue, 5, 6))
            {
                ExpirationDays = 1, NoncurrentDays = 2, NewerNoncurrentVersions = 3, AbortUploadDays = 4, ExpiredObjectDeleteMarker = false,
            },
        ];
        var configuration = new LifecycleConfiguration(rules, "varies_by_storage_class");
        Assert.Equivalent(configuration, LifecycleConfiguration.FromJson(configuration.ToJson()), strict: true);
    }

    private static LifecycleEvaluation Of(params LifecycleRule[] rules) =>
        new(new LifecycleConfiguration(rules, "all_storage_classes_128K"), LifecycleCalendar.Utc);

    private static LifecycleRule Rule(string id, string? prefix = null, bool enabled = true) =>
        new(id, enabled, new LifecycleFilter(LifecycleFilterForm.Filter, prefix, null, null, null));

    private static LifecycleFile File(string key) => new(key, 100, false, Blue);

    private static Dictionary<string, string>? Tags(string? text) => text?.Split(',').Select(t => t.Split('=')).ToDictionary(t => t[0], t => t[1]);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
