using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans;
using OrleansDfs.Abstractions;
using OrleansDfs.Model;
using OrleansDfs.Replication;

namespace OrleansDfs.Client;

/// <summary>
/// Where storage nodes are: the node table of <see cref="IClusterGrain"/>, kept until something contradicts it (an unknown node, another
/// incarnation, a refused
/// connection). Invariant: whatever the number of callers that see a contradiction, one question is under way at a time, and questions are at least
/// <see cref="DfsClientOptions.NodeRefreshInterval"/> apart, so a dead node does not turn every reader into a caller of the silos.
/// </summary>
public sealed class NodeDirectory : IAsyncDisposable
{
    private readonly ClusterGrains _grains;
    private readonly DfsClientOptions _options;
    private readonly PeerSource _peers;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<NodeId, long> _suspectSince = new();
    private readonly ConcurrentDictionary<NodeId, long> _demotedSince = new();
    private readonly Lock _gate = new();
    private volatile Book? _book;
    private Task<Book>? _loading;
    private long? _lastQuestion;

    public NodeDirectory(ClusterGrains grains, DfsClientOptions options, PeerSource peers, TimeProvider time, ILogger<NodeDirectory> log)
    {
        _grains = grains;
        _options = options;
        _peers = peers;
        _time = time;
        _log = log;
    }

    /// <summary>Nodes that failed a caller within <see cref="DfsClientOptions.AvoidFor"/>.</summary>
    public NodeId[] Suspects => [.. _suspectSince.Keys.Where(n => IsRecent(_suspectSince, n))];

    /// <summary>The connection to a node in at least this incarnation; <c>null</c> when the newest node table does not know it.</summary>
    /// <exception cref="DfsException"><c>Unavailable</c>: there is no node table yet and no silo gives one.</exception>
    public async ValueTask<IChunkPeer?> PeerAsync(NodeId node, long atLeastIncarnation, CancellationToken cancellation)
    {
        var book = _book ?? await ReloadAsync(null, cancellation);
        if (!book.Nodes.TryGetValue(node, out var info) || info.Incarnation < atLeastIncarnation)
        {
            book = await ReloadAsync(book, cancellation);
            if (!book.Nodes.TryGetValue(node, out info) || info.Incarnation < atLeastIncarnation) return null;
        }
        return _peers.Get(book.ClusterId, NodeAddress.Of(info));
    }

    /// <summary>Low is better: 0 near and well, 1 well, 2 late or bad just now, 3 said to be dead, 4 not reached just now or unknown.</summary>
    public int Rank(NodeId node)
    {
        if (IsRecent(_suspectSince, node)) return 4;
        if (_book is not { } book || !book.Nodes.TryGetValue(node, out var info)) return 4;
        if (!info.Alive) return 3;
        if (IsRecent(_demotedSince, node)) return 2;
        return _options.NearSilo is { } near && info.SiloName == near ? 0 : 1;
    }

    /// <summary>The node itself is away or another than was meant, as opposed to one chunk's or another node's trouble.</summary>
    public static bool IsNodeFailure(ChunkStatus status) =>
        status is ChunkStatus.Unreachable or ChunkStatus.ShuttingDown or ChunkStatus.WrongIncarnation or ChunkStatus.Refused;

    /// <summary>What a call to a node came to. A node failure makes it a suspect for a while and lets the table be asked again.</summary>
    public void Report(NodeId node, ChunkStatus status)
    {
        if (status == ChunkStatus.Ok)
        {
            if (!_suspectSince.IsEmpty) _suspectSince.TryRemove(node, out _);
        }
        else if (IsNodeFailure(status))
        {
            _suspectSince[node] = _time.GetTimestamp();
            _ = RefreshInBackgroundAsync(_book);
        }
    }

    /// <summary>Reads prefer other nodes for a while: this one was late or gave a bad page. Chunks are still opened on it: one late read must not
    /// thin out replicas.</summary>
    public void Demote(NodeId node) => _demotedSince[node] = _time.GetTimestamp();

    public ValueTask DisposeAsync() => _peers.DisposeAsync();

    private bool IsRecent(ConcurrentDictionary<NodeId, long> since, NodeId node) =>
        since.TryGetValue(node, out var at) && _time.GetElapsedTime(at) < _options.AvoidFor;

    private async Task RefreshInBackgroundAsync(Book? seen)
    {
        try
        {
            await ReloadAsync(seen, CancellationToken.None);
        }
        catch (DfsException e)
        {
            _log.LogWarning(e, "The node table could not be read again; the old one stays in use.");
        }
    }

    /// <summary>A table newer than <paramref name="seen"/>: joins the question under way, or asks.</summary>
    private Task<Book> ReloadAsync(Book? seen, CancellationToken cancellation)
    {
        Task<Book> loading;
        lock (_gate)
        {
            if (_book is { } book && !ReferenceEquals(book, seen)) return Task.FromResult(book);
            if (_loading is null or { IsCompleted: true }) _loading = LoadAsync(seen);
            loading = _loading;
        }
        return loading.WaitAsync(cancellation);
    }

    private async Task<Book> LoadAsync(Book? seen)
    {
        await Task.Yield(); // the caller holds the gate
        if (_lastQuestion is { } last && _options.NodeRefreshInterval - _time.GetElapsedTime(last) is { Ticks: > 0 } pause)
            await Task.Delay(pause, _time);
        _lastQuestion = _time.GetTimestamp();
        ClusterNodes answer;
        try
        {
            answer = await _grains.ReadAsync(() => _grains.Cluster().Nodes(CancellationToken.None), CancellationToken.None);
        }
        catch (DfsException e)
        {
            throw new DfsException(DfsStatus.Unavailable, "No silo gives the table of storage nodes.", e);
        }
        // An answer of another silo may be older than what we have (revisions rise); the newer one stays, but counts as seen anew.
        if (seen is not null && answer.Table.Revision < seen.Revision) return _book = seen with { };
        return _book = new Book(answer.ClusterId, answer.Table.Revision, answer.Table.Nodes.ToDictionary(n => n.Node));
    }

    private sealed record Book(Guid ClusterId, long Revision, Dictionary<NodeId, StorageNodeInfo> Nodes);
}
