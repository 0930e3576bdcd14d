namespace OrleansDfs.Client;

/// <summary>Numbered pieces of work, a few side by side.</summary>
internal static class Lanes
{
    /// <summary>Runs <paramref name="work"/> for 0 … <paramref name="count"/> − 1. The first failure cancels the rest and is thrown when all have
    /// ended.</summary>
    public static async Task RunAsync(int count, int lanes, Func<int, CancellationToken, Task> work, CancellationToken cancellation)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Exception? first = null;
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(count, lanes)).Select(_ => LaneAsync()));
        cancellation.ThrowIfCancellationRequested();
        if (first is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);

        async Task LaneAsync()
        {
            try
            {
                while (Interlocked.Increment(ref next) is var number && number < count)
                {
                    failed.Token.ThrowIfCancellationRequested();
                    await work(number, failed.Token);
                }
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref first, e, null); // thrown below
                await failed.CancelAsync();
            }
        }
    }
}
