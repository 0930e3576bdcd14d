using Orleans;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Client;

/// <summary>
/// The grains as a client calls them while silos come and go. Files, buckets and uploads have two kinds of grains with one interface: one activation
/// in the
/// cluster, found by the directory, and one on whichever silo is asked. Both do the same, because the catalog decides (PROTOCOL P15, P20: two
/// activations of one file do no harm); the first kind remembers, the second needs no silo but the one that is asked. While <see cref="SiloWatch"/>
/// is
/// unsettled the second is used, so that nobody waits for a silo that is dead and not yet declared so.
/// </summary>
public sealed class ClusterGrains(IGrainFactory factory, SiloWatch watch, TimeProvider time)
{
    private const int Tries = 4;
    private const int Questions = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>A call that is under way when a connection is lost, perhaps another silo's, has so long to answer before it counts as lost with
    /// it.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(150);

    /// <summary>Between two questions for the outcome of a commit: a transaction of a process that died is rolled back or committed soon.</summary>
    private static readonly TimeSpan QuestionPause = TimeSpan.FromMilliseconds(300);

    // References never change; to make one costs as much as a part of the call.
    private IListingGrain? _listing;
    private IChunkAllocatorGrain? _chunkAllocator;
    private IClusterGrain? _cluster;
    private IKeyGrain? _keys;
    private IIdentityGrain? _identity;

    public SiloWatch Watch => watch;

    public FileCalls File(long bucketId, ObjectKey key) => new(this, bucketId, key);

    public IBucketGrain Bucket(BucketName name) => watch.IsUnsettled ? factory.BucketHere(name) : factory.Bucket(name);

    public IUploadGrain Upload(UploadId upload) => watch.IsUnsettled ? factory.UploadHere(upload) : factory.Upload(upload);

    public IListingGrain Listing() => _listing ??= factory.Listing();

    public IChunkAllocatorGrain ChunkAllocator() => _chunkAllocator ??= factory.ChunkAllocator();

    /// <summary>Any number names one that does the same, perhaps on another silo.</summary>
    internal IChunkAllocatorGrain ChunkAllocator(int number) => number == 0 ? ChunkAllocator() : factory.ChunkAllocator(number);

    public IClusterGrain Cluster() => _cluster ??= factory.Cluster();

    public IKeyGrain Keys() => _keys ??= factory.Keys();

    public IIdentityGrain Identity() => _identity ??= factory.Identity();

    /// <summary>
    /// A call that may be made twice: it changes nothing, or what it leaves behind is cleaned up. It is made again when it fails as silos fail, and
    /// when
    /// a connection to a silo is lost under it: an answer from there would be waited for until the response timeout (dotnet/orleans#10165).
    /// </summary>
    /// <param name="call">Gets the grain anew each time.</param>
    /// <exception cref="DfsException"><c>Unavailable</c>: no silo answers.</exception>
    public async Task<T> ReadAsync<T>(Func<Task<T>> call, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            var losses = watch.Losses;
            try
            {
                var calling = call();
                if (tries == Tries || await watch.EndsBeforeLossAsync(calling, losses) || await AnswersInGraceAsync(calling)) return await calling;
                Forget(calling);
            }
            catch (Exception e) when (GrainCalls.IsTransient(e))
            {
                watch.Suspect();
                if (tries == Tries) throw new DfsException(DfsStatus.Unavailable, $"No silo answers: {e.Message}", e);
                await Task.Delay(Pause * tries, time, cancellation);
            }
        }
    }

    /// <summary>
    /// A call that makes something visible: made once (PROTOCOL P18). Where no answer comes, another silo is asked whether the attempt is in the
    /// catalog.
    /// </summary>
    /// <param name="find">Asks by attempt id; <c>null</c> when it is not there, which does not mean that it never will be.</param>
    /// <exception cref="DfsException"><c>Unknown</c>: not found, or nobody could be asked, so it may or may not happen.</exception>
    public async Task<T> CommitAsync<T>(Func<Task<T>> call, Func<Task<T?>> find, string what)
        where T : class
    {
        var losses = watch.Losses;
        var calling = Start(call);
        Exception? cause = null;
        for (var questions = 0; questions < Questions; questions++)
        {
            if (cause is null)
            {
                try
                {
                    if (await watch.EndsBeforeLossAsync(calling, losses) || await AnswersInGraceAsync(calling)) return await calling;
                }
                catch (Exception e) when (GrainCalls.IsTransient(e))
                {
                    watch.Suspect();
                    cause = e;
                }
            }
            if (await AskAsync(find, what) is { } found)
            {
                Forget(calling);
                return found;
            }
            if (cause is null) await Task.WhenAny(calling, Task.Delay(QuestionPause, time));
            else await Task.Delay(QuestionPause, time);
        }
        Forget(calling);
        throw new DfsException(DfsStatus.Unknown, $"{what}: no answer came, so it may or may not have happened.", cause);
    }

    /// <summary>Commits a file (see <see cref="CommitAsync{T}"/>).</summary>
    public Task<CommitResult> CommitAsync(long bucketId, ObjectKey key, CommitFile request) =>
        CommitAsync(() => File(bucketId, key).Commit(request), () => FindAsync(bucketId, key, request.Attempt), $"Writing '{key}'");

    /// <summary>Shares another file's bytes (see <see cref="CommitAsync{T}"/>).</summary>
    public Task<CommitResult> CopyAsync(long bucketId, ObjectKey key, CopyFile request) =>
        CommitAsync(() => File(bucketId, key).CopyFrom(request), () => FindAsync(bucketId, key, request.Attempt), $"Copying to '{key}'");

    /// <summary>
    /// Deletes a file. A version that is named goes once and never comes back, so it may be asked for twice. A delete marker is found by its
    /// attempt. Where the current version goes and leaves nothing, nothing tells whether it was this call: its outcome is then unknown, soon and not
    /// after the response timeout. It is not asked for again, for that would delete what another has written since the first time (I9).
    /// </summary>
    public Task<DeleteResult> DeleteAsync(long bucketId, ObjectKey key, DeleteFile request, CancellationToken cancellation) =>
        request is { Version.Version: not null, IfMatch: null }
            ? ReadAsync(() => File(bucketId, key).Delete(request), cancellation)
            : CommitAsync(
                () => File(bucketId, key).Delete(request),
                async () => await FindAsync(bucketId, key, request.Attempt) is { Version: { } marker }
                    ? new DeleteResult(DfsStatus.Ok, marker.Version, marker.IsNull, true)
                    : null,
                $"Deleting '{key}'");

    /// <summary>
    /// Changes what is kept with a version. A version does not tell who changed it last, and to ask again could undo what another has changed since
    /// the first time (I9): without an answer the outcome is unknown, soon and not after the response timeout.
    /// </summary>
    public Task<CommitResult> ChangeAsync(long bucketId, ObjectKey key, ChangeFile request) =>
        CommitAsync(() => File(bucketId, key).Change(request), static () => Task.FromResult<CommitResult?>(null), $"Changing '{key}'");

    private async Task<CommitResult?> FindAsync(long bucketId, ObjectKey key, AttemptId attempt) =>
        await ReadAsync(() => File(bucketId, key).FindAttempt(attempt), CancellationToken.None) is { Status: DfsStatus.Ok } found ? found : null;

    internal bool IsUnsettled => watch.IsUnsettled;

    internal IFileGrain FileItself(long bucketId, ObjectKey key) =>
        watch.IsUnsettled ? factory.FileHere(bucketId, key) : factory.File(bucketId, key);

    /// <summary>The grains that all files share.</summary>
    internal SharedFiles Files { get; } = new(factory, watch, time);

    /// <summary>Where nobody can be asked either, the outcome is unknown and not <c>Unavailable</c>, which would say that nothing happened.</summary>
    private static async Task<T?> AskAsync<T>(Func<Task<T?>> find, string what)
        where T : class
    {
        try
        {
            return await find();
        }
        catch (DfsException e) when (e.Status == DfsStatus.Unavailable)
        {
            throw new DfsException(DfsStatus.Unknown, $"{what}: no silo answers, so it may or may not have happened.", e);
        }
    }

    /// <summary>A call that throws before its first wait fails as any other.</summary>
    private static Task<T> Start<T>(Func<Task<T>> call)
    {
        try
        {
            return call();
        }
        catch (Exception e)
        {
            return Task.FromException<T>(e);
        }
    }

    /// <summary>After the loss of a connection. False: no answer came in the time of grace.</summary>
    private async Task<bool> AnswersInGraceAsync(Task calling) => await Task.WhenAny(calling, Task.Delay(Grace, time)) == calling;

    /// <summary>Whatever comes of it now, nobody waits for it.</summary>
    private static void Forget(Task calling) => calling.ContinueWith(
        static done => _ = done.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
