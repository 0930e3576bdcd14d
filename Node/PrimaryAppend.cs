using OrleansDfs.Replication;

namespace OrleansDfs.Node;

/// <summary>A record between its offset and its answer. <see cref="Remaining"/> and <see cref="Failed"/> belong to the lock of its
/// <see cref="PrimaryChunk"/>.</summary>
internal sealed class PrimaryAppend(RecordBuffer record, long start, int replicas, long startedAt)
{
    private readonly TaskCompletionSource<AppendResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RecordBuffer Record { get; } = record;

    public long Start { get; } = start;

    public long End { get; } = start + record.Length;

    public long StartedAt { get; } = startedAt;

    /// <summary>Replicas that have not answered.</summary>
    public int Remaining { get; set; } = replicas;

    public bool Failed { get; set; }

    public Task<AppendResult> Result => _result.Task;

    public void Answer(AppendResult result) => _result.TrySetResult(result);
}
