using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace OrleansDfs.Conformance.Tests;

/// <summary>
/// One HTTP/1.1 connection on a plain socket, or on TLS: sends exactly the bytes a test wants, which SDKs and HttpClient would normalise, and reads
/// answers by Content-Length or chunks, so that what comes after an answer is seen too.
/// </summary>
public sealed class RawClient : IDisposable
{
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    Stream _stream = Stream.Null;
    byte[] _buffer = new byte[64 * 1024];
    int _start;
    int _end;

    /// <param name="authority">Whom to trust on HTTPS.</param>
    public static async Task<RawClient> Connect(Uri endpoint, X509Certificate2? authority = null)
    {
        var client = new RawClient();
        await client._socket.ConnectAsync(endpoint.Host, endpoint.Port);
        client._stream = new NetworkStream(client._socket, ownsSocket: true);
        if (endpoint.Scheme == Uri.UriSchemeHttps)
        {
            var tls = new SslStream(client._stream);
            client._stream = tls;
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = endpoint.Host,
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { authority! },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
                ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            });
            Assert.Equal(SslApplicationProtocol.Http11, tls.NegotiatedApplicationProtocol);
        }
        return client;
    }

    public Task Send(string latin1) => Send(Encoding.Latin1.GetBytes(latin1));

    public async Task Send(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes);

    public void ShutdownSend() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>The next answer.</summary>
    /// <param name="head">The request was a HEAD: no body follows whatever the headers say.</param>
    public async Task<RawResponse> Receive(bool head = false)
    {
        var lines = (await ReceiveLine("\r\n\r\n")).Split("\r\n");
        var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).ToLookup(p => p[0].Trim(), p => p[1].Trim(), StringComparer.OrdinalIgnoreCase);
        byte[] body = [];
        if (!head && status is not (100 or 204 or 304))
            body = headers["Transfer-Encoding"].Any() ? await ReceiveChunks()
                : await ReceiveBytes(int.Parse(headers["Content-Length"].Single(), CultureInfo.InvariantCulture));
        return new RawResponse(status, headers, body);
    }

    /// <summary>Waits for the server to close; false if it sends more instead.</summary>
    public async Task<bool> IsClosed()
    {
        if (_end > _start) return false;
        try
        {
            return await Fill() == 0;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return true;
        }
    }

    async Task<byte[]> ReceiveChunks()
    {
        var body = new List<byte>();
        while (true)
        {
            var size = int.Parse(await ReceiveLine("\r\n"), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            body.AddRange(await ReceiveBytes(size));
            await ReceiveBytes(2);
            if (size == 0) return [.. body];
        }
    }

    async Task<byte[]> ReceiveBytes(int count)
    {
        while (_end - _start < count) await FillOrThrow();
        return Take(count);
    }

    /// <summary>What comes before <paramref name="mark"/>; the mark is taken too.</summary>
    async Task<string> ReceiveLine(string mark)
    {
        var bytes = Encoding.ASCII.GetBytes(mark);
        while (true)
        {
            var at = _buffer.AsSpan(_start, _end - _start).IndexOf(bytes);
            if (at >= 0) return Encoding.Latin1.GetString(Take(at + bytes.Length), 0, at);
            await FillOrThrow();
        }
    }

    byte[] Take(int count)
    {
        var bytes = _buffer.AsSpan(_start, count).ToArray();
        _start += count;
        return bytes;
    }

    async Task FillOrThrow()
    {
        if (await Fill() > 0) return;
        throw new EndOfStreamException($"The server closed after: {Encoding.Latin1.GetString(_buffer, _start, Math.Min(_end - _start, 1000))}");
    }

    async Task<int> Fill()
    {
        if (_start == _end) _start = _end = 0;
        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        using var deadline = new CancellationTokenSource(_patience);
        var read = await _stream.ReadAsync(_buffer.AsMemory(_end), deadline.Token);
        _end += read;
        return read;
    }

    public void Dispose() => _stream.Dispose();
}

public sealed record RawResponse(int Status, ILookup<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The error code in the document, or "".</summary>
    public string Code => Text.Split("<Code>") is [_, var rest, ..] ? rest.Split("</Code>")[0] : "";

    public string? Header(string name) => Headers[name].FirstOrDefault();
}
