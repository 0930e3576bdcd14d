using System.Net.Sockets;
using OrleansDfs.Replication.Wire;

namespace OrleansDfs.Replication;

/// <summary>
/// One connection to a storage node: connects, says HELLO, then sends requests in the order in which they were queued and hands out answers by
/// request id.
/// It is used once: when it breaks, everything that waits ends at once with Unreachable (or with what the HELLO showed), and its lane makes another.
/// </summary>
internal sealed class ChunkConnection : IDisposable
{
    private readonly NodeAddress _address;
    private readonly ClusterIdentity _cluster;
    private readonly ChunkPeerOptions _options;
    private readonly TimeProvider _time;
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly WireChannel _channel;
    private readonly FrameSender _sender = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, PendingCall> _waiting = [];
    private bool _closed;

    public ChunkConnection(NodeAddress address, ClusterIdentity cluster, ChunkPeerOptions options, TimeProvider time)
    {
        _address = address;
        _cluster = cluster;
        _options = options;
        _time = time;
        _channel = new WireChannel(_socket);
        _socket.NoDelay = true;
        _socket.SendBufferSize = options.SocketBufferSize;
        _socket.ReceiveBufferSize = options.SocketBufferSize;
        _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        _socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 10);
        _socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 3);
        _socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }

    /// <summary>The HELLO went well at some time; tells a node that has gone away from one that cannot be reached.</summary>
    public bool WasReady { get; private set; }

    /// <summary>What calls end with once it has ended.</summary>
    public ChunkStatus Failure { get; private set; } = ChunkStatus.Unreachable;

    /// <summary>False when the connection has ended; the call is then untouched. Fixes the order of sending.</summary>
    public bool TrySend(PendingCall call)
    {
        lock (_gate)
        {
            if (_closed) return false;
            call.Forget = Forget;
            _waiting.Add(call.RequestId, call);
            if (_sender.TryEnqueue(call)) return true;
            _waiting.Remove(call.RequestId);
            return false;
        }
    }

    /// <summary>Closes the socket; <see cref="RunAsync"/> then ends.</summary>
    public void Dispose() => _channel.Abort();

    /// <summary>The life of the connection. Whatever ends it, nothing is left waiting.</summary>
    public async Task RunAsync()
    {
        var status = ChunkStatus.Unreachable;
        try
        {
            var reader = new FrameReader(_channel);
            status = await ConnectAsync(reader);
            if (status != ChunkStatus.Ok) return;
            status = ChunkStatus.Unreachable;
            WasReady = true;
            reader.Resize(_options.ReceiveBufferSize);
            await ExchangeAsync(reader);
        }
        finally
        {
            Close(status);
        }
    }

    private async Task<ChunkStatus> ConnectAsync(FrameReader reader)
    {
        using var deadline = new CancellationTokenSource(_options.ConnectTimeout, _time);
        try
        {
            await _socket.ConnectAsync(_address.Host, _address.Port, deadline.Token);
            if (_cluster.RequiresTls(_socket.RemoteEndPoint)) await _channel.ConnectTlsAsync(_cluster.Tls, deadline.Token);
            return await Handshake.ConnectAsync(_channel, reader, _cluster, _address, Handshake.MinVersion, Handshake.MaxVersion, deadline.Token);
        }
        catch (Exception e) when (IsBroken(e) || e is OperationCanceledException)
        {
            return ChunkStatus.Unreachable;
        }
        catch (WireException)
        {
            return ChunkStatus.Refused;
        }
    }

    private async Task ExchangeAsync(FrameReader reader)
    {
        using var sendStall = new StallGuard(_time, _options.StallTimeout, Dispose);
        using var receiveStall = new StallGuard(_time, _options.StallTimeout, Dispose);
        var sending = EndQuietlyAsync(_sender.RunAsync(_channel, sendStall));
        var receiving = EndQuietlyAsync(ReceiveAsync(reader, receiveStall));
        await Task.WhenAny(sending, receiving);
        Dispose();
        _sender.Complete();
        // Both halves have ended before anything that waits is told: only then is its memory untouched.
        await Task.WhenAll(sending, receiving);
    }

    private async Task ReceiveAsync(FrameReader reader, StallGuard stall)
    {
        while (await reader.ReadHeadAsync(CancellationToken.None) is { } head)
        {
            if (!head.IsAnswer || head.Length < FrameHead.AnswerPrefixSize) throw new WireException("Not an answer.");
            if (reader.Buffered >= head.Length)
            {
                await ReceiveAnswerAsync(reader, head);
                continue;
            }
            using (stall.Watch()) await ReceiveAnswerAsync(reader, head);
        }
    }

    private async Task ReceiveAnswerAsync(FrameReader reader, FrameHead head)
    {
        var status = (ChunkStatus)System.Buffers.Binary.BinaryPrimitives.ReadUInt16LittleEndian((await reader.ReadAsync(FrameHead.AnswerPrefixSize,
            CancellationToken.None)).Span);
        var length = head.Length - FrameHead.AnswerPrefixSize;
        PendingCall? call;
        lock (_gate) _waiting.TryGetValue(head.RequestId, out call);
        if (call is null || !call.TryBeginReceive())
        {
            await reader.SkipAsync(length, CancellationToken.None);
            return;
        }
        if (call.Opcode != head.Opcode) throw new WireException($"{head.Opcode} answers {call.Opcode}.");
        if (head.Opcode == Opcode.Read && status == ChunkStatus.Ok)
        {
            if (length != call.Destination.Length) throw new WireException($"A read of {call.Destination.Length} bytes is answered with {length}.");
            await reader.ReadIntoAsync(call.Destination, CancellationToken.None);
            call.Answer(status, []);
            return;
        }
        call.Answer(status, (await reader.ReadAsync(length, CancellationToken.None)).Span);
    }

    private void Close(ChunkStatus status)
    {
        _channel.Dispose();
        _sender.Drain();
        PendingCall[] left;
        lock (_gate)
        {
            _closed = true;
            Failure = status;
            left = [.. _waiting.Values];
        }
        foreach (var call in left) call.Break(status);
    }

    private void Forget(PendingCall call)
    {
        lock (_gate) _waiting.Remove(call.RequestId);
    }

    private static bool IsBroken(Exception e) => e is SocketException or ObjectDisposedException;

    /// <summary>However it ends, the connection is over; what waits learns it from <see cref="Close"/>.</summary>
    private static async Task EndQuietlyAsync(Task half)
    {
        try
        {
            await half;
        }
        catch (Exception e) when (IsBroken(e) || e is WireException or OperationCanceledException)
        {
            // The connection's end is the report.
            return;
        }
    }
}
