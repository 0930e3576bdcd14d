namespace OrleansDfs.Storage;

/// <summary>
/// Open files by name, at most <paramref name="capacity"/> plus those in use; the least recently used is closed first. A file in use is never closed,
/// so a read beside a delete or an eviction finishes on its handle.
/// </summary>
internal sealed class HandleCache(IDisk disk, int capacity) : IDisposable
{
    private readonly Lock _sync = new();
    private readonly Dictionary<string, Entry> _entries = [];
    private readonly LinkedList<Entry> _idle = new(); // least recently used first

    /// <summary>Files open now.</summary>
    public int Count
    {
        get
        {
            lock (_sync) return _entries.Count;
        }
    }

    public async ValueTask<DiskResult<Lease>> AcquireAsync(string name, DiskOpen mode = DiskOpen.Read)
    {
        if (mode != DiskOpen.CreateNew && TryUse(name, out var lease)) return new(DiskError.None, lease);
        var opened = await disk.OpenAsync(name, mode);
        if (opened.Error != DiskError.None) return new(opened.Error, default);
        if (TryUse(name, out lease))
        {
            opened.Value.Dispose(); // another reader was faster
            return new(DiskError.None, lease);
        }
        List<IDiskFile> evicted = [];
        lock (_sync)
        {
            var entry = new Entry(name, opened.Value) { Users = 1 };
            if (!_entries.TryAdd(name, entry)) entry.Forgotten = true; // lost the race after all: serves this caller only
            lease = new Lease(this, entry);
            while (_entries.Count > capacity && _idle.First is { } oldest) evicted.Add(Remove(oldest.Value));
        }
        foreach (var file in evicted) file.Dispose();
        return new(DiskError.None, lease);
    }

    /// <summary>Closes a file's handle, once nobody uses it.</summary>
    public void Forget(string name)
    {
        IDiskFile? unused = null;
        lock (_sync)
        {
            if (!_entries.TryGetValue(name, out var entry)) return;
            if (entry.Users == 0) unused = Remove(entry);
            else _entries.Remove(name);
            entry.Forgotten = true;
        }
        unused?.Dispose();
    }

    public void Dispose()
    {
        foreach (var entry in _entries.Values) entry.File.Dispose();
        _entries.Clear();
        _idle.Clear();
    }

    private bool TryUse(string name, out Lease lease)
    {
        lock (_sync)
        {
            lease = default;
            if (!_entries.TryGetValue(name, out var entry)) return false;
            if (entry.Users++ == 0) _idle.Remove(entry.Node);
            lease = new Lease(this, entry);
            return true;
        }
    }

    private void Release(Entry entry)
    {
        IDiskFile? unused = null;
        lock (_sync)
        {
            if (--entry.Users > 0) return;
            if (entry.Forgotten) unused = entry.File;
            else
            {
                _idle.AddLast(entry.Node);
                if (_entries.Count > capacity) unused = Remove(_idle.First!.Value);
            }
        }
        unused?.Dispose();
    }

    private IDiskFile Remove(Entry idle)
    {
        _idle.Remove(idle.Node);
        _entries.Remove(idle.Name);
        return idle.File;
    }

    /// <summary>The use of an open file, until disposed.</summary>
    internal readonly struct Lease(HandleCache cache, Entry entry) : IDisposable
    {
        public IDiskFile File => entry.File;

        public void Dispose() => cache.Release(entry);
    }

    internal sealed class Entry
    {
        public Entry(string name, IDiskFile file)
        {
            Name = name;
            File = file;
            Node = new LinkedListNode<Entry>(this);
        }

        public string Name { get; }
        public IDiskFile File { get; }
        public LinkedListNode<Entry> Node { get; }
        public int Users { get; set; }
        public bool Forgotten { get; set; }
    }
}
