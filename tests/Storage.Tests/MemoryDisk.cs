using System.Runtime.InteropServices;

namespace OrleansDfs.Storage.Tests;

public enum DiskCall
{
    Open,
    Read,
    Write,
    Sync,
    SyncFolder,
    Rename,
    Delete,
    SetLength,
}

/// <summary>
/// A disk in memory with the faults of a real one. Fault model:
/// what is written stands in the page cache until its sync, in pieces of 4 KiB; a power cut keeps any of the unsynced pieces, any length between the
/// synced and the written one in such steps, and any of the unsynced names of a folder; a sync that fails drops the unsynced pieces and calls them
/// clean, while reads still see them in the cache (Linux); a full disk takes the front of a write; bits flip. A killed process loses nothing of the
/// cache. Everything completes inline, except appends while <see cref="Deferred"/>.
/// </summary>
public sealed class MemoryDisk : IDisk
{
    private const int Piece = 4096;

    private readonly Medium _medium;
    private readonly List<TaskCompletionSource> _deferred = [];
    private bool _dead;

    public MemoryDisk()
        : this(new Medium())
    {
    }

    private MemoryDisk(Medium medium) => _medium = medium;

    public string Description => "memory";

    /// <summary>Canary: every sync says yes and does nothing.</summary>
    public bool SkipSync { get; set; }

    /// <summary>Appends wait for <see cref="Complete"/>.</summary>
    public bool Deferred { get; set; }

    /// <summary>Asked before each call; anything but None is the answer.</summary>
    public Func<DiskCall, string, DiskError>? Fault { get; set; }

    public long Capacity { get; set; } = long.MaxValue / 4;

    public int Syncs { get; private set; }

    public int OpenFiles { get; private set; }

    public int Waiting => _deferred.Count;

    public IEnumerable<string> Files => _medium.Folders.SelectMany(f => f.Value.Names.Keys.Select(n => f.Key.Length == 0 ? n : $"{f.Key}/{n}"));

    /// <summary>Lets one waiting append go on.</summary>
    public void Complete(int index)
    {
        var waiting = _deferred[index];
        _deferred.RemoveAt(index);
        waiting.SetResult();
    }

    public void CompleteAll()
    {
        while (_deferred.Count > 0) Complete(0);
    }

    /// <summary>The process is gone; the cache stays. This object answers only errors from now on.</summary>
    public MemoryDisk Kill()
    {
        _dead = true;
        _medium.Locked = false;
        return new MemoryDisk(_medium) { SkipSync = SkipSync, Deferred = Deferred, Capacity = Capacity };
    }

    /// <summary>The power is gone: what was not synced survives by chance.</summary>
    public MemoryDisk CutPower(Random random)
    {
        _medium.CutPower(random);
        return Kill();
    }

    public void FlipBit(string name, long offset)
    {
        var file = _medium.Find(name)!;
        file.Cached[(int)offset] ^= 0x10;
        if (offset < file.Durable.Count) file.Durable[(int)offset] ^= 0x10;
    }

    public byte[] Content(string name) => [.. _medium.Find(name)!.Cached];

    public ValueTask<DiskError> LockAsync()
    {
        if (_medium.Locked) return new(DiskError.Locked);
        _medium.Locked = true;
        return new(DiskError.None);
    }

    public ValueTask<DiskResult<IDiskFile>> OpenAsync(string name, DiskOpen mode)
    {
        var error = Check(DiskCall.Open, name);
        if (error != DiskError.None) return new(new DiskResult<IDiskFile>(error, null!));
        var file = _medium.Find(name);
        if (mode == DiskOpen.CreateNew)
        {
            if (file is not null) return new(new DiskResult<IDiskFile>(DiskError.Exists, null!));
            var (folder, leaf) = Split(name);
            if (!_medium.Folders.TryGetValue(folder, out var names)) return new(new DiskResult<IDiskFile>(DiskError.NotFound, null!));
            names.Names[leaf] = file = new Inode();
        }
        if (file is null) return new(new DiskResult<IDiskFile>(DiskError.NotFound, null!));
        OpenFiles++;
        return new(new DiskResult<IDiskFile>(DiskError.None, new OpenFile(this, file, name)));
    }

    // Folders are durable at once: losing an empty one again is no case of its own for an engine that makes what is missing at start.
    public ValueTask<DiskError> CreateFolderAsync(string name)
    {
        _medium.Folders.TryAdd(name, new Folder());
        return new(DiskError.None);
    }

    public ValueTask<DiskError> SyncFolderAsync(string name)
    {
        var error = Check(DiskCall.SyncFolder, name);
        if (error == DiskError.None && !SkipSync) _medium.Folders[name].Sync();
        return new(error);
    }

    public ValueTask<DiskError> RenameAsync(string from, string to)
    {
        var error = Check(DiskCall.Rename, from);
        if (error != DiskError.None) return new(error);
        if (_medium.Find(from) is not { } file) return new(DiskError.NotFound);
        var (fromFolder, fromLeaf) = Split(from);
        var (toFolder, toLeaf) = Split(to);
        _medium.Folders[fromFolder].Names.Remove(fromLeaf);
        _medium.Folders[toFolder].Names[toLeaf] = file;
        return new(DiskError.None);
    }

    public ValueTask<DiskError> DeleteAsync(string name)
    {
        var error = Check(DiskCall.Delete, name);
        if (error != DiskError.None) return new(error);
        var (folder, leaf) = Split(name);
        _medium.Folders[folder].Names.Remove(leaf);
        return new(DiskError.None);
    }

    public ValueTask<DiskResult<IReadOnlyList<DiskEntry>>> ListAsync(string folder)
    {
        if (!_medium.Folders.TryGetValue(folder, out var names)) return new(new DiskResult<IReadOnlyList<DiskEntry>>(DiskError.NotFound, []));
        var prefix = folder.Length == 0 ? "" : folder + "/";
        var folders = folder.Split('/').Length > 1
            ? []
            : _medium.Folders.Keys.Where(f =>
                f.Length > prefix.Length && f.StartsWith(prefix, StringComparison.Ordinal) && f.IndexOf('/', prefix.Length) < 0);
        var files = names.Names.Select(n => new DiskEntry(n.Key, false, n.Value.Cached.Count));
        return new(new DiskResult<IReadOnlyList<DiskEntry>>(
            DiskError.None, [.. folders.Select(f => new DiskEntry(f[prefix.Length..], true, 0)), .. files]));
    }

    public ValueTask<DiskResult<DiskSpace>> SpaceAsync() =>
        new(new DiskResult<DiskSpace>(DiskError.None, new DiskSpace(Capacity, Capacity - _medium.Used)));

    public ValueTask DisposeAsync()
    {
        if (!_dead) _medium.Locked = false;
        return default;
    }

    private static (string Folder, string Leaf) Split(string name)
    {
        var slash = name.LastIndexOf('/');
        return slash < 0 ? ("", name) : (name[..slash], name[(slash + 1)..]);
    }

    private DiskError Check(DiskCall call, string name) => _dead ? DiskError.Failed : Fault?.Invoke(call, name) ?? DiskError.None;

    private sealed class Medium
    {
        public Dictionary<string, Folder> Folders { get; } = new() { [""] = new Folder() };
        public bool Locked { get; set; }
        public long Used => Folders.Values.Sum(f => f.Names.Values.Sum(i => (long)i.Cached.Count));

        public Inode? Find(string name)
        {
            var (folder, leaf) = Split(name);
            return Folders.TryGetValue(folder, out var names) && names.Names.TryGetValue(leaf, out var file) ? file : null;
        }

        public void CutPower(Random random)
        {
            foreach (var folder in Folders.Values)
            {
                folder.CutPower(random);
                foreach (var file in folder.Names.Values) file.CutPower(random);
            }
        }
    }

    private sealed class Folder
    {
        private SortedDictionary<string, Inode> _durable = [];

        public SortedDictionary<string, Inode> Names { get; private set; } = [];

        public void Sync() => _durable = new SortedDictionary<string, Inode>(Names);

        public void CutPower(Random random)
        {
            foreach (var name in Names.Keys.Union(_durable.Keys).ToList())
            {
                if (Names.GetValueOrDefault(name) is var cached && cached == _durable.GetValueOrDefault(name) || random.Next(2) == 0) continue;
                if (cached is null) _durable.Remove(name);
                else _durable[name] = cached;
            }
            Names = new SortedDictionary<string, Inode>(_durable);
        }
    }

    private sealed class Inode
    {
        private readonly HashSet<int> _dirty = [];

        public List<byte> Cached { get; private set; } = [];
        public List<byte> Durable { get; private set; } = [];

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            if (bytes.IsEmpty) return;
            var end = (int)offset + bytes.Length;
            if (end > Cached.Count) SetLength(end);
            bytes.CopyTo(CollectionsMarshal.AsSpan(Cached)[(int)offset..]);
            for (var piece = (int)offset / Piece; piece <= (end - 1) / Piece; piece++) _dirty.Add(piece);
        }

        public void SetLength(int length)
        {
            if (length < Cached.Count) Cached.RemoveRange(length, Cached.Count - length);
            else Cached.AddRange(new byte[length - Cached.Count]);
            if (length > 0) _dirty.Add((length - 1) / Piece);
        }

        public void Sync()
        {
            foreach (var piece in _dirty) Persist(piece);
            Resize(Durable, Cached.Count);
            _dirty.Clear();
        }

        public void LoseUnsynced()
        {
            Resize(Durable, Cached.Count);
            _dirty.Clear();
        }

        public void CutPower(Random random)
        {
            var (low, high) = (Math.Min(Durable.Count, Cached.Count), Math.Max(Durable.Count, Cached.Count));
            var lengths = Enumerable.Range(low / Piece, high / Piece - low / Piece + 1).Select(p => p * Piece).Where(l => l > low && l < high)
                .Append(low).Append(high).ToList();
            foreach (var piece in _dirty)
                if (random.Next(2) == 0) Persist(piece);
            Resize(Durable, lengths[random.Next(lengths.Count)]);
            Cached = [.. Durable];
            _dirty.Clear();
        }

        private void Persist(int piece)
        {
            var end = Math.Min(Cached.Count, (piece + 1) * Piece);
            if (end <= piece * Piece) return;
            if (Durable.Count < end) Resize(Durable, end);
            var from = CollectionsMarshal.AsSpan(Cached)[(piece * Piece)..end];
            from.CopyTo(CollectionsMarshal.AsSpan(Durable)[(piece * Piece)..]);
        }

        private static void Resize(List<byte> bytes, int length)
        {
            if (length < bytes.Count) bytes.RemoveRange(length, bytes.Count - length);
            else bytes.AddRange(new byte[length - bytes.Count]);
        }

        /// <summary>The next read comes from the medium, except for what is not written back yet.</summary>
        public void DropCache()
        {
            for (var piece = 0; piece * Piece < Cached.Count; piece++)
            {
                if (_dirty.Contains(piece)) continue;
                var cached = CollectionsMarshal.AsSpan(Cached)[(piece * Piece)..Math.Min(Cached.Count, (piece + 1) * Piece)];
                var durable =
                    CollectionsMarshal.AsSpan(Durable)[Math.Min(Durable.Count, piece * Piece)..Math.Min(Durable.Count, (piece + 1) * Piece)];
                cached.Clear();
                durable[..Math.Min(durable.Length, cached.Length)].CopyTo(cached);
            }
        }
    }

    private sealed class OpenFile(MemoryDisk disk, Inode inode, string name) : IDiskFile
    {
        private bool _closed;

        public ValueTask<DiskResult<int>> ReadAsync(long offset, Memory<byte> buffer)
        {
            var error = Check(DiskCall.Read);
            if (error != DiskError.None || offset >= inode.Cached.Count) return new(new DiskResult<int>(error, 0));
            var count = (int)Math.Min(buffer.Length, inode.Cached.Count - offset);
            CollectionsMarshal.AsSpan(inode.Cached).Slice((int)offset, count).CopyTo(buffer.Span);
            return new(new DiskResult<int>(DiskError.None, count));
        }

        public ValueTask<DiskError> WriteAsync(long offset, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
        {
            var error = Check(DiskCall.Write);
            foreach (var buffer in buffers)
            {
                var grown = Math.Max(0, offset + buffer.Length - inode.Cached.Count);
                var room = Math.Max(0, disk.Capacity - disk._medium.Used);
                // A refused write takes part of its bytes all the same.
                var fitting = grown <= room ? buffer.Length : (int)Math.Max(0, buffer.Length - grown + room);
                var taken = error != DiskError.None ? buffer.Length / 2 : fitting;
                inode.Write(offset, buffer.Span[..taken]);
                if (error != DiskError.None) return new(error);
                if (taken < buffer.Length) return new(DiskError.Full);
                offset += taken;
            }
            return new(DiskError.None);
        }

        public async ValueTask<DiskError> WriteAndSyncAsync(long offset, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
        {
            // The write has reached the cache when a power cut comes between it and its sync.
            var error = await WriteAsync(offset, buffers);
            if (disk.Deferred)
            {
                var turn = new TaskCompletionSource();
                disk._deferred.Add(turn);
                await turn.Task;
            }
            return error == DiskError.None ? await SyncAsync() : error;
        }

        public ValueTask<DiskError> SyncAsync()
        {
            disk.Syncs++;
            var error = Check(DiskCall.Sync);
            if (error != DiskError.None) inode.LoseUnsynced();
            else if (!disk.SkipSync) inode.Sync();
            return new(error);
        }

        public ValueTask<DiskError> SetLengthAsync(long length)
        {
            var error = Check(DiskCall.SetLength);
            if (error == DiskError.None) inode.SetLength((int)length);
            return new(error);
        }

        public ValueTask DropCacheAsync()
        {
            inode.DropCache();
            return default;
        }

        public void Dispose()
        {
            if (!_closed) disk.OpenFiles--;
            _closed = true;
        }

        private DiskError Check(DiskCall call)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            return disk.Check(call, name);
        }
    }
}
