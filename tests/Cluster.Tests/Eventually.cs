using System.Diagnostics;

namespace OrleansDfs.Cluster.Tests;

/// <summary>Waits for a condition, never for a time.</summary>
static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public static Task HoldsAsync(string what, Func<Task<bool>> condition) => HoldsAsync(() => what, condition);

    public static async Task HoldsAsync(Func<string> what, Func<Task<bool>> condition)
    {
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Pause);
        while (!await condition())
        {
            if (clock.Elapsed > Limit) Assert.Fail($"Not within {Limit}: {what()}.");
            await timer.WaitForNextTickAsync();
        }
    }
}
