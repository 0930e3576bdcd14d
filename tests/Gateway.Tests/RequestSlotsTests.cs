using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace OrleansDfs.Gateway.Tests;

public sealed class RequestSlotsTests
{
    [Fact]
    public async Task Never_more_than_the_limit_are_taken_and_all_come_free_again()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var slots = new RequestSlots(new GatewaySettings { MaxConcurrentRequests = 3 }, services.GetRequiredService<IMeterFactory>());
        int taken = 0, most = 0;
        await Parallel.ForAsync(0, 20_000, async (_, _) =>
        {
            if (!slots.TryTake()) return;
            var now = Interlocked.Increment(ref taken);
            int seen;
            do seen = Volatile.Read(ref most);
            while (now > seen && Interlocked.CompareExchange(ref most, now, seen) != seen);
            await Task.Yield();
            Interlocked.Decrement(ref taken);
            slots.Return();
        });
        Assert.InRange(most, 1, 3);
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => slots.TryTake()));
    }

    [Fact]
    public async Task Refusals_are_reported_once_a_second_all_together()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var slots = new RequestSlots(new GatewaySettings { MaxConcurrentRequests = 1 }, services.GetRequiredService<IMeterFactory>());
        var time = new FakeTimeProvider();
        slots.TryTake();
        slots.TryTake();
        Assert.Equal(1, slots.Unreported(time));
        slots.TryTake();
        slots.TryTake();
        Assert.Equal(0, slots.Unreported(time));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, slots.Unreported(time));
    }

    [Fact]
    public async Task An_operator_sees_what_is_at_work_and_what_was_refused()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var slots = new RequestSlots(new GatewaySettings { MaxConcurrentRequests = 2 }, meters);
        var seen = new Dictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == meters) listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((counter, value, _, _) => seen[counter.Name] = seen.GetValueOrDefault(counter.Name) + value);
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.Start();

        for (var i = 0; i < 5; i++) slots.TryTake();
        slots.Return();
        listener.RecordObservableInstruments();

        Assert.Equal(1, seen["odfs.gateway.requests.active"]);
        Assert.Equal(3, seen["odfs.gateway.requests.refused"]);
    }
}
