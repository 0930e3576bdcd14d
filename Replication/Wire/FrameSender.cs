using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace OrleansDfs.Replication.Wire;

/// <summary>
/// The sending half of a connection: frames go out in the order in which they were queued; what waits while a send is under way goes with the next
/// one, small
/// frames copied together, large payloads as vectors of the same call. Invariant: every frame that was accepted gets exactly one
/// <see cref="OutgoingFrame.Sent"/>, unless it
/// declined to be sent, and no memory of a frame is touched after it.
/// </summary>
public sealed class FrameSender
{
    private const int MostFrames = 64;
    private const int MostBytes = 4 * 1024 * 1024;
    private const int CopySize = 16 * 1024;

    private readonly Channel<OutgoingFrame> _queue = Channel.CreateUnbounded<OutgoingFrame>(new UnboundedChannelOptions { SingleReader = true });
    private readonly List<OutgoingFrame> _batch = new(MostFrames);
    private readonly List<ArraySegment<byte>> _segments = new(2 * MostFrames);
    private byte[] _copies = [];
    private int _copied;

    /// <summary>False when the connection has ended; the frame is then untouched.</summary>
    public bool TryEnqueue(OutgoingFrame frame) => _queue.Writer.TryWrite(frame);

    /// <summary>No more frames; what is queued is still sent.</summary>
    public void Complete() => _queue.Writer.TryComplete();

    /// <summary>Sends until <see cref="Complete"/> or the socket breaks.</summary>
    /// <param name="stall">A send that takes longer has its socket closed by this.</param>
    /// <exception cref="SocketException">The connection broke.</exception>
    public async Task RunAsync(WireChannel channel, StallGuard stall)
    {
        _copies = new byte[64 * 1024];
        try
        {
            while (await _queue.Reader.WaitToReadAsync())
            {
                Gather();
                try
                {
                    if (_segments.Count > 0) await SendAsync(channel, stall);
                }
                finally
                {
                    foreach (var frame in _batch) frame.Sent();
                }
            }
        }
        finally
        {
            Drain();
        }
    }

    /// <summary>Gives back what is queued on a connection that never came up or has broken.</summary>
    public void Drain()
    {
        Complete();
        while (_queue.Reader.TryRead(out var frame))
        {
            if (frame.TryBeginSend()) frame.Sent();
        }
    }

    private void Gather()
    {
        _batch.Clear();
        _segments.Clear();
        _copied = 0;
        var bytes = 0;
        while (_batch.Count < MostFrames && bytes < MostBytes && _queue.Reader.TryPeek(out var next))
        {
            if (!Fits(next)) break;
            _queue.Reader.TryRead(out _);
            if (!next.TryBeginSend()) continue;
            _batch.Add(next);
            bytes += next.Size;
            Copy(next.Head);
            if (next.Payload.Length == 0) continue;
            if (next.Payload.Length <= CopySize) Copy(next.Payload.Span);
            else _segments.Add(SegmentOf(next.Payload));
        }
    }

    private bool Fits(OutgoingFrame frame) =>
        _batch.Count == 0 || frame.Head.Length + (frame.Payload.Length <= CopySize ? frame.Payload.Length : 0) <= _copies.Length - _copied;

    private void Copy(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _copies.Length - _copied)
        {
            // A control message larger than the buffer; only as the first of a batch.
            _segments.Add(bytes.ToArray());
            return;
        }
        bytes.CopyTo(_copies.AsSpan(_copied));
        if (_segments.Count > 0 && _segments[^1] is var last && last.Array == _copies && last.Offset + last.Count == _copied)
            _segments[^1] = new ArraySegment<byte>(_copies, last.Offset, last.Count + bytes.Length);
        else
            _segments.Add(new ArraySegment<byte>(_copies, _copied, bytes.Length));
        _copied += bytes.Length;
    }

    // Memory that is no array (native) cannot be sent as a vector; it is rare enough to be copied.
    private static ArraySegment<byte> SegmentOf(ReadOnlyMemory<byte> memory) =>
        MemoryMarshal.TryGetArray(memory, out var segment) ? segment : memory.ToArray();

    private async ValueTask SendAsync(WireChannel channel, StallGuard stall)
    {
        while (_segments.Count > 0)
        {
            var sending = channel.SendAsync(_segments);
            int sent;
            if (sending.IsCompleted)
            {
                sent = await sending;
            }
            else
            {
                using (stall.Watch()) sent = await sending;
            }
            Advance(sent);
        }
    }

    private void Advance(int sent)
    {
        var whole = 0;
        while (whole < _segments.Count && sent >= _segments[whole].Count) sent -= _segments[whole++].Count;
        _segments.RemoveRange(0, whole);
        if (sent > 0) _segments[0] = _segments[0][sent..];
    }
}
