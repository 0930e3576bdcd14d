using OrleansDfs.Catalog.Rows;
using OrleansDfs.Model;

namespace OrleansDfs.Catalog.Commits;

/// <summary>One change of one file on its way through the batching writer.</summary>
internal abstract class FileWrite(BucketRef bucket, ObjectKey key, AttemptId attempt)
{
    public BucketRef Bucket { get; } = bucket;
    public KeyId Key { get; } = new(bucket.Id, key.Value);
    public AttemptId Attempt { get; } = attempt;

    /// <summary>Fresh bytes that become visible (P16), or <c>null</c>.</summary>
    public virtual WrittenBlob? Fresh => null;

    /// <summary>The file whose bytes are shared (P23), or <c>null</c>.</summary>
    public virtual KeyId? Source => null;
    public virtual BucketRef? SourceBucket => null;

    /// <summary>Ends the call; its continuation runs elsewhere.</summary>
    public abstract void End(CatalogStatus status, WriteResult? result);

    public abstract void Fail(Exception error);
}

/// <summary>What a write did.</summary>
/// <param name="Version">The version made, or the marker; <c>null</c> where none was.</param>
/// <param name="Removed">The version that went, for a delete.</param>
internal sealed record WriteResult(FileVersion? Version, VersionRow? Removed);

internal abstract class VersionWrite(BucketRef bucket, ObjectKey key, AttemptId attempt, WritePrecondition precondition)
    : FileWrite(bucket, key, attempt)
{
    private readonly TaskCompletionSource<CommitOutcome> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WritePrecondition Precondition { get; } = precondition;
    public Task<CommitOutcome> Outcome => _done.Task;

    public override void End(CatalogStatus status, WriteResult? result) => _done.TrySetResult(new CommitOutcome(status, result?.Version));

    public override void Fail(Exception error) => _done.TrySetException(error);
}

internal sealed class CommitWrite(CommitRequest request) : VersionWrite(request.Bucket, request.Key, request.Attempt, request.Precondition)
{
    public CommitRequest Request { get; } = request;
    public override WrittenBlob? Fresh => Request.Blob;
}

internal sealed class CopyWrite(CopyRequest request) : VersionWrite(request.Bucket, request.Key, request.Attempt, request.Precondition)
{
    public CopyRequest Request { get; } = request;
    public override KeyId? Source => new KeyId(Request.SourceBucket.Id, Request.SourceKey.Value);
    public override BucketRef? SourceBucket => Request.SourceBucket;
}

internal sealed class CompleteWrite(CompleteRequest request) : VersionWrite(request.Bucket, request.Key, request.Attempt, request.Precondition)
{
    public CompleteRequest Request { get; } = request;
}

internal sealed class DeleteWrite(DeleteRequest request) : FileWrite(request.Bucket, request.Key, request.Attempt)
{
    private readonly TaskCompletionSource<DeleteOutcome> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DeleteRequest Request { get; } = request;
    public Task<DeleteOutcome> Outcome => _done.Task;

    public override void End(CatalogStatus status, WriteResult? result) => _done.TrySetResult(result switch
    {
        { Version: { } made } => new DeleteOutcome(status, made.Version, made.IsNull, true),
        { Removed: { } gone } => new DeleteOutcome(status, new VersionId(gone.Version), gone.IsNull, gone.IsDeleteMarker),
        _ => new DeleteOutcome(status, null, false, false),
    });

    public override void Fail(Exception error) => _done.TrySetException(error);
}
