using Microsoft.Extensions.Time.Testing;

namespace OrleansDfs.Replication.Tests;

public class ByteRateTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Callers_share_the_rate_in_the_order_in_which_they_ask()
    {
        var rate = new ByteRate(1000, _time);
        Assert.True(rate.WaitAsync(1000).AsTask().IsCompleted); // the first second's worth is there
        var second = rate.WaitAsync(500).AsTask();
        var third = rate.WaitAsync(500).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.False(second.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(2));
        await second;
        Assert.False(third.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(500));
        await third;
    }

    [Fact]
    public void A_pause_earns_one_second_and_no_more()
    {
        var rate = new ByteRate(1000, _time);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.True(rate.WaitAsync(1000).AsTask().IsCompleted);
        Assert.False(rate.WaitAsync(1).AsTask().IsCompleted);
    }

    [Fact]
    public void Zero_is_no_limit() => Assert.True(new ByteRate(0, _time).WaitAsync(long.MaxValue).AsTask().IsCompleted);
}
