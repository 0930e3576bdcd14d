using System.Net.Sockets;

namespace OrleansDfs.Replication.Wire;

/// <summary>
/// The receiving half of a connection: asks the socket for 256 KiB at a time, so that many small frames cost one call, and lets large bodies
/// go straight into the memory that wants them. One reader at a time.
/// </summary>
public sealed class FrameReader(WireChannel channel)
{
    /// <summary>What is left of a body is received into its own memory from this size on; below it, one call for the buffer gets the next frames
    /// too.</summary>
    private const int DirectSize = 32 * 1024;

    /// <summary>Enough for the frames of a HELLO: a stranger costs no more.</summary>
    private const int FirstSize = 256;

    private byte[] _buffer = new byte[FirstSize];
    private int _start;
    private int _end;

    /// <summary>Bytes that can be read without the socket.</summary>
    public int Buffered => _end - _start;

    /// <summary>Takes a buffer of another size; what was received stays.</summary>
    public void Resize(int size)
    {
        var buffer = new byte[Math.Max(size, Buffered)];
        _buffer.AsSpan(_start, Buffered).CopyTo(buffer);
        _end -= _start;
        _start = 0;
        _buffer = buffer;
    }

    /// <summary>The next head; null when the other side has ended the connection between two frames.</summary>
    /// <exception cref="WireException">Malformed, or ended inside a head.</exception>
    /// <exception cref="SocketException">The connection broke.</exception>
    public async ValueTask<FrameHead?> ReadHeadAsync(CancellationToken cancellationToken)
    {
        if (_end - _start < FrameHead.Size && !await TryFillAsync(FrameHead.Size, cancellationToken))
        {
            if (_end != _start) throw new WireException("The connection ended inside a frame's head.");
            return null;
        }
        var head = FrameHead.Read(_buffer.AsSpan(_start));
        _start += FrameHead.Size;
        return head;
    }

    /// <summary>The next <paramref name="count"/> bytes; valid until the next call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(int count, CancellationToken cancellationToken)
    {
        if (count > _buffer.Length)
        {
            var large = new byte[count];
            await ReadIntoAsync(large, cancellationToken);
            return large;
        }
        if (_end - _start < count && !await TryFillAsync(count, cancellationToken)) throw Cut();
        var bytes = _buffer.AsMemory(_start, count);
        _start += count;
        return bytes;
    }

    /// <summary>Fills all of <paramref name="destination"/>.</summary>
    public async ValueTask ReadIntoAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        while (true)
        {
            var buffered = Math.Min(_end - _start, destination.Length);
            _buffer.AsSpan(_start, buffered).CopyTo(destination.Span);
            _start += buffered;
            destination = destination[buffered..];
            if (destination.IsEmpty) return;
            if (destination.Length < DirectSize)
            {
                if (!await TryFillAsync(Math.Min(destination.Length, _buffer.Length), cancellationToken)) throw Cut();
                continue;
            }
            var received = await channel.ReceiveAsync(destination, cancellationToken);
            if (received == 0) throw Cut();
            destination = destination[received..];
            if (destination.IsEmpty) return;
        }
    }

    public async ValueTask SkipAsync(int count, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            if (_end == _start && !await TryFillAsync(1, cancellationToken)) throw Cut();
            var skipped = Math.Min(count, _end - _start);
            _start += skipped;
            count -= skipped;
        }
    }

    private async ValueTask<bool> TryFillAsync(int count, CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        while (_end < count)
        {
            var received = await channel.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
            if (received == 0) return false;
            _end += received;
        }
        return true;
    }

    private static WireException Cut() => new("The connection ended inside a frame.");
}
