using OrleansDfs.Model;

namespace OrleansDfs.Replication.Tests;

public class RecordBufferPoolTests
{
    [Fact]
    public async Task Who_finds_none_waits_until_one_is_given_back()
    {
        var pool = new RecordBufferPool(largeBuffers: 1, smallBuffers: 1);
        var first = await pool.RentAsync(RecordLayout.MaxRecordSize, default);
        var second = pool.RentAsync(RecordBufferPool.SmallSize + 1, default).AsTask();
        Assert.False(second.IsCompleted);
        Assert.Null(pool.TryRent(RecordLayout.MaxRecordSize));
        first.Dispose();
        using var got = await second.Within();
        Assert.Equal(RecordBufferPool.SmallSize + 1, got.Length);
    }

    [Fact]
    public async Task Small_and_large_do_not_wait_for_each_other()
    {
        var pool = new RecordBufferPool(1, 1);
        using var large = await pool.RentAsync(RecordLayout.MaxRecordSize, default);
        using var small = pool.TryRent(100);
        Assert.NotNull(small);
        Assert.Equal(2, pool.InUse);
    }

    [Fact]
    public async Task Giving_back_twice_does_not_raise_the_bound()
    {
        var pool = new RecordBufferPool(1, 1);
        var buffer = await pool.RentAsync(100, default);
        buffer.Dispose();
        buffer.Dispose();
        using var one = pool.TryRent(100);
        Assert.NotNull(one);
        Assert.Null(pool.TryRent(100));
    }

    [Fact]
    public async Task A_wait_can_be_cancelled_and_loses_no_buffer()
    {
        var pool = new RecordBufferPool(1, 1);
        var held = await pool.RentAsync(100, default);
        using var cancel = new CancellationTokenSource();
        var waiting = pool.RentAsync(100, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        held.Dispose();
        Assert.Equal(0, pool.InUse);
        using var again = pool.TryRent(100);
        Assert.NotNull(again);
    }
}
