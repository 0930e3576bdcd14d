using OrleansDfs.Catalog.Commits;

namespace OrleansDfs.Catalog.Tests;

public class BatcherTests
{
    [Fact]
    public async Task What_is_beyond_the_bound_is_refused_at_once_and_what_waits_is_run()
    {
        var (entered, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        var run = new List<int>();
        var batcher = new Batcher<int>(workers: 1, maxBatch: 10, maxWaiting: 3, _ => _ => true, async batch =>
        {
            entered.TrySetResult();
            await gate.Task;
            run.AddRange(batch);
        });
        Assert.True(batcher.TryAdd(0));
        await entered.Task; // under way: it waits no longer

        Assert.Equal([true, true, true, false, false], Enumerable.Range(1, 5).Select(batcher.TryAdd));

        gate.SetResult();
        await batcher.DisposeAsync();
        Assert.Equal([0, 1, 2, 3], run);
    }
}
