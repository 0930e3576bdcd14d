using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace OrleansDfs.Conformance.Tests;

/// <summary>
/// One HTTP/1.1 connection on a plain socket: sends exactly the bytes a test wants, which SDKs and HttpClient would normalise, and reads answers by
/// Content-Length or chunks, so that what comes after an answer is seen too.
/// </summary>
public sealed class RawClient : IDisposable
{
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    readonly List<byte> _received = [];

    public static async Task<RawClient> Connect(Uri endpoint)
    {
        var client = new RawClient();
        await client._socket.ConnectAsync(endpoint.Host, endpoint.Port);
        return client;
    }

    public Task Send(string latin1) => Send(Encoding.Latin1.GetBytes(latin1));

    public async Task Send(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[await _socket.SendAsync(bytes)..];
    }

    public void ShutdownSend() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>The next answer.</summary>
    /// <param name="head">The request was a HEAD: no body follows whatever the headers say.</param>
    public async Task<RawResponse> Receive(bool head = false)
    {
        var end = await ReceiveUntil(buffer => Find(buffer, "\r\n\r\n"u8));
        var lines = Encoding.Latin1.GetString(_received.ToArray(), 0, end).Split("\r\n");
        _received.RemoveRange(0, end + 4);
        var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).ToLookup(p => p[0].Trim(), p => p[1].Trim(), StringComparer.OrdinalIgnoreCase);
        byte[] body = [];
        if (!head && status is not (100 or 204 or 304))
            body = headers["Transfer-Encoding"].Any() ? await ReceiveChunks() : await ReceiveBytes(int.Parse(headers["Content-Length"].Single(), CultureInfo.InvariantCulture));
        return new RawResponse(status, headers, body);
    }

    /// <summary>Waits for the server to close; false if it sends more instead.</summary>
    public async Task<bool> IsClosed()
    {
        if (_received.Count > 0) return false;
        try
        {
            return await Fill() == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    async Task<byte[]> ReceiveChunks()
    {
        var body = new List<byte>();
        while (true)
        {
            var end = await ReceiveUntil(buffer => Find(buffer, "\r\n"u8));
            var size = int.Parse(Encoding.ASCII.GetString(_received.ToArray(), 0, end), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            _received.RemoveRange(0, end + 2);
            body.AddRange(await ReceiveBytes(size));
            await ReceiveBytes(2);
            if (size == 0) return [.. body];
        }
    }

    async Task<byte[]> ReceiveBytes(int count)
    {
        await ReceiveUntil(buffer => buffer.Length >= count ? count : -1);
        var bytes = _received.GetRange(0, count).ToArray();
        _received.RemoveRange(0, count);
        return bytes;
    }

    async Task<int> ReceiveUntil(Func<byte[], int> found)
    {
        while (true)
        {
            var at = found([.. _received]);
            if (at >= 0) return at;
            if (await Fill() == 0)
                throw new EndOfStreamException($"The server closed after {_received.Count} bytes: {Encoding.Latin1.GetString([.. _received])}");
        }
    }

    async Task<int> Fill()
    {
        using var deadline = new CancellationTokenSource(_patience);
        var buffer = new byte[64 * 1024];
        var read = await _socket.ReceiveAsync(buffer.AsMemory(), deadline.Token);
        _received.AddRange(buffer.AsSpan(0, read));
        return read;
    }

    static int Find(byte[] buffer, ReadOnlySpan<byte> what) => buffer.AsSpan().IndexOf(what);

    public void Dispose() => _socket.Dispose();
}

public sealed record RawResponse(int Status, ILookup<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The error code in the document, or "".</summary>
    public string Code => Text.Split("<Code>") is [_, var rest, ..] ? rest.Split("</Code>")[0] : "";

    public string? Header(string name) => Headers[name].FirstOrDefault();
}
