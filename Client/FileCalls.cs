using OrleansDfs.Abstractions;
using OrleansDfs.Model;

namespace OrleansDfs.Client;

/// <summary>
/// The calls of one file, each by the cheapest way that does the same. What the catalog decides alone goes to a grain that all files share
/// (<see cref="IFilesGrain"/>), which needs no silo but the one that is asked; the rest to the file itself.
/// </summary>
public readonly struct FileCalls
{
    private readonly ClusterGrains _grains;
    private readonly long _bucketId;
    private readonly ObjectKey _key;

    internal FileCalls(ClusterGrains grains, long bucketId, ObjectKey key) => (_grains, _bucketId, _key) = (grains, bucketId, key);

    private IFileGrain Itself => _grains.FileItself(_bucketId, _key);

    /// <inheritdoc cref="IFileGrain.Open"/>
    /// <remarks>While a silo may be dying, the shared grain must not go on to a file that may be there.</remarks>
    public Task<OpenFileResult> Open(OpenFile request, CancellationToken cancellation = default) => _grains.Files.CallAsync(
        _key,
        (request: _grains.IsUnsettled ? request with { Alone = true } : request, cancellation),
        static (files, key, open) => files.Open(key, open.request, open.cancellation));

    /// <inheritdoc cref="IFileGrain.Manifest"/>
    public Task<ManifestResult> Manifest(ReadManifest request, CancellationToken cancellation = default) => Itself.Manifest(request, cancellation);

    /// <inheritdoc cref="IFileGrain.Parts"/>
    public Task<PartsResult> Parts(VersionId version, CancellationToken cancellation = default) => Itself.Parts(version, cancellation);

    /// <inheritdoc cref="IFileGrain.Commit"/>
    public Task<CommitResult> Commit(CommitFile request) =>
        _grains.Files.CallAsync(_key, request, static (files, key, commit) => files.Commit(key, commit));

    /// <inheritdoc cref="IFileGrain.FindAttempt"/>
    public Task<CommitResult> FindAttempt(AttemptId attempt, CancellationToken cancellation = default) => _grains.Files.CallAsync(
        _key,
        (bucket: _bucketId, attempt, cancellation),
        static (files, key, asked) => files.FindAttempt(asked.bucket, key, asked.attempt, asked.cancellation));

    /// <inheritdoc cref="IFileGrain.CopyFrom"/>
    public Task<CommitResult> CopyFrom(CopyFile request) => Itself.CopyFrom(request);

    /// <inheritdoc cref="IFileGrain.Delete"/>
    public Task<DeleteResult> Delete(DeleteFile request) =>
        _grains.Files.CallAsync(_key, request, static (files, key, delete) => files.Delete(key, delete));

    /// <inheritdoc cref="IFileGrain.Change"/>
    public Task<CommitResult> Change(ChangeFile request) => Itself.Change(request);
}
