namespace OrleansDfs.Client;

/// <summary>
/// What this process itself notices of dying silos. The cluster needs seconds to declare a death; until then grains that live there, and a share of the
/// grain directory, answer nobody. A broken connection is noticed at once: from then on, for a while, calls go where neither is needed
/// (<see cref="ClusterGrains"/>). A hint only: nothing is decided by it.
/// </summary>
public sealed class SiloWatch(TimeProvider time)
{
    /// <summary>Longer than a death takes to be declared and the directory to be divided anew (ORLEANS §3, §4).</summary>
    private static readonly TimeSpan Unsettled = TimeSpan.FromSeconds(30);

    private Trouble? _trouble;
    private TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A silo failed somebody not long ago.</summary>
    public bool IsUnsettled => Volatile.Read(ref _trouble) is { } at && time.GetElapsedTime(at.Since) < Unsettled;

    /// <summary>Ends when the next connection to a silo is lost.</summary>
    public Task NextLoss => Volatile.Read(ref _lost).Task;

    /// <summary>A connection to a silo has ended: what was asked there gets no answer.</summary>
    public void Lost()
    {
        Suspect();
        Interlocked.Exchange(ref _lost, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <summary>A call failed as calls to a dying silo do.</summary>
    public void Suspect() => Volatile.Write(ref _trouble, new Trouble(time.GetTimestamp()));

    private sealed record Trouble(long Since);
}
