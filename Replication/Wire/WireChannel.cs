using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace OrleansDfs.Replication.Wire;

/// <summary>
/// The bytes of one connection: those of the socket, or those inside TLS over it. Whatever breaks it is a <see cref="SocketException"/> or an
/// <see cref="ObjectDisposedException"/>, as with a bare socket. One sender and one receiver at a time.
/// </summary>
public sealed class WireChannel(Socket socket) : IDisposable
{
    private SslStream? _tls;

    public Socket Socket => socket;

    public bool IsEncrypted => _tls is not null;

    /// <summary>The connecting side's TLS handshake, before any frame.</summary>
    /// <exception cref="WireException">The other side is no member.</exception>
    public async Task ConnectTlsAsync(ClusterTls tls, CancellationToken cancellation) =>
        _tls = await ShakeAsync(tls.ConnectAsync(new NetworkStream(socket, ownsSocket: false), ClusterTls.Chunks, cancellation));

    /// <summary>The accepting side's, likewise.</summary>
    /// <exception cref="WireException">The other side is no member.</exception>
    public async Task AcceptTlsAsync(ClusterTls tls, CancellationToken cancellation) =>
        _tls = await ShakeAsync(tls.AcceptAsync(new NetworkStream(socket, ownsSocket: false), ClusterTls.Chunks, cancellation));

    /// <summary>The first byte, without taking it: what the other side speaks. -1: it has ended.</summary>
    public async ValueTask<int> PeekAsync(CancellationToken cancellation)
    {
        var first = new byte[1];
        return await socket.ReceiveAsync(first, SocketFlags.Peek, cancellation) == 0 ? -1 : first[0];
    }

    /// <summary>0: the other side has ended.</summary>
    public ValueTask<int> ReceiveAsync(Memory<byte> destination, CancellationToken cancellation) =>
        _tls is null ? socket.ReceiveAsync(destination, SocketFlags.None, cancellation) : ReceiveEncryptedAsync(_tls, destination, cancellation);

    /// <summary>Sends some of the segments, in order; answers how many bytes went out.</summary>
    public async ValueTask<int> SendAsync(List<ArraySegment<byte>> segments)
    {
        if (_tls is null)
        {
            return segments.Count == 1
                ? await socket.SendAsync(segments[0], SocketFlags.None)
                : await socket.SendAsync(segments, SocketFlags.None);
        }
        await SendEncryptedAsync(_tls, segments[0], CancellationToken.None);
        return segments[0].Count;
    }

    /// <summary>Sends all of it.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (_tls is not null) await SendEncryptedAsync(_tls, bytes, cancellation);
        else
            while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancellation)..];
    }

    /// <summary>Ends what is under way, from any thread. <see cref="Dispose"/> follows when both halves have ended.</summary>
    public void Abort() => socket.Dispose();

    public void Dispose()
    {
        socket.Dispose();
        _tls?.Dispose();
    }

    private static async ValueTask<int> ReceiveEncryptedAsync(SslStream tls, Memory<byte> destination, CancellationToken cancellation)
    {
        try
        {
            return await tls.ReadAsync(destination, cancellation);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            throw Broken(e);
        }
    }

    private static async ValueTask SendEncryptedAsync(SslStream tls, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await tls.WriteAsync(bytes, cancellation);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            throw Broken(e);
        }
    }

    private static async Task<SslStream> ShakeAsync(Task<SslStream> handshake)
    {
        try
        {
            return await handshake;
        }
        catch (AuthenticationException e)
        {
            throw new WireException($"It is no member of this cluster: {e.Message}");
        }
        catch (IOException e)
        {
            throw Broken(e);
        }
    }

    private static SocketException Broken(Exception e) =>
        e.InnerException as SocketException ?? new SocketException((int)SocketError.ConnectionReset);
}
