using System.Net.Sockets;
using OrleansDfs.Model;
using OrleansDfs.Replication;
using OrleansDfs.Replication.Wire;

namespace OrleansDfs.Node;

/// <summary>
/// One connection from a writer, a reader, another node or a coordinator. Requests are taken in order of arrival, and appends are handed to the node
/// in
/// that order before the next frame is read; answers go out as they are ready. Invariant: whatever the other side sends, the worst is the end of
/// this connection.
/// </summary>
internal sealed class EndpointConnection : IDisposable
{
    private readonly WireChannel _channel;
    private readonly StorageNode _node;
    private readonly ChunkEndpointOptions _options;
    private readonly TimeProvider _time;
    private readonly FrameReader _reader;
    private readonly FrameSender _sender = new();
    private readonly InFlightGate _inFlight;
    private readonly CancellationTokenSource _stopReading = new();
    private readonly CancellationTokenSource _gone = new();
    private readonly Action<Exception> _fault;
    private int? _admitted;

    public EndpointConnection(Socket socket, StorageNode node, ChunkEndpointOptions options, TimeProvider time, Action<Exception> fault)
    {
        _channel = new WireChannel(socket);
        _node = node;
        _options = options;
        _time = time;
        _fault = fault;
        _reader = new FrameReader(_channel);
        _inFlight = new InFlightGate(options.MaxRequestsInFlight, options.MaxBytesInFlight);
        socket.NoDelay = true;
        socket.SendBufferSize = options.SocketBufferSize;
        socket.ReceiveBufferSize = options.SocketBufferSize;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 3);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }

    /// <summary>Null when the other side is a member; else why not.</summary>
    public async Task<string?> HandshakeAsync(ClusterIdentity cluster)
    {
        using var late = new CancellationTokenSource(_options.HandshakeTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _stopReading.Token);
        try
        {
            if (await EncryptAsync(cluster, either.Token) is { } plain) return plain;
            var refusal = await Handshake.AcceptAsync(_channel, _reader, cluster, _node.Address.Node, _node.Address.Incarnation, either.Token);
            // Only a member is worth a large buffer.
            if (refusal is null) _reader.Resize(_options.ReceiveBufferSize);
            return refusal;
        }
        catch (WireException e)
        {
            return e.Message;
        }
        catch (OperationCanceledException)
        {
            return "its HELLO did not come in time";
        }
    }

    /// <summary>Serves until the other side goes, errs, or <see cref="StopAsync"/>.</summary>
    public async Task ServeAsync()
    {
        using var sendStall = new StallGuard(_time, _options.StallTimeout, Abort);
        using var receiveStall = new StallGuard(_time, _options.StallTimeout, Abort);
        var sending = _sender.RunAsync(_channel, sendStall);
        try
        {
            await ReceiveAsync(receiveStall);
            // The other side has ended, or we stop: what is in work is still answered.
            using var patience = new CancellationTokenSource(_options.StopTimeout, _time);
            await _inFlight.DrainedAsync(patience.Token);
        }
        catch
        {
            Abort();
            throw;
        }
        finally
        {
            await _gone.CancelAsync();
            _sender.Complete();
            await sending;
        }
    }

    /// <summary>Reads no further request; <see cref="ServeAsync"/> then ends by itself.</summary>
    public void Stop() => _stopReading.Cancel();

    public void Abort() => _channel.Abort();

    // The two sources stay: without timers they hold nothing, and a stop or a late answer may come just now.
    public void Dispose() => _channel.Dispose();

    /// <summary>TLS where the other side begins with it; null unless it had to and did not.</summary>
    private async Task<string?> EncryptAsync(ClusterIdentity cluster, CancellationToken cancellation)
    {
        if (await _channel.PeekAsync(cancellation) == ClusterTls.FirstByte) await _channel.AcceptTlsAsync(cluster.Tls, cancellation);
        return _channel.IsEncrypted
            || !cluster.RequiresTls(_channel.Socket.RemoteEndPoint) ? null : "it does not begin with TLS, which is required of it";
    }

    private async Task ReceiveAsync(StallGuard stall)
    {
        try
        {
            while (await _reader.ReadHeadAsync(_stopReading.Token) is { } head)
            {
                if (head.IsAnswer) throw new WireException("An answer where a request was due.");
                await TakeAsync(head, stall);
            }
        }
        catch (OperationCanceledException) when (_stopReading.IsCancellationRequested)
        {
            // Asked to stop between two frames or while waiting for room.
            return;
        }
        finally
        {
            if (_admitted is { } bytes) _inFlight.Leave(bytes);
        }
    }

    private async ValueTask AdmitAsync(int bytes)
    {
        await _inFlight.EnterAsync(bytes, _stopReading.Token);
        _admitted = bytes;
    }

    /// <summary>From here on the answer gives the room back.</summary>
    private void HandOver() => _admitted = null;

    private ValueTask TakeAsync(FrameHead head, StallGuard stall) => head.Opcode switch
    {
        Opcode.Append => TakeAppendAsync(head, stall),
        Opcode.Replicate => TakeReplicateAsync(head, stall),
        Opcode.Read => TakeReadAsync(head, stall),
        >= Opcode.Create and <= Opcode.Status => TakeControlAsync(head, stall),
        _ => throw new WireException($"Unknown opcode {(int)head.Opcode}."),
    };

    private async ValueTask TakeAppendAsync(FrameHead head, StallGuard stall)
    {
        var length = RecordLength(head, RequestCodec.AppendFieldsSize);
        await AdmitAsync(head.Length);
        var request = RequestCodec.ReadAppend((await ReadAsync(RequestCodec.AppendFieldsSize, stall)).Span);
        var record = await _node.AppendBuffers.RentAsync(length, _stopReading.Token);
        await FillAsync(record, stall);
        _ = AnswerAsync(head, _node.AppendAsync(request, record),
            static r => r.Status, static r => r.Status == ChunkStatus.Ok ? AnswerCodec.Append(r) : []);
    }

    private async ValueTask TakeReplicateAsync(FrameHead head, StallGuard stall)
    {
        var length = RecordLength(head, RequestCodec.ReplicateFieldsSize);
        await AdmitAsync(head.Length);
        var request = RequestCodec.ReadReplicate((await ReadAsync(RequestCodec.ReplicateFieldsSize, stall)).Span);
        var record = await _node.ReplicateBuffers.RentAsync(length, _stopReading.Token);
        await FillAsync(record, stall);
        _ = AnswerAsync(head, ReplicateAsync(request, record), static s => s, static _ => []);
    }

    private async ValueTask<ChunkStatus> ReplicateAsync(ReplicateRequest request, RecordBuffer record)
    {
        // The first, synchronous part of the call fixes the order; the buffer stays the store's until the end (P6).
        using (record) return await _node.ReplicateAsync(request, record.Record, CancellationToken.None);
    }

    private async ValueTask TakeReadAsync(FrameHead head, StallGuard stall)
    {
        var request = RequestCodec.ReadRead((await ReadAsync(head.Length, stall)).Span);
        if (request.Length is <= 0 or > RecordLayout.MaxRecordSize) throw new WireException($"A read of {request.Length} bytes.");
        await AdmitAsync(request.Length);
        var buffer = await _node.ReadBuffers.RentAsync(request.Length, _stopReading.Token);
        _ = AnswerReadAsync(head, request, buffer);
    }

    private async ValueTask TakeControlAsync(FrameHead head, StallGuard stall)
    {
        await AdmitAsync(head.Length);
        var body = await ReadAsync(head.Length, stall);
        switch (head.Opcode)
        {
            case Opcode.Create:
                _ = AnswerAsync(head, _node.CreateAsync(RequestCodec.ReadCreate(body.Span), _gone.Token), static s => s, static _ => []);
                break;
            case Opcode.Close:
                _ = AnswerAsync(head, _node.CloseAsync(RequestCodec.ReadFile(body.Span), _gone.Token),
                    static r => r.Status, static r => AnswerCodec.Number(r.Length));
                break;
            case Opcode.Truncate:
                var truncate = RequestCodec.ReadFileLength(body.Span);
                _ = AnswerAsync(head, _node.TruncateAsync(truncate.File, truncate.Length, _gone.Token), static s => s, static _ => []);
                break;
            case Opcode.Delete:
                _ = AnswerAsync(head, _node.DeleteAsync(RequestCodec.ReadFile(body.Span), _gone.Token), static s => s, static _ => []);
                break;
            case Opcode.Copy:
                _ = AnswerAsync(head, _node.CopyAsync(RequestCodec.ReadCopy(body.Span), _gone.Token), static r => r.Status, AnswerCodec.Copy);
                break;
            case Opcode.Verify:
                var verify = RequestCodec.ReadFileLength(body.Span);
                _ = AnswerAsync(head, _node.VerifyAsync(verify.File, verify.Length, _gone.Token),
                    static r => r.Status, static r => AnswerCodec.Number(r.BadOffset));
                break;
            case Opcode.Inventory:
                _ = AnswerAsync(head, _node.InventoryAsync(RequestCodec.ReadFile(body.Span), _gone.Token),
                    static p => p.Status, AnswerCodec.Inventory);
                break;
            case Opcode.Status when body.IsEmpty:
                _ = AnswerAsync(head, _node.StatusAsync(_gone.Token), static s => s.Status, AnswerCodec.Status);
                break;
            default:
                throw new WireException($"A malformed {head.Opcode}.");
        }
    }

    private async Task AnswerAsync<T>(FrameHead head, ValueTask<T> work, Func<T, ChunkStatus> status, Func<T, byte[]> fields)
    {
        HandOver();
        try
        {
            var result = await work;
            Send(head, status(result), fields(result), head.Length, null);
        }
        catch (Exception e)
        {
            Faulted(e, head.Length);
        }
    }

    private async Task AnswerReadAsync(FrameHead head, ReadRequest request, RecordBuffer buffer)
    {
        HandOver();
        try
        {
            var status = await _node.ReadAsync(request.File, request.Offset, buffer.Record, _gone.Token);
            Send(head, status, [], request.Length, buffer);
        }
        catch (Exception e)
        {
            buffer.Dispose();
            Faulted(e, request.Length);
        }
    }

    private void Send(FrameHead head, ChunkStatus status, byte[] fields, int bytes, RecordBuffer? buffer)
    {
        ReadOnlyMemory<byte> payload = buffer is not null && status == ChunkStatus.Ok ? buffer.Record : default;
        var frame = new AnswerFrame(_inFlight, bytes, buffer)
        {
            Head = OutgoingFrame.AnswerHead(head.Opcode, head.RequestId, status, fields, payload.Length),
            Payload = payload,
        };
        if (!_sender.TryEnqueue(frame)) frame.Sent();
    }

    /// <summary>A bug, or the node's end under a request: the connection ends, so that the other side does not wait for an answer; the process goes
    /// on.</summary>
    private void Faulted(Exception e, int bytes)
    {
        _inFlight.Leave(bytes);
        if (e is not (OperationCanceledException or ObjectDisposedException)) _fault(e);
        Abort();
    }

    private static int RecordLength(FrameHead head, int fields)
    {
        var length = head.Length - fields;
        return length is >= RecordLayout.FixedHeaderSize and <= RecordLayout.MaxRecordSize
            ? length : throw new WireException($"A record of {length} bytes.");
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadAsync(int count, StallGuard stall)
    {
        if (_reader.Buffered >= count) return await _reader.ReadAsync(count, CancellationToken.None);
        using (stall.Watch()) return await _reader.ReadAsync(count, CancellationToken.None);
    }

    private async ValueTask FillAsync(RecordBuffer record, StallGuard stall)
    {
        try
        {
            if (_reader.Buffered >= record.Length)
            {
                await _reader.ReadIntoAsync(record.Record, CancellationToken.None);
                return;
            }
            using (stall.Watch()) await _reader.ReadIntoAsync(record.Record, CancellationToken.None);
        }
        catch
        {
            record.Dispose();
            throw;
        }
    }
}
