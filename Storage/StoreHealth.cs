namespace OrleansDfs.Storage;

/// <summary>
/// What a store may do: free space against the reserves, and P9's mark. Invariant: <see cref="StoreState.FsyncFailed"/> ends only by <see
/// cref="Lift"/>.
/// </summary>
/// <param name="reserve">Free bytes that nothing may use.</param>
/// <param name="compactionReserve">Free bytes above these that only compaction may use (I19).</param>
internal sealed class StoreHealth(long reserve, long compactionReserve, Action<StoreState> changed)
{
    private readonly Lock _sync = new();
    private StoreState _state;
    private string? _reason;
    private long _total;
    private long _free;

    public StoreState State
    {
        get
        {
            lock (_sync) return _state;
        }
    }

    public string? Reason
    {
        get
        {
            lock (_sync) return _reason;
        }
    }

    public DiskSpace Space
    {
        get
        {
            lock (_sync) return new DiskSpace(_total, _free);
        }
    }

    /// <summary>What a change that needs <paramref name="bytes"/> more is answered; the bytes count as used when it is <see
    /// cref="StoreStatus.Done"/>.</summary>
    public StoreStatus Admit(long bytes, bool forCompaction = false)
    {
        lock (_sync)
        {
            if (_state == StoreState.FsyncFailed) return StoreStatus.ReadOnly;
            if ((forCompaction || _state == StoreState.Ready) && _free - bytes >= (forCompaction ? reserve : reserve + compactionReserve))
            {
                _free -= bytes;
                return StoreStatus.Done;
            }
            if (forCompaction) return StoreStatus.Full;
        }
        Become(StoreState.Full, "less than the reserve is free");
        return StoreStatus.Full;
    }

    public void Measured(DiskSpace space)
    {
        StoreState next;
        lock (_sync)
        {
            (_total, _free) = (space.Total, space.Free);
            next = _free >= reserve + compactionReserve ? StoreState.Ready : StoreState.Full;
        }
        Become(next, next == StoreState.Ready ? null : "less than the reserve is free");
    }

    /// <summary>The disk itself had no room. Ends with the next measurement that finds some.</summary>
    public void NoSpace() => Become(StoreState.Full, "the disk answered that it is full");

    /// <summary>True the first time.</summary>
    public bool Fail(string reason) => Become(StoreState.FsyncFailed, reason);

    public void Lift() => Become(StoreState.Ready, null, lift: true);

    private bool Become(StoreState next, string? reason, bool lift = false)
    {
        lock (_sync)
        {
            if (_state == next || (_state == StoreState.FsyncFailed && !lift)) return false;
            (_state, _reason) = (next, reason);
        }
        changed(next);
        return true;
    }
}
