using System.Net.Security;
using System.Numerics;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansDfs.Replication;

/// <summary>
/// TLS 1.3 among the processes of one cluster. Both sides show a certificate whose key pair is derived from the cluster's secret and accept no other
/// public key:
/// who completes the handshake has signed it with a key that only those can compute who know the secret, in both directions, so a man in the middle
/// has nothing to show to either side. Names, dates and chains of certificates are not looked at. Reasons and limits:
/// docs/decisions/cluster-security.md.
/// </summary>
public sealed class ClusterTls
{
    /// <summary>ALPN of Orleans' silo and gateway ports; a connection diverted to a port of another kind fails.</summary>
    public static readonly SslApplicationProtocol Orleans = new("odfs-orleans/1");

    /// <summary>ALPN of the same ports where both sides leave TLS after the handshake: over loopback, see <see cref="AcceptOrleansAsync"/>.</summary>
    public static readonly SslApplicationProtocol OrleansBare = new("odfs-orleans-bare/1");

    /// <summary>ALPN of the chunk protocol.</summary>
    public static readonly SslApplicationProtocol Chunks = new("odfs-chunk/1");

    /// <summary>First byte of a TLS connection: a record of type handshake.</summary>
    public const byte FirstByte = 0x16;

    // The order n of the group of P-256 (SP 800-186).
    private static readonly BigInteger Order =
        BigInteger.Parse("0ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", System.Globalization.NumberStyles.HexNumber, null);

    private static readonly byte[] Word = [0x01];

    private readonly byte[] _publicKey;
    private readonly SslStreamCertificateContext _certificate;

    public ClusterTls(ReadOnlySpan<byte> secret)
    {
        using var key = DeriveKey(secret);
        _publicKey = key.ExportSubjectPublicKeyInfo();
        _certificate = SslStreamCertificateContext.Create(SelfSigned(key), additionalCertificates: null, offline: true);
    }

    /// <summary>The accepting side.</summary>
    /// <param name="transport">Owned by the result; disposed when the handshake fails.</param>
    /// <exception cref="AuthenticationException">The other side is no member, or speaks no TLS 1.3.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public Task<SslStream> AcceptAsync(Stream transport, SslApplicationProtocol protocol, CancellationToken cancellation) =>
        AcceptAsync(new SslStream(transport), [protocol], cancellation);

    /// <summary>
    /// The accepting side of one of Orleans' connections. Where both sides allow it, TLS only proves who is there, and the bytes after it go as they
    /// are:
    /// sealing them cost a fifth of a small request's processor time.
    /// </summary>
    /// <param name="transport">Stays the caller's.</param>
    /// <param name="encrypted">This side's rule (<see cref="ClusterTlsModes.RequiresTls"/>); the other side cannot talk it out of it.</param>
    /// <returns><c>null</c>: proven, and to be used bare.</returns>
    /// <exception cref="AuthenticationException">The other side is no member, or speaks no TLS 1.3.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<Stream?> AcceptOrleansAsync(Stream transport, bool encrypted, CancellationToken cancellation)
    {
        var stream =
            await AcceptAsync(new SslStream(transport, leaveInnerStreamOpen: true), encrypted ? [Orleans] : [OrleansBare, Orleans], cancellation);
        if (stream.NegotiatedApplicationProtocol == Orleans) return stream;
        // Neither side sends a bare byte while the other may still read TLS, or it would take it for a record: the connecting side waits for this
        // word, and this side for the one byte that answers it.
        await using (stream)
        {
            await stream.WriteAsync(Word, cancellation);
            await transport.ReadExactlyAsync(new byte[Word.Length], cancellation);
        }
        return null;
    }

    private async Task<SslStream> AcceptAsync(SslStream stream, List<SslApplicationProtocol> protocols, CancellationToken cancellation)
    {
        try
        {
            await stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = _certificate,
                    ClientCertificateRequired = true,
                    RemoteCertificateValidationCallback = IsMember,
                    CertificateChainPolicy = NoChain(),
                    EnabledSslProtocols = SslProtocols.Tls13,
                    ApplicationProtocols = protocols,
                    AllowTlsResume = false, // every connection proves the secret anew
                },
                cancellation);
            return RequireProtocol(stream, protocols);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>The connecting side.</summary>
    /// <inheritdoc cref="AcceptAsync(Stream, SslApplicationProtocol, CancellationToken)"/>
    public Task<SslStream> ConnectAsync(Stream transport, SslApplicationProtocol protocol, CancellationToken cancellation) =>
        ConnectAsync(new SslStream(transport), [protocol], cancellation);

    /// <summary>The connecting side of one of Orleans' connections.</summary>
    /// <inheritdoc cref="AcceptOrleansAsync"/>
    public async Task<Stream?> ConnectOrleansAsync(Stream transport, bool encrypted, CancellationToken cancellation)
    {
        var stream =
            await ConnectAsync(new SslStream(transport, leaveInnerStreamOpen: true), encrypted ? [Orleans] : [OrleansBare, Orleans], cancellation);
        if (stream.NegotiatedApplicationProtocol == Orleans) return stream;
        await using (stream)
        {
            await stream.ReadExactlyAsync(new byte[Word.Length], cancellation);
            await transport.WriteAsync(Word, cancellation);
        }
        return null;
    }

    private async Task<SslStream> ConnectAsync(SslStream stream, List<SslApplicationProtocol> protocols, CancellationToken cancellation)
    {
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "", // members have no names; no SNI tells an eavesdropper more
                    ClientCertificateContext = _certificate,
                    RemoteCertificateValidationCallback = IsMember,
                    CertificateChainPolicy = NoChain(),
                    EnabledSslProtocols = SslProtocols.Tls13,
                    ApplicationProtocols = protocols,
                    AllowTlsResume = false,
                },
                cancellation);
            return RequireProtocol(stream, protocols);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    // Without ALPN in one of the hellos TLS goes on without a protocol; that is no member of ours.
    private static SslStream RequireProtocol(SslStream stream, List<SslApplicationProtocol> protocols) =>
        protocols.Contains(stream.NegotiatedApplicationProtocol)
            ? stream
            : throw new AuthenticationException($"The other side does not speak {string.Join(" or ", protocols)}.");

    private bool IsMember(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate is X509Certificate2 shown && shown.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(_publicKey);

    /// <summary>SslStream builds a chain before it asks us; a stranger's certificate must not make it fetch anything from the network.</summary>
    private static X509ChainPolicy NoChain() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
        VerificationFlags = X509VerificationFlags.AllFlags,
    };

    /// <summary>FIPS 186-5, A.2.1: 128 bits more than the order has, so that the remainder is even over all keys.</summary>
    private static ECDsa DeriveKey(ReadOnlySpan<byte> secret)
    {
        Span<byte> wide = stackalloc byte[48];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, wide, salt: [], info: "OrleansDfs cluster TLS P-256 v1"u8);
        var scalar = new BigInteger(wide, isUnsigned: true, isBigEndian: true) % (Order - 1) + 1;
        var d = new byte[32];
        scalar.TryWriteBytes(d.AsSpan(32 - scalar.GetByteCount(isUnsigned: true)), out _, isUnsigned: true, isBigEndian: true);
        return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d });
    }

    private static X509Certificate2 SelfSigned(ECDsa key)
    {
        var request = new CertificateRequest("CN=OrleansDfs cluster member", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")],
            critical: false));
        // Dates that no clock is outside of: membership is the secret, and clocks may jump (RELIABILITY §2).
        var made = request.CreateSelfSigned(
            new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero));
        if (!OperatingSystem.IsWindows()) return made;
        using (made) return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null); // SChannel wants a key that has been stored
    }
}
