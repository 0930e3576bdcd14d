using OrleansDfs.Model;
using OrleansDfs.Replication.Wire;

namespace OrleansDfs.Replication;

/// <summary>
/// A storage node over TCP. Each kind of traffic has connections of its own: appends and replicates one each, so that they arrive in order and
/// neither waits for the
/// other's buffers (<see cref="RecordBufferPool"/>); reads a few; everything else one, so that a close never stands behind megabytes.
/// </summary>
public sealed class TcpChunkPeer : IChunkPeer, IAsyncDisposable
{
    private readonly PeerLane _appends;
    private readonly PeerLane _replicates;
    private readonly PeerLane _control;
    private readonly PeerLane[] _reads;
    private uint _nextRead;
    private ulong _nextRequest;

    public TcpChunkPeer(NodeAddress address, ClusterIdentity cluster, ChunkPeerOptions options, TimeProvider time)
    {
        Address = address;
        _appends = Lane();
        _replicates = Lane();
        _control = Lane();
        _reads = new PeerLane[options.ReadConnections];
        for (var i = 0; i < _reads.Length; i++) _reads[i] = Lane();

        PeerLane Lane() => new(address, cluster, options, time);
    }

    public NodeAddress Address { get; }

    public ValueTask<ChunkStatus> CreateAsync(CreateRequest request, CancellationToken cancellationToken) =>
        Send(_control, Opcode.Create, RequestCodec.Create(request), AnswerCodec.ReadStatusOnly, cancellationToken);

    public ValueTask<AppendResult> AppendAsync(AppendRequest request, ReadOnlyMemory<byte> record, CancellationToken cancellationToken) =>
        Send(_appends, Opcode.Append, RequestCodec.Append(request), AnswerCodec.ReadAppend, cancellationToken, record);

    public ValueTask<ChunkStatus> ReplicateAsync(ReplicateRequest request, ReadOnlyMemory<byte> record, CancellationToken cancellationToken) =>
        Send(_replicates, Opcode.Replicate, RequestCodec.Replicate(request), AnswerCodec.ReadStatusOnly, cancellationToken, record);

    public ValueTask<CloseResult> CloseAsync(ReplicaFile file, CancellationToken cancellationToken) =>
        Send(_control, Opcode.Close, RequestCodec.File(file), AnswerCodec.ReadClose, cancellationToken);

    public ValueTask<ChunkStatus> ReadAsync(ReplicaFile file, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (destination.Length is 0 or > RecordLayout.MaxRecordSize) return ValueTask.FromResult(ChunkStatus.BadRequest);
        var lane = _reads[Interlocked.Increment(ref _nextRead) % (uint)_reads.Length];
        var fields = RequestCodec.Read(new ReadRequest(file, offset, destination.Length));
        return Send(lane, Opcode.Read, fields, AnswerCodec.ReadStatusOnly, cancellationToken, default, destination);
    }

    public ValueTask<ChunkStatus> TruncateAsync(ReplicaFile file, long length, CancellationToken cancellationToken) =>
        Send(_control, Opcode.Truncate, RequestCodec.FileLength(new FileLengthRequest(file, length)), AnswerCodec.ReadStatusOnly, cancellationToken);

    public ValueTask<ChunkStatus> DeleteAsync(ReplicaFile file, CancellationToken cancellationToken) =>
        Send(_control, Opcode.Delete, RequestCodec.File(file), AnswerCodec.ReadStatusOnly, cancellationToken);

    public ValueTask<CopyResult> CopyAsync(CopyRequest request, CancellationToken cancellationToken) =>
        Send(_control, Opcode.Copy, RequestCodec.Copy(request), AnswerCodec.ReadCopy, cancellationToken);

    public ValueTask<VerifyResult> VerifyAsync(ReplicaFile file, long length, CancellationToken cancellationToken) =>
        Send(_control, Opcode.Verify, RequestCodec.FileLength(new FileLengthRequest(file, length)), AnswerCodec.ReadVerify, cancellationToken);

    public ValueTask<InventoryPage> InventoryAsync(ReplicaFile after, CancellationToken cancellationToken) =>
        Send(_control, Opcode.Inventory, RequestCodec.File(after), AnswerCodec.ReadInventory, cancellationToken);

    public ValueTask<NodeStatus> StatusAsync(CancellationToken cancellationToken) =>
        Send(_control, Opcode.Status, [], AnswerCodec.ReadStatus, cancellationToken);

    /// <summary>Breaks all connections; what waits ends with Unreachable, and later calls too.</summary>
    public void Abort()
    {
        foreach (var lane in Lanes()) lane.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        Abort();
        foreach (var lane in Lanes()) await lane.DisposeAsync();
    }

    private IEnumerable<PeerLane> Lanes() => [_appends, _replicates, _control, .. _reads];

    // Not async: the call is queued before this returns, which is the promise of IChunkPeer about order.
    private ValueTask<T> Send<T>(
        PeerLane lane,
        Opcode opcode,
        byte[] fields,
        ReadAnswer<T> read,
        CancellationToken cancellationToken,
        ReadOnlyMemory<byte> payload = default,
        Memory<byte> destination = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<T>(cancellationToken);
        var id = Interlocked.Increment(ref _nextRequest);
        var call = new PendingCall<T>(read)
        {
            Opcode = opcode,
            RequestId = id,
            Head = OutgoingFrame.RequestHead(opcode, id, fields, payload.Length),
            Payload = payload,
            Destination = destination,
        };
        lane.Send(call);
        call.CancelWith(cancellationToken);
        return new ValueTask<T>(call.Result);
    }
}
