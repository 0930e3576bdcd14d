namespace OrleansDfs.Model;

/// <summary>
/// Counts days as S3 does: so many days after a moment, rounded up to the next midnight UTC (AWS, "Lifecycle rules: based on an object's age"). A
/// shorter day is for tests; its "midnights" are the multiples of it since 1970.
/// </summary>
public readonly record struct LifecycleCalendar(TimeSpan Day)
{
    public static readonly LifecycleCalendar Utc = new(TimeSpan.FromDays(1));

    /// <summary>The number of the day that <paramref name="time"/> is in. What is due changes only from one number to the next.</summary>
    public long Number(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / Day.Ticks;

    /// <summary>The end of time where the calendar has no such day.</summary>
    public DateTimeOffset After(DateTimeOffset time, int days)
    {
        var from = (Int128)(time - DateTimeOffset.UnixEpoch).Ticks + ((Int128)Day.Ticks * days);
        var midnight = (from + Day.Ticks - 1) / Day.Ticks * Day.Ticks;
        return midnight > (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks
            ? DateTimeOffset.MaxValue
            : DateTimeOffset.UnixEpoch.AddTicks((long)midnight);
    }
}

/// <summary>When something ends, and the rule that says so.</summary>
public readonly record struct LifecycleExpiry(DateTimeOffset At, string Rule);

/// <summary>A version in its place among the others of its key.</summary>
/// <param name="IsAlone">There is no other version of the key.</param>
/// <param name="NoncurrentSince">When its successor was written; <c>null</c> for the current version.</param>
/// <param name="NewerNoncurrent">How many noncurrent versions are newer.</param>
public readonly record struct LifecycleVersion(
    LifecycleFile File, DateTimeOffset Modified, bool IsAlone, DateTimeOffset? NoncurrentSince, int NewerNoncurrent);

public enum LifecycleAction
{
    /// <summary>The current version: deleted as a client without a version id would.</summary>
    Expire,

    /// <summary>A version that is no longer current: gone for ever.</summary>
    RemoveNoncurrent,

    /// <summary>A delete marker with nothing below it.</summary>
    RemoveMarker,
}

/// <param name="Keep">So many newer noncurrent versions the rule asks for.</param>
public readonly record struct LifecycleVerdict(LifecycleAction Action, string Rule, int Keep);

/// <summary>Judges files and uploads by the enabled rules of a configuration. Where several rules apply, the earliest end counts (AWS, "Conflicting
/// lifecycle actions").</summary>
public sealed class LifecycleEvaluation
{
    private readonly LifecycleRule[] _rules;
    private readonly LifecycleCalendar _calendar;

    public LifecycleEvaluation(LifecycleConfiguration configuration, LifecycleCalendar calendar)
    {
        _rules = [.. configuration.Rules.Where(r => r.Enabled)];
        _calendar = calendar;
        VersionPrefixes = Prefixes(_rules.Where(ConcernsVersions));
        UploadPrefixes = Prefixes(_rules.Where(r => r.AbortUploadDays is not null));
        ReadsTags = _rules.Any(r => r.Filter.Tags is { Count: > 0 });
    }

    /// <summary>Key ranges that rules for versions are about, in the order of keys, none inside another.</summary>
    public IReadOnlyList<string> VersionPrefixes { get; }

    /// <summary>Likewise for rules that abort uploads.</summary>
    public IReadOnlyList<string> UploadPrefixes { get; }

    /// <summary>A rule asks for tags.</summary>
    public bool ReadsTags { get; }

    /// <summary>When the current version ends; <c>null</c>: no rule says so.</summary>
    public LifecycleExpiry? Expiry(in LifecycleFile file, DateTimeOffset modified)
    {
        LifecycleExpiry? first = null;
        foreach (var rule in _rules)
        {
            var at = rule.ExpirationDate ?? (rule.ExpirationDays is { } days ? _calendar.After(modified, days) : (DateTimeOffset?)null);
            if (at is { } end && !(first?.At <= end) && rule.Filter.Matches(file)) first = new LifecycleExpiry(end, rule.Id);
        }
        return first;
    }

    /// <summary>When an upload in progress is aborted.</summary>
    public LifecycleExpiry? Abort(string key, DateTimeOffset initiated)
    {
        LifecycleExpiry? first = null;
        foreach (var rule in _rules)
        {
            if (rule.AbortUploadDays is not { } days || !rule.Filter.MatchesKey(key)) continue;
            var at = _calendar.After(initiated, days);
            if (!(first?.At <= at)) first = new LifecycleExpiry(at, rule.Id);
        }
        return first;
    }

    /// <summary>What is due for this version at <paramref name="now"/>; <c>null</c>: nothing.</summary>
    public LifecycleVerdict? Judge(in LifecycleVersion version, DateTimeOffset now)
    {
        if (version.NoncurrentSince is { } since) return Noncurrent(version, since, now);
        if (version.File.IsDeleteMarker) return version.IsAlone ? Marker(version, now) : null;
        return Expiry(version.File, version.Modified) is { } end && end.At <= now ? new LifecycleVerdict(LifecycleAction.Expire, end.Rule, 0) : null;
    }

    private LifecycleVerdict? Noncurrent(in LifecycleVersion version, DateTimeOffset since, DateTimeOffset now)
    {
        LifecycleVerdict? found = null;
        foreach (var rule in _rules)
        {
            var keep = rule.NewerNoncurrentVersions ?? 0;
            if (rule.NoncurrentDays is not { } days || version.NewerNoncurrent < keep || found?.Keep <= keep) continue;
            if (_calendar.After(since, days) <= now && rule.Filter.Matches(version.File))
                found = new LifecycleVerdict(LifecycleAction.RemoveNoncurrent, rule.Id, keep);
        }
        return found;
    }

    /// <summary>By its own rule at once, or when it is as old as the rule wants files to be (AWS, "Expiring objects").</summary>
    private LifecycleVerdict? Marker(in LifecycleVersion version, DateTimeOffset now)
    {
        foreach (var rule in _rules)
            if (rule.ExpiredObjectDeleteMarker == true && rule.Filter.Matches(version.File))
                return new LifecycleVerdict(LifecycleAction.RemoveMarker, rule.Id, 0);
        return Expiry(version.File, version.Modified) is { } end && end.At <= now
            ? new LifecycleVerdict(LifecycleAction.RemoveMarker, end.Rule, 0)
            : null;
    }

    private static bool ConcernsVersions(LifecycleRule rule) =>
        rule.ExpirationDays is not null || rule.ExpirationDate is not null || rule.ExpiredObjectDeleteMarker == true
        || rule.NoncurrentDays is not null;

    private static List<string> Prefixes(IEnumerable<LifecycleRule> rules)
    {
        var found = new List<string>();
        foreach (var prefix in rules.Select(r => r.Filter.Prefix ?? "").Distinct().Order(Utf8Order.Instance))
            if (found.Count == 0 || !prefix.StartsWith(found[^1], StringComparison.Ordinal)) found.Add(prefix);
        return found;
    }
}
