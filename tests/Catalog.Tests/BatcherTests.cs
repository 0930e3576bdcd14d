using Microsoft.Extensions.Time.Testing;
using OrleansDfs.Catalog.Commits;

namespace OrleansDfs.Catalog.Tests;

public class BatcherTests
{
    [Fact]
    public async Task What_is_beyond_the_bound_is_refused_at_once_and_what_waits_is_run()
    {
        var (entered, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        var run = new List<int>();
        var batcher = new Batcher<int>(workers: 1, crowd: 1, maxBatch: 10, maxWaiting: 3, _ => _ => true, async batch =>
        {
            entered.TrySetResult();
            await gate.Task;
            run.AddRange(batch);
        }, TimeProvider.System);
        Assert.True(batcher.TryAdd(0));
        await entered.Task; // under way: it waits no longer

        Assert.Equal([true, true, true, false, false], Enumerable.Range(1, 5).Select(batcher.TryAdd));

        gate.SetResult();
        await batcher.DisposeAsync();
        Assert.Equal([0, 1, 2, 3], run);
    }

    [Fact]
    public async Task What_comes_while_a_batch_is_under_way_waits_for_it_unless_it_is_a_crowd()
    {
        var time = new FakeTimeProvider();
        await using var batches = new Batches(time, crowd: 3);
        batches.Add(0);
        await batches.BegunAsync(1);
        batches.Add(1, 2); // no crowd: left to the batch under way
        batches.Add(3);
        await batches.BegunAsync(2);
        Assert.Equal([[0], [1, 2, 3]], batches.Begun);
        batches.Add(4);

        batches.End(0); // the other is still under way and no crowd waits: this worker goes
        batches.End(1);
        await batches.BegunAsync(3);
        Assert.Equal([4], batches.Begun[2]);
    }

    /// <summary>A batch behind a lock holds up nobody else.</summary>
    [Fact]
    public async Task What_comes_while_a_batch_takes_long_does_not_wait_for_it()
    {
        var time = new FakeTimeProvider();
        await using var batches = new Batches(time, crowd: 100);
        batches.Add(0);
        await batches.BegunAsync(1);
        time.Advance(TimeSpan.FromMilliseconds(25));
        batches.Add(1);
        await batches.BegunAsync(2);
        Assert.Equal([[0], [1]], batches.Begun);
    }

    /// <summary>A batcher of two workers whose batches end when they are told to.</summary>
    private sealed class Batches : IAsyncDisposable
    {
        private readonly Batcher<int> _batcher;
        private readonly List<(int[] Items, TaskCompletionSource End)> _begun = [];

        public Batches(TimeProvider time, int crowd) =>
            _batcher = new Batcher<int>(workers: 2, crowd, maxBatch: 10, maxWaiting: 100, _ => _ => true, batch =>
            {
                var end = new TaskCompletionSource();
                lock (_begun) _begun.Add(([.. batch], end));
                return end.Task;
            }, time);

        public int[][] Begun
        {
            get
            {
                lock (_begun) return [.. _begun.Select(b => b.Items)];
            }
        }

        public void Add(params int[] items)
        {
            foreach (var item in items) Assert.True(_batcher.TryAdd(item));
        }

        public async Task BegunAsync(int count)
        {
            for (var tries = 0; Begun.Length < count; tries++)
            {
                Assert.True(tries < 2000, $"{count} batches have not begun within 20 s.");
                await Task.Delay(10);
            }
        }

        public void End(int batch)
        {
            lock (_begun) _begun[batch].End.TrySetResult();
        }

        public async ValueTask DisposeAsync()
        {
            var ended = _batcher.DisposeAsync().AsTask();
            while (!ended.IsCompleted)
            {
                for (var i = 0; i < Begun.Length; i++) End(i);
                await Task.WhenAny(ended, Task.Delay(10));
            }
            await ended;
        }
    }
}
