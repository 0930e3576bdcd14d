using System.Collections.Concurrent;
using OrleansDfs.Model;

namespace OrleansDfs.Node;

/// <summary>
/// Which files may be read here (P28). Invariant: a file that was found on the disk is not readable before the host has said that the catalog has it
/// as live; a file made
/// in this incarnation is readable at once, because its acknowledged bytes must be.
/// </summary>
internal sealed class ServedFiles
{
    private readonly ConcurrentDictionary<ReplicaFile, byte> _files = new();

    public int Count => _files.Count;

    public bool Contains(ReplicaFile file) => _files.ContainsKey(file);

    public void Add(ReplicaFile file) => _files[file] = 0;

    public void Remove(ReplicaFile file) => _files.TryRemove(file, out _);
}
