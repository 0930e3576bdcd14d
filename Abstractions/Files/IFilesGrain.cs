using Orleans.Concurrency;
using Orleans.Metadata;
using OrleansDfs.Model;

namespace OrleansDfs.Abstractions;

/// <summary>
/// Files that nobody needs to remember: the calls of a file (<see cref="IFileGrain"/>) that make up nearly all traffic, by key. The catalog decides
/// them
/// alone (PROTOCOL P15, P20), so an activation of the file would only be made, registered and collected again
/// (docs/decisions/files-without-activations.md). <see cref="GrainKeys.FilesGrains"/> of these on each silo share all files; none is in a directory.
/// </summary>
[Alias("dfs.IFilesGrain"), DefaultGrainType("files")]
public interface IFilesGrain : IGrainWithIntegerKey
{
    /// <summary>As <see cref="IFileGrain.Open"/>. A file with a long manifest is asked itself, for it remembers that.</summary>
    [Alias("Open"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<OpenFileResult> Open(ObjectKey key, OpenFile request, CancellationToken cancellation = default);

    /// <summary>As <see cref="IFileGrain.FindAttempt"/>.</summary>
    [Alias("FindAttempt"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<CommitResult> FindAttempt(long bucketId, ObjectKey key, AttemptId attempt, CancellationToken cancellation = default);

    /// <summary>As <see cref="IFileGrain.Commit"/>. Never to be sent twice with one attempt id.</summary>
    [Alias("Commit"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<CommitResult> Commit(ObjectKey key, CommitFile request);

    /// <summary>As <see cref="IFileGrain.Delete"/>.</summary>
    [Alias("Delete"), AlwaysInterleave, ResponseTimeout("00:00:05")]
    Task<DeleteResult> Delete(ObjectKey key, DeleteFile request);
}
