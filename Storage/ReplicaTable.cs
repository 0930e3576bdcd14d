using System.Diagnostics.CodeAnalysis;
using OrleansDfs.Model;

namespace OrleansDfs.Storage;

/// <summary>The replica files of a store, and the tombstones of those that were closed or deleted before their create came (P10).</summary>
internal sealed class ReplicaTable
{
    private readonly Lock _sync = new();
    private readonly Dictionary<ReplicaFile, ReplicaSlot> _slots = [];

    // Of this incarnation only: after a restart P2 refuses the delayed create.
    private readonly HashSet<ReplicaFile> _tombstones = [];

    public void AddFound(ReplicaFile file, long length)
    {
        lock (_sync) _slots.Add(file, new ReplicaSlot(file, SlotPhase.Found, length));
    }

    public ReplicaSlot? Find(ReplicaFile file)
    {
        lock (_sync) return _slots.TryGetValue(file, out var slot) && slot.IsVisible ? slot : null;
    }

    public ReplicaSlot[] Visible()
    {
        lock (_sync) return [.. _slots.Values.Where(s => s.IsVisible)];
    }

    /// <summary>The slot of a file to be made. A new one (<paramref name="mine"/>) is held by the caller from the start. False: a tombstone refuses
    /// it.</summary>
    public bool TryReserve(ReplicaFile file, [NotNullWhen(true)] out ReplicaSlot? slot, out bool mine)
    {
        lock (_sync)
        {
            mine = false;
            if (_slots.TryGetValue(file, out slot)) return true;
            if (_tombstones.Contains(file)) return false;
            slot = new ReplicaSlot(file, SlotPhase.Making, 0);
            _slots.Add(file, slot);
            return mine = true;
        }
    }

    /// <summary>Takes the turn at a file, after a create that is under way. Null leaves a tombstone, so that a create that comes later is refused
    /// (P10).</summary>
    public async ValueTask<ReplicaSlot?> EnterOrBuryAsync(ReplicaFile file)
    {
        while (true)
        {
            ReplicaSlot? slot;
            lock (_sync)
            {
                if (!_slots.TryGetValue(file, out slot))
                {
                    _tombstones.Add(file);
                    return null;
                }
            }
            await slot.Gate.WaitAsync();
            if (slot.IsVisible) return slot;
            slot.Gate.Release(); // its making failed, or it was deleted: look again
        }
    }

    public void Remove(ReplicaSlot slot, bool bury = false)
    {
        lock (_sync)
        {
            slot.Phase = SlotPhase.Removed;
            _slots.Remove(slot.File);
            if (bury) _tombstones.Add(slot.File);
        }
    }
}
