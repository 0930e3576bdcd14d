using System.Reflection;
using Orleans;
using Orleans.Runtime;
using OrleansDfs.Abstractions;

namespace OrleansDfs.Client.Tests;

/// <summary>What a client does while a silo is dying and the cluster has not declared it dead (issue 4, point 2; PROTOCOL P18, P20).</summary>
public class ClusterGrainsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly SiloWatch _watch = new(TimeProvider.System);
    private readonly ClusterGrains _grains;

    public ClusterGrainsTests() => _grains = new ClusterGrains(DispatchProxy.Create<IGrainFactory, GrainFactoryProxy>(), _watch, TimeProvider.System);

    [Fact]
    public async Task A_read_under_way_when_a_connection_is_lost_is_asked_again_and_not_waited_for()
    {
        var calls = 0;
        var reading = _grains.ReadAsync(() => ++calls == 1 ? new TaskCompletionSource<int>().Task : Task.FromResult(7), default);
        Assert.False(reading.IsCompleted);
        _watch.Lost();
        Assert.Equal(7, await reading.WaitAsync(Limit));
        Assert.Equal(2, calls);
        Assert.True(_watch.IsUnsettled);
    }

    /// <summary>The connection that is lost may be another silo's.</summary>
    [Fact]
    public async Task A_read_that_answers_in_the_time_of_grace_is_not_asked_again()
    {
        var answer = new TaskCompletionSource<int>();
        var calls = 0;
        var reading = _grains.ReadAsync(() =>
        {
            calls++;
            return answer.Task;
        }, default);
        _watch.Lost();
        answer.SetResult(7);
        Assert.Equal(7, await reading.WaitAsync(Limit));
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_read_that_no_silo_answers_ends_as_unavailable()
    {
        var calls = 0;
        var failed = await Assert.ThrowsAsync<DfsException>(() => _grains.ReadAsync<int>(() =>
        {
            calls++;
            throw new SiloUnavailableException("gone");
        }, default).WaitAsync(Limit));
        Assert.Equal(DfsStatus.Unavailable, failed.Status);
        Assert.Equal(4, calls);
    }

    /// <summary>P18: whatever happens to its answer, a commit is made once; its outcome is asked for by attempt id.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_commit_whose_answer_is_lost_is_found_by_its_attempt_and_never_made_again(bool silent)
    {
        var commits = 0;
        var questions = 0;
        var committing = _grains.CommitAsync<string>(
            () =>
            {
                commits++;
                return silent ? new TaskCompletionSource<string>().Task : Task.FromException<string>(new TimeoutException("lost"));
            },
            () => Task.FromResult(++questions < 3 ? null : "committed"), "Writing");
        if (silent) _watch.Lost();
        Assert.Equal("committed", await committing.WaitAsync(Limit));
        Assert.Equal((1, 3), (commits, questions));
    }

    [Fact]
    public async Task A_commit_that_is_not_found_is_unknown_and_never_made_again()
    {
        var commits = 0;
        var failed = await Assert.ThrowsAsync<DfsException>(() => _grains.CommitAsync<string>(
            () =>
            {
                commits++;
                throw new TimeoutException("lost");
            },
            () => Task.FromResult<string?>(null), "Writing").WaitAsync(Limit));
        Assert.Equal(DfsStatus.Unknown, failed.Status);
        Assert.Equal(1, commits);
    }

    [Fact]
    public async Task A_commit_after_which_nobody_can_be_asked_is_unknown_and_not_unavailable()
    {
        var failed = await Assert.ThrowsAsync<DfsException>(() => _grains.CommitAsync(
            () => Task.FromException<string>(new TimeoutException("lost")),
            () => _grains.ReadAsync<string?>(() => throw new SiloUnavailableException("gone"), default), "Writing").WaitAsync(Limit));
        Assert.Equal(DfsStatus.Unknown, failed.Status);
    }

    [Fact]
    public async Task A_commit_on_another_silo_than_the_lost_one_still_gets_its_own_answer()
    {
        var answer = new TaskCompletionSource<string>();
        var questions = 0;
        var committing = _grains.CommitAsync<string>(() => answer.Task, () =>
        {
            if (++questions == 2) answer.SetResult("its own");
            return Task.FromResult<string?>(null);
        }, "Writing");
        _watch.Lost();
        Assert.Equal("its own", await committing.WaitAsync(Limit));
    }

    /// <summary>The waiters of reads are used again and again: none may end another's read, and none be left behind.</summary>
    [Fact]
    public async Task Many_reads_and_losses_at_once_each_end_with_their_own_answer()
    {
        const int readers = 8;
        const int reads = 400;
        await Task.WhenAll(Enumerable.Range(0, readers).Select(reader => Task.Run(async () =>
        {
            for (var i = 0; i < reads; i++)
            {
                var own = reader * reads + i;
                var reading = _grains.ReadAsync(async () =>
                {
                    await Task.Yield();
                    return own;
                }, default);
                if (i % 16 == 0) _watch.Lost();
                Assert.Equal(own, await reading);
            }
        }))).WaitAsync(Limit);
    }

    [Fact]
    public async Task A_read_that_fails_at_once_or_later_fails_as_its_call_did()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _grains.ReadAsync<int>(() => throw new InvalidOperationException(), default));
        await Assert.ThrowsAsync<InvalidOperationException>(() => _grains.ReadAsync<int>(async () =>
        {
            await Task.Yield();
            throw new InvalidOperationException();
        }, default));
    }
}
