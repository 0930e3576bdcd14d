using System.Reflection;
using Microsoft.Extensions.Time.Testing;
using Orleans;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Client.Tests;

/// <summary>Which of the shared grains is called, and what happens when one is silent without its silo being dead (issue 4, point 1).</summary>
public class SharedFilesTests
{
    private static readonly BucketRef Bucket = new(1, 1);
    private readonly FakeTimeProvider _time = new();
    private readonly SiloWatch _watch;
    private readonly Silos _silos = new();
    private readonly ClusterGrains _grains;

    public SharedFilesTests()
    {
        _watch = new SiloWatch(_time);
        var factory = DispatchProxy.Create<IGrainFactory, Factory>();
        ((Factory)(object)factory).Silos = _silos;
        _grains = new ClusterGrains(factory, _watch, _time);
    }

    /// <summary>Few calls meet on one silo, in its batches; many spread over the grains and with them over silos.</summary>
    [Fact]
    public async Task The_more_calls_are_under_way_the_more_grains_are_used()
    {
        Assert.Equal(1, Used());
        _silos.IsSilent = _ => true;
        var calls = Enumerable.Range(0, 100).Select(i => OpenAsync($"key {i}")).ToList();
        Assert.Equal(4, Used());
        _silos.Answer();
        await Task.WhenAll(calls);
        Assert.Equal(1, Used());

        int Used() => Enumerable.Range(0, 1000).Select(i => _grains.Files.Next(ObjectKey.Parse($"key {i}"))).Distinct().Count();
    }

    [Fact]
    public async Task A_read_that_a_hanging_silo_does_not_answer_is_asked_of_another()
    {
        _silos.IsSilent = share => share == 0;
        var read = ReadAsync();
        _time.Advance(TimeSpan.FromMilliseconds(750));
        Assert.False(_watch.IsUnsettled);
        Assert.Equal(DfsStatus.NoSuchKey, (await EndAsync(read)).Status);
        Assert.Equal([0, 1], _silos.Asked);
        Assert.True(_watch.IsUnsettled);
    }

    /// <summary>P18: it is looked for on another silo, and not made again.</summary>
    [Fact]
    public async Task A_commit_that_a_hanging_silo_does_not_answer_is_looked_for_on_another()
    {
        _silos.IsSilent = share => share == 0;
        var commit = _grains.CommitAsync(1, ObjectKey.Parse("key"), new CommitFile(
            Bucket, AttemptId.New(), new WrittenBlob(BlobId.New(), 0, []), "etag", FileProperties.Empty, [], WritePrecondition.None));
        Assert.Equal(DfsStatus.Ok, (await EndAsync(commit)).Status);
        Assert.Equal([nameof(IFilesGrain.Commit), nameof(IFilesGrain.FindAttempt)], _silos.Methods);
    }

    /// <summary>A busy silo answers slowly, but it answers: nothing is asked twice.</summary>
    [Fact]
    public async Task A_silo_that_answers_others_is_not_silent()
    {
        _silos.IsSilent = _ => _silos.Asked.Count == 1; // only the first call
        var slow = ReadAsync();
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            await ReadAsync();
        }
        Assert.False(slow.IsCompleted);
        Assert.False(_watch.IsUnsettled);
        _silos.Answer();
        await slow;
        Assert.All(_silos.Asked, share => Assert.Equal(0, share));
    }

    private Task<OpenFileResult> OpenAsync(string key) => _grains.File(1, ObjectKey.Parse(key)).Open(new OpenFile(Bucket, VersionSelector.Current));

    private Task<OpenFileResult> ReadAsync() => _grains.ReadAsync(() => OpenAsync("key"), default);

    private async Task<T> EndAsync<T>(Task<T> call)
    {
        for (var tries = 0; !call.IsCompleted; tries++)
        {
            Assert.True(tries < 1000, "It did not end.");
            _time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(1);
        }
        return await call;
    }

    /// <summary>What all shared grains are asked, and who of them answers.</summary>
    internal sealed class Silos
    {
        private readonly List<TaskCompletionSource> _waiting = [];

        public List<long> Asked { get; } = [];

        public List<string> Methods { get; } = [];

        public Func<long, bool> IsSilent { get; set; } = _ => false;

        public async Task<T> AskAsync<T>(long share, string method, T answer)
        {
            Asked.Add(share);
            Methods.Add(method);
            if (IsSilent(share))
            {
                var waiting = new TaskCompletionSource();
                _waiting.Add(waiting);
                await waiting.Task;
            }
            return answer;
        }

        public void Answer()
        {
            IsSilent = _ => false;
            foreach (var waiting in _waiting) waiting.SetResult();
        }
    }

    private sealed class Files(Silos silos, long share) : IFilesGrain
    {
        public Task<OpenFileResult> Open(ObjectKey key, OpenFile request, CancellationToken cancellation = default) =>
            silos.AskAsync(share, nameof(Open), new OpenFileResult(DfsStatus.NoSuchKey, null, null));

        public Task<CommitResult> FindAttempt(long bucketId, ObjectKey key, AttemptId attempt, CancellationToken cancellation = default) =>
            silos.AskAsync(share, nameof(FindAttempt), new CommitResult(DfsStatus.Ok, null));

        public Task<CommitResult> Commit(ObjectKey key, CommitFile request) => silos.AskAsync(share, nameof(Commit), new CommitResult(DfsStatus.Ok, null));

        public Task<DeleteResult> Delete(ObjectKey key, DeleteFile request) => throw new NotSupportedException();
    }

    public class Factory : DispatchProxy
    {
        internal Silos Silos { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => new Files(Silos, (long)args![0]!);
    }
}
