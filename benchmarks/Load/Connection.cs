using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace OrleansDfs.Load;

/// <summary>An answer: its status, the bytes of its body, and the body itself where it was asked for.</summary>
readonly record struct Answer(int Status, long Length, string ETag, string Body);

/// <summary>
/// One kept-alive HTTP/1.1 connection that sends one request at a time. A plain socket: an HTTP library costs more than many a server's answer.
/// </summary>
/// <param name="bufferSize">Bytes; a head must fit. Small for connections that are many and idle.</param>
sealed class Connection(Target target, int bufferSize = 256 * 1024) : IDisposable
{
    readonly Signer _signer = new(target);
    readonly byte[] _buffer = new byte[bufferSize];
    Socket? _socket;
    int _start;
    int _end;

    /// <param name="body">Sent after the head, <paramref name="length"/> bytes of it, from the start again where it is shorter.</param>
    /// <param name="keepBody">Answer with the body as text.</param>
    /// <exception cref="IOException">The connection broke; the next call makes another.</exception>
    public async ValueTask<Answer> Send(string method, string path, string query, ReadOnlyMemory<byte> body, long? length, bool keepBody)
    {
        try
        {
            _socket ??= await Connect();
            await SendAll(_signer.Head(method, path, query, length), body, length ?? 0);
            return await Read(method == "HEAD", keepBody);
        }
        catch (Exception e) when (e is SocketException or IOException or FormatException)
        {
            Dispose();
            throw new IOException(e.Message, e);
        }
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
        _start = _end = 0;
    }

    async ValueTask<Socket> Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(target.Host, target.Port);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    async ValueTask SendAll(byte[] head, ReadOnlyMemory<byte> body, long length)
    {
        var first = body[..(int)Math.Min(length, body.Length)];
        if (first.Length is > 0 and <= 64 * 1024)
        {
            // One segment for a small request: a server that must wake twice for it would be measured for our manners.
            var both = new byte[head.Length + first.Length];
            head.CopyTo(both, 0);
            first.CopyTo(both.AsMemory(head.Length));
            await SendBytes(both);
        }
        else
        {
            await SendBytes(head);
            await SendBytes(first);
        }
        for (var left = length - first.Length; left > 0;)
        {
            var slice = body[..(int)Math.Min(left, body.Length)];
            await SendBytes(slice);
            left -= slice.Length;
        }
    }

    async ValueTask SendBytes(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0) bytes = bytes[await _socket!.SendAsync(bytes, SocketFlags.None)..];
    }

    async ValueTask<Answer> Read(bool isHead, bool keepBody)
    {
        int headEnd;
        while ((headEnd = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0) await Fill();
        var head = Encoding.ASCII.GetString(_buffer, _start, headEnd);
        _start += headEnd + 4;
        var status = int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
        var etag = Header(head, "ETag") ?? "";
        var text = keepBody ? new StringBuilder() : null;
        var length = 0L;
        if (!isHead && status is not (204 or 304))
        {
            if (Header(head, "Content-Length") is { } given) length = await Skip(long.Parse(given, CultureInfo.InvariantCulture), text);
            else if (Header(head, "Transfer-Encoding") is not null) length = await SkipChunks(text);
        }
        if (Header(head, "Connection") is { } connection && connection.Equals("close", StringComparison.OrdinalIgnoreCase)) Dispose();
        return new Answer(status, length, etag, text?.ToString() ?? "");
    }

    async ValueTask<long> SkipChunks(StringBuilder? text)
    {
        var total = 0L;
        while (true)
        {
            int lineEnd;
            while ((lineEnd = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0) await Fill();
            var line = Encoding.ASCII.GetString(_buffer, _start, lineEnd);
            var size = long.Parse(line.Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            _start += lineEnd + 2;
            total += await Skip(size, text);
            await Skip(2, null);
            if (size == 0) return total;
        }
    }

    async ValueTask<long> Skip(long count, StringBuilder? text)
    {
        for (var left = count; left > 0;)
        {
            if (_start == _end) await Fill();
            var taken = (int)Math.Min(left, _end - _start);
            text?.Append(Encoding.UTF8.GetString(_buffer, _start, taken));
            _start += taken;
            left -= taken;
        }
        return count;
    }

    async ValueTask Fill()
    {
        if (_start == _end) _start = _end = 0;
        else if (_end == _buffer.Length)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end == _buffer.Length) throw new IOException("The head of an answer is longer than the buffer.");
        var read = await _socket!.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None);
        if (read == 0) throw new IOException("The server closed the connection.");
        _end += read;
    }

    static string? Header(string head, string name)
    {
        var at = head.IndexOf($"\r\n{name}:", StringComparison.OrdinalIgnoreCase);
        if (at < 0) return null;
        var start = at + name.Length + 3;
        var end = head.IndexOf("\r\n", start, StringComparison.Ordinal);
        return (end < 0 ? head[start..] : head[start..end]).Trim();
    }
}
