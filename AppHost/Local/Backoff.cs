namespace OrleansDfs.AppHost.Local;

/// <summary>
/// The pause before a crashed child is started again: 2 s, doubled each time up to 30 s, and 2 s again after it ran well for a minute.
/// </summary>
public sealed class Backoff
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan GoodRun = TimeSpan.FromMinutes(1);

    TimeSpan _next = First;

    /// <summary>The pause after a run of this length.</summary>
    public TimeSpan After(TimeSpan ran)
    {
        if (ran >= GoodRun)
            _next = First;
        var pause = _next;
        _next = TimeSpan.FromTicks(Math.Min(_next.Ticks * 2, Longest.Ticks));
        return pause;
    }
}
