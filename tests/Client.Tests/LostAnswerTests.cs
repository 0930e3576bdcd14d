using System.Reflection;
using Orleans;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Client.Tests;

/// <summary>
/// Changes of files whose first answer never comes, for its silo is dying: what may be asked for twice is, what left a trace is found, and nothing
/// waits for the response timeout (issue 4, point 2; PROTOCOL P18).
/// </summary>
public class LostAnswerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly ObjectKey Key = ObjectKey.Parse("key");
    private static readonly BucketRef Bucket = new(1, 1);
    private readonly SiloWatch _watch = new(TimeProvider.System);
    private readonly SilentFirst.Talk _file = new();
    private readonly ClusterGrains _grains;

    public LostAnswerTests()
    {
        var factory = DispatchProxy.Create<IGrainFactory, OneFile>();
        ((OneFile)(object)factory).File = SilentFirst.Make<IFileGrain>(_file);
        ((OneFile)(object)factory).Files = SilentFirst.Make<IFilesGrain>(_file);
        _grains = new ClusterGrains(factory, _watch, TimeProvider.System);
    }

    [Fact]
    public async Task A_named_version_is_deleted_again()
    {
        var version = new VersionId(5);
        _file.Answers[nameof(IFileGrain.Delete)] = new DeleteResult(DfsStatus.NoSuchVersion, null, false, false);
        var deleting = _grains.DeleteAsync(1, Key, new DeleteFile(Bucket, AttemptId.New(), new VersionSelector(version, false), null), default);
        _watch.Lost();
        Assert.Equal(DfsStatus.NoSuchVersion, (await deleting.WaitAsync(Limit)).Status);
        Assert.Equal(2, _file.Calls(nameof(IFileGrain.Delete)));
    }

    [Theory]
    [InlineData(false, "etag")] // a second try would find its condition broken by the first
    [InlineData(true, null)] // of the null version there may be another by then
    public async Task Other_deletes_are_never_made_twice(bool isNull, string? ifMatch)
    {
        var selector = isNull ? new VersionSelector(null, true) : new VersionSelector(new VersionId(5), false);
        await IsUnknownAsync(
            _grains.DeleteAsync(1, Key, new DeleteFile(Bucket, AttemptId.New(), selector, ifMatch), default), nameof(IFileGrain.Delete));
    }

    [Fact]
    public Task The_current_version_is_never_deleted_twice() => IsUnknownAsync(
        _grains.DeleteAsync(1, Key, new DeleteFile(Bucket, AttemptId.New(), VersionSelector.Current, null), default), nameof(IFileGrain.Delete));

    [Fact]
    public async Task A_delete_marker_is_found_by_its_attempt()
    {
        _file.Answers[nameof(IFileGrain.FindAttempt)] = new CommitResult(DfsStatus.Ok, Version(7));
        var deleting = _grains.DeleteAsync(1, Key, new DeleteFile(Bucket, AttemptId.New(), VersionSelector.Current, null), default);
        _watch.Lost();
        Assert.Equal(new DeleteResult(DfsStatus.Ok, new VersionId(7), false, true), await deleting.WaitAsync(Limit));
        Assert.Equal(1, _file.Calls(nameof(IFileGrain.Delete)));
    }

    [Fact]
    public async Task A_copy_is_found_by_its_attempt_and_never_made_twice()
    {
        _file.Answers[nameof(IFileGrain.FindAttempt)] = new CommitResult(DfsStatus.Ok, Version(7));
        var copying = _grains.CopyAsync(
            1, Key, new CopyFile(Bucket, AttemptId.New(), Bucket, Key, new VersionId(5), null, null, WritePrecondition.None));
        _watch.Lost();
        Assert.Equal(new VersionId(7), (await copying.WaitAsync(Limit)).Version!.Version);
        Assert.Equal(1, _file.Calls(nameof(IFileGrain.CopyFrom)));
    }

    [Fact]
    public Task A_change_of_tags_is_never_made_twice() =>
        IsUnknownAsync(_grains.ChangeAsync(1, Key, new ChangeFile(Bucket, VersionSelector.Current, [])), nameof(IFileGrain.Change));

    private async Task IsUnknownAsync(Task call, string method)
    {
        _watch.Lost();
        Assert.Equal(DfsStatus.Unknown, (await Assert.ThrowsAsync<DfsException>(() => call.WaitAsync(Limit))).Status);
        Assert.Equal(1, _file.Calls(method));
    }

    private static FileVersion Version(long id) =>
        new(1, Key, new VersionId(id), 1, false, true, false, 0, "", default, 0, FileProperties.Empty, new Dictionary<string, string>());

    /// <summary>The first call of every method but FindAttempt is never answered, later ones as the test says.</summary>
    public class SilentFirst : DispatchProxy
    {
        private Talk _talk = null!;

        public static T Make<T>(Talk talk)
            where T : class
        {
            var grain = Create<T, SilentFirst>();
            ((SilentFirst)(object)grain)._talk = talk;
            return grain;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var method = targetMethod!.Name;
            var isSilent = _talk.Note(method) == 1 && method != nameof(IFileGrain.FindAttempt);
            return method switch
            {
                nameof(IFileGrain.Delete) => _talk.Answer<DeleteResult>(method, isSilent),
                nameof(IFileGrain.FindAttempt) when !_talk.Answers.ContainsKey(method) => Task.FromResult(new CommitResult(DfsStatus.NotFound, null)),
                _ => _talk.Answer<CommitResult>(method, isSilent),
            };
        }

        /// <summary>What was asked of the file, by itself and by the grain that it shares with others, and what they answer.</summary>
        public sealed class Talk
        {
            private readonly List<string> _calls = [];

            public Dictionary<string, object> Answers { get; } = [];

            public int Calls(string method)
            {
                lock (_calls) return _calls.Count(c => c == method);
            }

            internal int Note(string method)
            {
                lock (_calls) _calls.Add(method);
                return Calls(method);
            }

            internal Task<T> Answer<T>(string method, bool isSilent) =>
                isSilent ? new TaskCompletionSource<T>().Task : Task.FromResult((T)Answers[method]);
        }
    }

    public class OneFile : DispatchProxy
    {
        public IFileGrain File { get; set; } = null!;

        public IFilesGrain Files { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.ReturnType == typeof(IFilesGrain) ? Files : File;
    }
}
