using System.Diagnostics;

namespace OrleansDfs.Cluster.Tests;

/// <summary>Waits for a condition, never for a time.</summary>
static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    /// <summary>For what a busy machine may take minutes for, and whose length the test measures itself.</summary>
    public static readonly TimeSpan LongLimit = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public static Task HoldsAsync(string what, Func<Task<bool>> condition) => HoldsAsync(() => what, condition);

    public static async Task HoldsAsync(Func<string> what, Func<Task<bool>> condition, TimeSpan? limit = null)
    {
        var longest = limit ?? Limit;
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Pause);
        while (!await condition())
        {
            if (clock.Elapsed > longest) Assert.Fail($"Not within {longest}: {what()}.");
            await timer.WaitForNextTickAsync();
        }
    }
}
