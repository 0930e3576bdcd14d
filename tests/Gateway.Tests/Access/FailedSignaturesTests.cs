using System.Net;
using OrleansDfs.Gateway.Access;
using OrleansDfs.S3;
using ErrorCode = OrleansDfs.S3.ErrorCode;

namespace OrleansDfs.Gateway.Tests.Access;

/// <summary>S3.md §6, 18: wrong signatures of one address are limited, right ones never, in fixed memory.</summary>
public class FailedSignaturesTests
{
    static readonly IPAddress _attacker = IPAddress.Parse("192.0.2.7");

    readonly HandClock _clock = new();

    FailedSignatures Limit(int perMinute) => new(new GatewaySettings { FailedSignatures = perMinute }, _clock);

    static int Counted(FailedSignatures limit, IPAddress? address, int tries = 1000) =>
        Enumerable.Range(0, tries).Count(_ => limit.TryCount(address));

    [Fact]
    public void A_minute_s_budget_at_once_and_no_more()
    {
        var limit = Limit(6);
        Assert.Equal(6, Counted(limit, _attacker));
        Assert.Equal(0, Counted(limit, _attacker));
    }

    [Fact]
    public void It_refills_evenly_and_never_above_a_minute_s_budget()
    {
        var limit = Limit(6);
        Counted(limit, _attacker);
        _clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal(0, Counted(limit, _attacker));
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(1, Counted(limit, _attacker));
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(3, Counted(limit, _attacker));
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(6, Counted(limit, _attacker));
    }

    /// <summary>A host has a whole IPv6 network; an IPv4 address is the same however the socket shows it.</summary>
    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9")]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7")]
    public void One_host_has_one_budget(string one, string other)
    {
        var limit = Limit(5);
        Assert.Equal(5, Counted(limit, IPAddress.Parse(one)));
        Assert.Equal(0, Counted(limit, IPAddress.Parse(other)));
    }

    /// <summary>Others have budgets of their own; a million addresses need no more memory than one.</summary>
    [Fact]
    public void Memory_is_fixed_however_many_addresses_there_are()
    {
        var limit = Limit(1);
        var random = new Random(7);
        var address = new byte[4];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var passed = 0;
        for (var i = 0; i < 100_000; i++)
        {
            random.NextBytes(address);
            if (limit.TryCount(new IPAddress(address))) passed++;
        }
        Assert.InRange(passed, FailedSignatures.Slots * 9 / 10, FailedSignatures.Slots); // nearly every slot was drawn once
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100_000, 0, 100); // the addresses themselves
    }

    [Fact]
    public void Zero_is_no_limit() => Assert.Equal(1000, Counted(Limit(0), _attacker));

    [Fact]
    public async Task Above_the_limit_wrong_and_unknown_are_told_the_same_and_right_ones_pass()
    {
        var limit = Limit(2);
        foreach (var code in new[] { ErrorCode.SignatureDoesNotMatch, ErrorCode.InvalidAccessKeyId, ErrorCode.SlowDown })
            Assert.Equal(code, await Failure(limit, code == ErrorCode.SlowDown ? ErrorCode.InvalidAccessKeyId : code));
        Assert.Equal(ErrorCode.SlowDown, await Failure(limit, ErrorCode.SignatureDoesNotMatch));
        Assert.Equal(7, await limit.Guard(_attacker, () => ValueTask.FromResult(7)));
        Assert.Equal(ErrorCode.AccessDenied, await Failure(limit, ErrorCode.AccessDenied)); // other refusals are not counted
    }

    static async Task<ErrorCode> Failure(FailedSignatures limit, ErrorCode code) =>
        (await Assert.ThrowsAsync<S3Exception>(async () => await limit.Guard<int>(_attacker, () => throw new S3Exception(code)))).Code;

    sealed class HandClock : TimeProvider
    {
        long _now = 1_000_000;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan by) => _now += by.Ticks;
    }
}
