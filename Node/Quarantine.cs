using OrleansDfs.Model;

namespace OrleansDfs.Node;

/// <summary>
/// Files that the catalog does not know (P28). Invariant: a file is deletable only when two answers of the catalog, at least the grace period apart,
/// did not know it and none between
/// them did. The set is in memory: a restart begins the grace anew, which only delays.
/// </summary>
internal sealed class Quarantine(TimeProvider time, TimeSpan grace)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ReplicaFile, long> _since = [];
    private readonly HashSet<ReplicaFile> _deletable = [];

    public int Count
    {
        get
        {
            lock (_gate) return _since.Count;
        }
    }

    /// <summary>The catalog does not know this file. True when it may be deleted now.</summary>
    public bool Unknown(ReplicaFile file)
    {
        lock (_gate)
        {
            if (!_since.TryGetValue(file, out var since))
            {
                _since.Add(file, time.GetTimestamp());
                return false;
            }
            if (time.GetElapsedTime(since) < grace) return false;
            _deletable.Add(file);
            return true;
        }
    }

    public void Known(ReplicaFile file)
    {
        lock (_gate)
        {
            _since.Remove(file);
            _deletable.Remove(file);
        }
    }

    /// <summary>Takes the right to delete this file; false when it has none.</summary>
    public bool TryTake(ReplicaFile file)
    {
        lock (_gate) return _deletable.Remove(file) && _since.Remove(file);
    }
}
