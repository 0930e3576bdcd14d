using System.Collections.Concurrent;
using OrleansDfs.Model;

namespace OrleansDfs.Silo.Chunks;

/// <summary>
/// Nodes that did not answer this silo just now. Membership and heartbeats take seconds to notice a death; a refused connection is known at once, and
/// a new chunk is not tried there again for a while. A hint only: nothing is decided by it.
/// </summary>
public sealed class Suspects(TimeProvider time)
{
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<NodeId, long> _since = new();

    public void Add(NodeId node) => _since[node] = time.GetTimestamp();

    public bool Contains(NodeId node) => _since.TryGetValue(node, out var since) && time.GetElapsedTime(since) < Memory;
}
