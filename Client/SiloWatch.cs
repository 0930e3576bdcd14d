namespace OrleansDfs.Client;

/// <summary>
/// What this process itself notices of dying silos. The cluster needs seconds to declare a death; until then grains that live there, and a share of
/// the grain directory, answer nobody. A broken connection is noticed at once: from then on, for a while, calls go where neither is needed
/// (<see cref="ClusterGrains"/>). A hint only: nothing is decided by it.
/// </summary>
public sealed class SiloWatch(TimeProvider time)
{
    /// <summary>Longer than a death takes to be declared and the directory to be divided anew (ORLEANS §3, §4).</summary>
    private static readonly TimeSpan Unsettled = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private Trouble? _trouble;
    private int _losses;
    private LossRace? _racing; // all calls under way, linked
    private LossRace? _idle; // for the next calls

    /// <summary>A silo failed somebody not long ago.</summary>
    public bool IsUnsettled => Volatile.Read(ref _trouble) is { } at && time.GetElapsedTime(at.Since) < Unsettled;

    /// <summary>Connections to silos that were lost so far.</summary>
    public int Losses => Volatile.Read(ref _losses);

    /// <summary>A connection to a silo has ended: what was asked there gets no answer.</summary>
    public void Lost()
    {
        Suspect();
        lock (_gate)
        {
            _losses++;
            for (var race = _racing; race is not null; race = race.Next) race.Lost();
        }
    }

    /// <summary>Waits for a call or for the loss of a connection, whichever is first. It costs a call two turns of a lock.</summary>
    /// <param name="losses"><see cref="Losses"/> before the call was made.</param>
    /// <returns>True: the call has ended, well or not. False: a connection was lost before that.</returns>
    public ValueTask<bool> EndsBeforeLossAsync(Task calling, int losses)
    {
        if (calling.IsCompleted) return new ValueTask<bool>(true);
        LossRace race;
        lock (_gate)
        {
            if (_losses != losses) return new ValueTask<bool>(false);
            race = _idle ?? new LossRace(this);
            _idle = race.Next;
            (race.Next, race.Previous) = (_racing, null);
            if (_racing is not null) _racing.Previous = race;
            _racing = race;
        }
        return race.Start(calling);
    }

    /// <summary>A race whose end was told to who waited for it.</summary>
    /// <param name="isReusable">Nobody else has it: not so while its call goes on.</param>
    internal void Leave(LossRace race, bool isReusable)
    {
        lock (_gate)
        {
            if (race.Previous is { } previous) previous.Next = race.Next;
            else _racing = race.Next;
            if (race.Next is { } next) next.Previous = race.Previous;
            race.Next = race.Previous = null;
            if (!isReusable) return;
            race.Reset();
            (race.Next, _idle) = (_idle, race);
        }
    }

    /// <summary>A call failed as calls to a dying silo do.</summary>
    public void Suspect() => Volatile.Write(ref _trouble, new Trouble(time.GetTimestamp()));

    private sealed record Trouble(long Since);
}
