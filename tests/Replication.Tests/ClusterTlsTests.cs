#pragma warning disable CA5359 // strangers of these tests believe anybody: the members must not
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansDfs.Replication.Tests;

/// <summary>Both sides prove the secret by completing the handshake, and nobody else can (docs/decisions/cluster-security.md).</summary>
public class ClusterTlsTests : IDisposable
{
    private readonly Loopback _loopback = new();
    private readonly ClusterTls _member = new(Secret(1));

    public void Dispose() => _loopback.Dispose();

    [Fact]
    public async Task Members_that_share_nothing_but_the_secret_talk()
    {
        var (client, server) = await ShakeAsync(
            s => new ClusterTls(Secret(1)).ConnectAsync(s, ClusterTls.Chunks, Patience.Token()), s =>
                _member.AcceptAsync(s, ClusterTls.Chunks, Patience.Token()));
        await using var a = client.Stream!;
        await using var b = server.Stream!;
        Assert.Equal(SslProtocols.Tls13, a.SslProtocol);
        await a.WriteAsync("hello"u8.ToArray());
        var bytes = new byte[5];
        await b.ReadExactlyAsync(bytes, Patience.Token());
        Assert.Equal("hello"u8, bytes);
    }

    [Fact]
    public async Task Another_secret_is_refused_by_both_sides()
    {
        var other = new ClusterTls(Secret(2));
        var (client, server) = await ShakeAsync(
            s => other.ConnectAsync(s, ClusterTls.Chunks, Patience.Token()), s => _member.AcceptAsync(s, ClusterTls.Chunks, Patience.Token()));
        Assert.IsType<AuthenticationException>(client.Failure);
        Assert.NotNull(server.Failure);
    }

    /// <summary>The accepting side alone must hold, too: these connecting sides believe anybody.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stranger_with_a_certificate_of_his_own_or_none_is_refused(bool hasCertificate)
    {
        using var own = OwnCertificate();
        var (_, server) = await ShakeAsync(s => TrustingClientAsync(s, hasCertificate ? own : null),
            s => _member.AcceptAsync(s, ClusterTls.Chunks, Patience.Token()));
        Assert.NotNull(server.Failure);
    }

    [Fact]
    public async Task A_server_with_a_certificate_of_its_own_is_refused()
    {
        using var own = OwnCertificate();
        var (client, _) = await ShakeAsync(s => _member.ConnectAsync(s, ClusterTls.Chunks, Patience.Token()), s => TrustingServerAsync(s, own));
        Assert.IsType<AuthenticationException>(client.Failure);
    }

    /// <summary>Who shows the members' certificate, which anybody can fetch, lacks its key.</summary>
    [Fact]
    public async Task The_certificate_without_its_key_is_worth_nothing()
    {
        X509Certificate2? seen = null;
        using var own = OwnCertificate();
        await ShakeAsync(s => TrustingClientAsync(s, own, c => seen = c), s => _member.AcceptAsync(s, ClusterTls.Chunks, Patience.Token()));
        Assert.NotNull(seen);
        Assert.False(seen.HasPrivateKey);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.ThrowsAny<Exception>(() => seen.CopyWithPrivateKey(key)); // nor can another key be put to it
    }

    [Fact]
    public async Task A_connection_diverted_to_a_port_of_another_kind_is_refused()
    {
        var (client, server) = await ShakeAsync(
            s => _member.ConnectAsync(s, ClusterTls.Orleans, Patience.Token()), s => _member.AcceptAsync(s, ClusterTls.Chunks, Patience.Token()));
        Assert.NotNull(client.Failure);
        Assert.NotNull(server.Failure);
    }

    /// <summary>All that a member said on one connection, said again on another by somebody who listened.</summary>
    [Fact]
    public async Task A_replayed_handshake_is_refused()
    {
        using var recorded = new MemoryStream();
        var (client, server) = await ShakeAsync(
            s => _member.ConnectAsync(new RecordingStream(s, recorded), ClusterTls.Chunks, Patience.Token()),
            s => _member.AcceptAsync(s, ClusterTls.Chunks, Patience.Token()));
        await client.Stream!.DisposeAsync();
        await server.Stream!.DisposeAsync();
        Assert.NotEqual(0, recorded.Length);

        var (_, again) = await ShakeAsync(
            async s =>
            {
                await s.WriteAsync(recorded.ToArray());
                _ = await s.ReadAsync(new byte[1], Patience.Token());
                return null!;
            },
            s => _member.AcceptAsync(s, ClusterTls.Chunks, Patience.Token()));
        Assert.NotNull(again.Failure);
    }

    [Fact]
    public async Task Garbage_is_refused()
    {
        var (_, server) = await ShakeAsync(
            async s =>
            {
                await s.WriteAsync(RandomNumberGenerator.GetBytes(4096));
                return null!;
            },
            s => _member.AcceptAsync(s, ClusterTls.Chunks, Patience.Token()));
        Assert.NotNull(server.Failure);
    }

    /// <summary>
    /// Over loopback both sides leave TLS once they are proven; what either says first must reach the other as it is, and not its TLS.
    /// </summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Orleans_connections_that_need_not_be_encrypted_go_on_bare(bool connectorSpeaksFirst)
    {
        var (client, server) = await _loopback.PairAsync();
        await using var a = new NetworkStream(client, ownsSocket: true);
        await using var b = new NetworkStream(server, ownsSocket: true);
        var (first, second) = connectorSpeaksFirst ? (a, b) : (b, a);
        await Task.WhenAll(ConnectAsync(), AcceptAsync()).Within();
        await second.WriteAsync("ho"u8.ToArray());
        Assert.Equal("ho"u8.ToArray(), await SayingAsync(first, 2));

        async Task ConnectAsync()
        {
            Assert.Null(await new ClusterTls(Secret(1)).ConnectOrleansAsync(a, encrypted: false, Patience.Token()));
            await SpeakAsync(a);
        }

        async Task AcceptAsync()
        {
            Assert.Null(await _member.AcceptOrleansAsync(b, encrypted: false, Patience.Token()));
            await SpeakAsync(b);
        }

        async Task SpeakAsync(Stream stream)
        {
            if (stream == first) await stream.WriteAsync("hey"u8.ToArray());
            else Assert.Equal("hey"u8.ToArray(), await SayingAsync(stream, 3));
        }
    }

    private static async Task<byte[]> SayingAsync(Stream stream, int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, Patience.Token());
        return bytes;
    }

    /// <summary>Either side's rule is enough to keep a connection encrypted.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task One_side_that_requires_it_keeps_an_Orleans_connection_encrypted(bool connector, bool acceptor)
    {
        var (client, server) = await ShakeAsync(
            async s => (SslStream)(await _member.ConnectOrleansAsync(s, connector, Patience.Token()))!,
            async s => (SslStream)(await _member.AcceptOrleansAsync(s, acceptor, Patience.Token()))!);
        await using var a = client.Stream!;
        await using var b = server.Stream!;
        Assert.True(a.IsEncrypted && b.IsEncrypted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_secret_is_refused_also_where_the_connection_would_go_on_bare(bool encrypted)
    {
        var other = new ClusterTls(Secret(2));
        var (client, server) = await ShakeAsync(
            async s => (SslStream)(await other.ConnectOrleansAsync(s, encrypted, Patience.Token()))!,
            async s => (SslStream)(await _member.AcceptOrleansAsync(s, encrypted, Patience.Token()))!);
        Assert.NotNull(client.Failure);
        Assert.NotNull(server.Failure);
    }

    [Fact]
    public void Connections_beyond_loopback_are_encrypted_whatever_is_set()
    {
        var automatic = new ClusterIdentity(Guid.NewGuid(), Secret(1));
        var on = new ClusterIdentity(Guid.NewGuid(), Secret(1), ClusterTlsMode.On);
        foreach (var near in new[] { "127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1" }.Select(a => new IPEndPoint(IPAddress.Parse(a), 1)))
        {
            Assert.False(automatic.RequiresTls(near));
            Assert.True(on.RequiresTls(near));
        }
        foreach (var far in new[] { "10.0.0.1", "192.168.1.1", "fe80::1", "::ffff:10.0.0.1", "0.0.0.0" })
            Assert.True(automatic.RequiresTls(new IPEndPoint(IPAddress.Parse(far), 1)));
        Assert.True(automatic.RequiresTls(null));
    }

    private sealed record End(SslStream? Stream, Exception? Failure);

    private async Task<(End Client, End Server)> ShakeAsync(Func<Stream, Task<SslStream>> connect, Func<Stream, Task<SslStream>> accept)
    {
        var (client, server) = await _loopback.PairAsync();
        var accepting = EndAsync(accept, server);
        var connecting = EndAsync(connect, client);
        return (await connecting.Within(), await accepting.Within());
    }

    private static async Task<End> EndAsync(Func<Stream, Task<SslStream>> handshake, Socket socket)
    {
        var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            return new End(await handshake(stream), null);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            await stream.DisposeAsync();
            return new End(null, e);
        }
    }

    private static async Task<SslStream> TrustingClientAsync(Stream transport, X509Certificate2? own, Action<X509Certificate2>? seen = null)
    {
        var stream = new SslStream(transport);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "",
            ClientCertificates = own is null ? null : [own],
            LocalCertificateSelectionCallback = own is null ? null : (_, _, _, _, _) => own,
            ApplicationProtocols = [ClusterTls.Chunks],
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            {
                seen?.Invoke(new X509Certificate2(certificate!));
                return true;
            },
        });
        _ = await stream.ReadAsync(new byte[1], Patience.Token()); // in TLS 1.3 the refusal comes after this side's handshake
        return stream;
    }

    private static async Task<SslStream> TrustingServerAsync(Stream transport, X509Certificate2 own)
    {
        var stream = new SslStream(transport);
        await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = own,
            ApplicationProtocols = [ClusterTls.Chunks],
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        });
        return stream;
    }

    private static X509Certificate2 OwnCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=OrleansDfs cluster member", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue);
    }

    private static byte[] Secret(byte value) => [.. Enumerable.Repeat(value, 32)];

    /// <summary>Notes what is written.</summary>
    private sealed class RecordingStream(Stream inner, MemoryStream recorded) : Stream
    {
        public override bool CanRead => true;
        public override bool CanWrite => true;
        public override bool CanSeek => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            recorded.Write(buffer.Span);
            return inner.WriteAsync(buffer, cancellationToken);
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);
        public override void Flush() => inner.Flush();
        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);
        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
