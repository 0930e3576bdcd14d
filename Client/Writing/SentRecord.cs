using OrleansDfs.Replication;

namespace OrleansDfs.Client;

/// <summary>
/// A record under way to its chunk. Its buffer is held by the append, which may be repeated in another chunk, and by the hashing beside it; who
/// lets go last gives it
/// back, so that a slow body holds no buffers of records that are durable already.
/// </summary>
internal sealed class SentRecord(RecordBuffer buffer, int payload, Action? onReleased)
{
    private int _holders = 2;

    public int Payload => payload;

    public int Size => buffer.Length;

    /// <summary>Where it was sent last.</summary>
    public ChunkLease Lease { get; private set; } = null!;

    /// <summary>The answer to the last sending. Never fails: what goes wrong is a status.</summary>
    public Task<AppendResult> Answer { get; private set; } = null!;

    /// <param name="turn">Released when the answer is there.</param>
    public void Send(ChunkLease lease, SemaphoreSlim? turn, TimeSpan timeout, TimeProvider time)
    {
        Lease = lease;
        Answer = AppendAsync(lease, turn, timeout, time);
    }

    /// <summary>The hashing is done, or will not be.</summary>
    public void Hashed() => LetGo();

    /// <summary>Gives the buffer back although the record is not durable; only when <see cref="Answer"/> has ended.</summary>
    public void GiveUp() => Release();

    private async Task<AppendResult> AppendAsync(ChunkLease lease, SemaphoreSlim? turn, TimeSpan timeout, TimeProvider time)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        AppendResult result;
        lease.Begin();
        try
        {
            result = await lease.Primary.AppendAsync(lease.Target, buffer.Record, deadline.Token);
        }
        catch (OperationCanceledException)
        {
            // Not Deadline: that is the primary's word about a secondary, while here the primary itself is silent.
            result = AppendResult.Failed(ChunkStatus.Unreachable);
        }
        finally
        {
            lease.End();
            turn?.Release();
        }
        if (result.Status == ChunkStatus.Ok) LetGo();
        return result;
    }

    private void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) == 0) Release();
    }

    private void Release()
    {
        buffer.Dispose();
        onReleased?.Invoke();
    }
}
