using System.Collections.Concurrent;
using OrleansDfs.Model;
using OrleansDfs.Replication;
using OrleansDfs.Storage;

namespace OrleansDfs.Node;

/// <summary>
/// A storage node: one chunk engine, and the protocol over it, in one incarnation. It knows nothing of the catalog: the host says what is live
/// (<see cref="Serve"/>, <see cref="Reconcile"/>), asks for seals when told of a broken chunk, and persists the mark of a failed fsync. Invariants:
/// <list type="bullet">
/// <item>P2: appends and replicates only to files created in this incarnation, and only when they name it.</item>
/// <item>P28: reads only of files that the host has named live or that were made in this incarnation.</item>
/// <item>Nothing is deleted but by name (P3), or out of the quarantine on a second, equal answer (P28).</item>
/// </list>
/// The order of the operations of one chunk is the order in which they were called.
/// </summary>
public sealed class StorageNode : IChunkPeer, IAsyncDisposable
{
    private readonly ChunkStore _store;
    private readonly Func<NodeAddress, IChunkPeer> _peers;
    private readonly StorageNodeOptions _options;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<ReplicaFile, PrimaryChunk?> _created = new();
    private readonly ServedFiles _served = new();
    private readonly Quarantine _quarantine;
    private readonly RecordBufferPool _copyBuffers;
    private readonly ByteRate _copyRate;
    private long _pendingBytes;
    private volatile bool _stopping;

    /// <param name="store">Owned from now on.</param>
    /// <param name="address">This node with the incarnation registered for this start (P1), and where others reach it.</param>
    /// <param name="peers">Other nodes by address: <see cref="ChunkPeers.Get"/>, or a simulation's.</param>
    public StorageNode(ChunkStore store, NodeAddress address, Func<NodeAddress, IChunkPeer> peers, StorageNodeOptions options, TimeProvider time)
    {
        if (address.Node != store.NodeId)
            throw new ArgumentException($"The folder belongs to node {store.NodeId}, not {address.Node}.", nameof(address));
        _store = store;
        _peers = peers;
        _options = options;
        _time = time;
        _quarantine = new Quarantine(time, options.QuarantineGrace);
        Address = address;
        AppendBuffers = new RecordBufferPool(options.LargeBuffers, options.SmallBuffers);
        ReplicateBuffers = new RecordBufferPool(options.LargeBuffers, options.SmallBuffers);
        ReadBuffers = new RecordBufferPool(options.LargeBuffers, options.SmallBuffers);
        _copyBuffers = new RecordBufferPool(options.Copies, 1);
        _copyRate = new ByteRate(options.CopyBytesPerSecond, time);
    }

    /// <summary>P8: a chunk of which this node is the primary takes no more appends; ask for a seal. Called once per chunk, from any thread; it must
    /// not block.</summary>
    public event Action<ChunkId, ChunkStatus>? ChunkBroken;

    /// <summary>The disk has become read-only, full, or well again (P9: the mark goes to the catalog). From any thread; it must not block.</summary>
    public event Action<StoreState>? StateChanged
    {
        add => _store.StateChanged += value;
        remove => _store.StateChanged -= value;
    }

    public NodeAddress Address { get; }

    /// <summary>Why the disk takes no changes, for an operator; null when it does.</summary>
    public string? StateReason => _store.StateReason;

    /// <summary>Files in quarantine.</summary>
    public int Quarantined => _quarantine.Count;

    /// <summary>Files that may be read here now.</summary>
    public int Served => _served.Count;

    /// <summary>Buffers for records from writers; their holders wait for other nodes.</summary>
    internal RecordBufferPool AppendBuffers { get; }

    /// <summary>Buffers for records from primaries; their holders wait for this disk only, so primaries of two nodes never wait for each
    /// other's.</summary>
    internal RecordBufferPool ReplicateBuffers { get; }

    /// <summary>Buffers for answers to reads; their holders wait for this disk and for the reader's socket.</summary>
    internal RecordBufferPool ReadBuffers { get; }

    public async ValueTask<ChunkStatus> CreateAsync(CreateRequest request, CancellationToken cancellationToken)
    {
        if (_stopping) return ChunkStatus.ShuttingDown;
        // P2: a delayed create makes no fresh file after a restart
        if (request.Incarnation != Address.Incarnation) return ChunkStatus.WrongIncarnation;
        if (!IsSound(request)) return ChunkStatus.BadRequest;
        var status = await _store.CreateAsync(request.File, forCompaction: request.Kind == ChunkKind.Compaction);
        if (status == StoreStatus.Closed) return ChunkStatus.AlreadyExists; // P10: also the tombstone of a close that came first
        if (status != StoreStatus.Done) return status.ToChunkStatus();
        // A repeated create keeps the primary that is there: its end must not go back.
        var primary = request.Role == ReplicaRole.Primary
            ? new PrimaryChunk(request, _store, _peers, _time, _options.Deadlines.Append, OnChunkBroken)
            : null;
        if (!_created.TryAdd(request.File, primary)) primary?.Dispose();
        else _served.Add(request.File);
        return ChunkStatus.Ok;
    }

    /// <summary>In-process writers. The record is copied, because placing changes it.</summary>
    public ValueTask<AppendResult> AppendAsync(AppendRequest request, ReadOnlyMemory<byte> record, CancellationToken cancellationToken) =>
        AppendAsync(request, RecordBuffer.CopyOf(record));

    /// <summary>As the protocol's append; <paramref name="record"/> is the node's from now on, and disposed by it.</summary>
    internal ValueTask<AppendResult> AppendAsync(AppendRequest request, RecordBuffer record)
    {
        var refusal = TryFindPrimary(request, out var primary);
        // What a faulty wire or writer has spoilt is refused before it gets an offset, so it does not break the chunk.
        if (refusal == ChunkStatus.Ok && !Format.CheckUnplaced(record.Record.Span)) refusal = ChunkStatus.Corrupt;
        if (refusal == ChunkStatus.Ok) return Counted(record.Length, primary!.AppendAsync(record));
        record.Dispose();
        return ValueTask.FromResult(AppendResult.Failed(refusal));
    }

    public ValueTask<ChunkStatus> ReplicateAsync(ReplicateRequest request, ReadOnlyMemory<byte> record, CancellationToken cancellationToken)
    {
        if (_stopping) return ValueTask.FromResult(ChunkStatus.ShuttingDown);
        if (request.Incarnation != Address.Incarnation) return ValueTask.FromResult(ChunkStatus.WrongIncarnation);
        if (!_created.ContainsKey(request.File)) return ValueTask.FromResult(ChunkStatus.UnknownReplica); // P2
        if (!Format.Verify(record.Span, request.File.Chunk, request.Offset)) return ValueTask.FromResult(ChunkStatus.Corrupt);
        return Counted(record.Length, StatusOf(_store.AppendAsync(request.File, request.Offset, record))); // P6 is the store's

        static async ValueTask<ChunkStatus> StatusOf(ValueTask<AppendOutcome> append) => (await append).Status.ToChunkStatus();
    }

    public async ValueTask<CloseResult> CloseAsync(ReplicaFile file, CancellationToken cancellationToken)
    {
        if (_stopping) return new CloseResult(ChunkStatus.ShuttingDown, 0);
        if (_created.TryGetValue(file, out var primary)) primary?.Close();
        var outcome = await _store.CloseAsync(file);
        // A closed chunk's primary has no more to do; only that the file was made here is remembered (for reads, P28).
        if (primary is not null && _created.TryUpdate(file, null, primary)) primary.Dispose();
        return outcome.Status switch
        {
            StoreStatus.Done => new CloseResult(ChunkStatus.Ok, outcome.Length),
            StoreStatus.Absent => new CloseResult(ChunkStatus.Absent, 0),
            // P9, P11: whatever the disk's trouble is, this replica must not shorten a seal.
            _ => new CloseResult(ChunkStatus.Damaged, 0),
        };
    }

    public async ValueTask<ChunkStatus> ReadAsync(ReplicaFile file, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (!_served.Contains(file)) return ChunkStatus.NotServed;
        return (await _store.ReadAsync(file, offset, destination)).Status.ToChunkStatus();
    }

    /// <summary>P14: the caller vouches that the chunk's row is sealed with this length.</summary>
    public async ValueTask<ChunkStatus> TruncateAsync(ReplicaFile file, long length, CancellationToken cancellationToken)
    {
        if (_stopping) return ChunkStatus.ShuttingDown;
        if (length < 0) return ChunkStatus.BadRequest;
        return (await _store.TruncateAsync(file, length)).ToChunkStatus();
    }

    public async ValueTask<ChunkStatus> DeleteAsync(ReplicaFile file, CancellationToken cancellationToken)
    {
        if (_stopping) return ChunkStatus.ShuttingDown;
        _served.Remove(file);
        if (_created.TryRemove(file, out var primary)) primary?.Dispose();
        var status = await _store.DeleteAsync(file);
        if (status == StoreStatus.Done) _quarantine.Known(file);
        return status.ToChunkStatus();
    }

    public async ValueTask<CopyResult> CopyAsync(CopyRequest request, CancellationToken cancellationToken)
    {
        if (_stopping) return new CopyResult(ChunkStatus.ShuttingDown, 0, []);
        if (request.Incarnation != Address.Incarnation) return new CopyResult(ChunkStatus.WrongIncarnation, 0, []);
        if (request.SealedLength < RecordLayout.ChunkHeaderSize || request.Sources.Count == 0) return new CopyResult(ChunkStatus.BadRequest, 0, []);
        using var buffer = await _copyBuffers.RentAsync(RecordLayout.MaxRecordSize, cancellationToken);
        var pull = new ChunkPull(request, _store.ClusterId, _peers, buffer.Memory, _copyRate, _time, _options.Deadlines.Read);
        var outcome = await _store.ImportAsync(request.File, request.SealedLength, pull.PiecesAsync(cancellationToken), cancellationToken);
        var status = pull.Failure != ChunkStatus.Ok
            ? pull.Failure : outcome.Status == StoreStatus.Closed ? ChunkStatus.AlreadyExists : outcome.Status.ToChunkStatus();
        return new CopyResult(status, pull.BytesRead, pull.BadSources);
    }

    public ValueTask<VerifyResult> VerifyAsync(ReplicaFile file, long length, CancellationToken cancellationToken) =>
        VerifyAsync(file, length, null, cancellationToken);

    /// <summary>As the protocol's verify, at a scrub's pace.</summary>
    public async ValueTask<VerifyResult> VerifyAsync(ReplicaFile file, long length, ByteRate? rate, CancellationToken cancellationToken)
    {
        if (length < 0) return new VerifyResult(ChunkStatus.BadRequest, 0);
        var outcome = await _store.VerifyAsync(
            file, length, rate is null ? null : (bytes, token) => rate.WaitAsync(bytes, token), cancellationToken);
        var status = outcome.Status switch
        {
            StoreStatus.Absent => ChunkStatus.Absent,
            StoreStatus.Damaged => ChunkStatus.Corrupt,
            _ => outcome.Status.ToChunkStatus(),
        };
        return new VerifyResult(status, outcome.ValidLength);
    }

    public ValueTask<InventoryPage> InventoryAsync(ReplicaFile after, CancellationToken cancellationToken)
    {
        var behind = _store.Inventory()
            .Where(e => (e.File.Chunk, e.File.Epoch).CompareTo((after.Chunk, after.Epoch)) > 0)
            .OrderBy(e => e.File.Chunk)
            .ThenBy(e => e.File.Epoch)
            .Take(InventoryPage.MaxItems + 1)
            .Select(e => new InventoryItem(e.File, e.Length, e.Appendable))
            .ToList();
        var more = behind.Count > InventoryPage.MaxItems;
        if (more) behind.RemoveAt(InventoryPage.MaxItems);
        return ValueTask.FromResult(new InventoryPage(ChunkStatus.Ok, behind, more));
    }

    public async ValueTask<NodeStatus> StatusAsync(CancellationToken cancellationToken)
    {
        await _store.RefreshSpaceAsync();
        return new NodeStatus(
            ChunkStatus.Ok,
            Address.Incarnation,
            _store.TotalBytes,
            _store.FreeBytes,
            _store.State != StoreState.Ready,
            _store.State == StoreState.FsyncFailed,
            _store.Inventory().Count,
            Interlocked.Read(ref _pendingBytes));
    }

    /// <summary>P28: the catalog has this file as live.</summary>
    public void Serve(ReplicaFile file)
    {
        _quarantine.Known(file);
        _served.Add(file);
    }

    /// <summary>The catalog no longer has this file as live; reads are refused from now on.</summary>
    public void Withdraw(ReplicaFile file) => _served.Remove(file);

    /// <summary>
    /// P28: what the catalog says about the files of one inventory. Live ones are served, copying and unverified ones kept and not served, unknown
    /// ones
    /// go to quarantine; those that an earlier answer, at least the grace period ago, did not know either may now be deleted with
    /// <see cref="DeleteUnknownAsync"/>.
    /// </summary>
    /// <param name="reported">The files the catalog was asked about; files made since are not judged.</param>
    /// <param name="known">This node's replica rows by file.</param>
    public Reconciliation Reconcile(IReadOnlyCollection<ReplicaFile> reported, IReadOnlyDictionary<ReplicaFile, ReplicaState> known)
    {
        int served = 0, kept = 0;
        List<ReplicaFile> unknown = [], deletable = [];
        foreach (var file in reported)
        {
            if (!known.TryGetValue(file, out var state))
            {
                Withdraw(file);
                unknown.Add(file);
                if (_quarantine.Unknown(file)) deletable.Add(file);
            }
            else if (state == ReplicaState.Live)
            {
                Serve(file);
                served++;
            }
            else
            {
                _quarantine.Known(file);
                Withdraw(file);
                kept++;
            }
        }
        return new Reconciliation(served, kept, unknown, deletable);
    }

    /// <summary>Deletes a file that <see cref="Reconcile"/> has named deletable; any other is refused with BadRequest.</summary>
    public async ValueTask<ChunkStatus> DeleteUnknownAsync(ReplicaFile file)
    {
        if (!_quarantine.TryTake(file)) return ChunkStatus.BadRequest;
        return await DeleteAsync(file, CancellationToken.None);
    }

    /// <summary>An operator's word that the disk is well again (P9).</summary>
    public async ValueTask<ChunkStatus> LiftFsyncMarkAsync() => (await _store.LiftFsyncMarkAsync()).ToChunkStatus();

    /// <summary>Fails what waits, then closes the store.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stopping, true)) return;
        foreach (var primary in _created.Values) primary?.Dispose();
        await _store.DisposeAsync();
    }

    private ChunkStatus TryFindPrimary(AppendRequest request, out PrimaryChunk? primary)
    {
        primary = null;
        if (_stopping) return ChunkStatus.ShuttingDown;
        if (request.Incarnation != Address.Incarnation) return ChunkStatus.WrongIncarnation; // P2
        if (!_created.TryGetValue(request.File, out primary)) return ChunkStatus.UnknownReplica;
        return primary is null ? ChunkStatus.Closed : ChunkStatus.Ok; // a secondary takes none from writers, a closed primary no more
    }

    private static bool IsSound(CreateRequest request) =>
        request.File is { Chunk.Value: > 0, Epoch: > 0 } &&
        request.Capacity > RecordLayout.ChunkHeaderSize &&
        (request.Role == ReplicaRole.Primary || request.Secondaries.Count == 0) &&
        request.Secondaries.Select(s => s.Address.Node).Distinct().Count() == request.Secondaries.Count;

    private void OnChunkBroken(ChunkId chunk, ChunkStatus cause) => ChunkBroken?.Invoke(chunk, cause);

    private async ValueTask<T> Counted<T>(int bytes, ValueTask<T> work)
    {
        Interlocked.Add(ref _pendingBytes, bytes);
        try
        {
            return await work;
        }
        finally
        {
            Interlocked.Add(ref _pendingBytes, -bytes);
        }
    }
}
