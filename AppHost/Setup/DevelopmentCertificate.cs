using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansDfs.AppHost.Setup;

/// <summary>
/// A certificate for the gateway's HTTPS port, for this machine only: a small authority of its own (<c>https/ca.crt</c>, what clients are told to
/// trust, ten years) and the gateway's certificate under it, renewed at a start within its last month or when its names change. All files have mode
/// 0600.
/// </summary>
/// <param name="Authority">PEM file for <c>AWS_CA_BUNDLE</c> and the like.</param>
/// <param name="Certificate">PEM file for Kestrel.</param>
/// <param name="Key">PEM file for Kestrel.</param>
public sealed record DevelopmentCertificate(string Authority, string Certificate, string Key)
{
    static readonly TimeSpan _renewBefore = TimeSpan.FromDays(30);
    static readonly TimeSpan _life = TimeSpan.FromDays(397); // the longest that browsers take
    static readonly TimeSpan _authorityLife = TimeSpan.FromDays(3650);

    /// <summary>The kept certificate, or a new one where there is none that will do.</summary>
    /// <param name="folder">Made if missing.</param>
    /// <param name="domains">Further names; each with its subdomains, which are buckets.</param>
    public static DevelopmentCertificate Load(string folder, IEnumerable<string> domains, TimeProvider time)
    {
        Directory.CreateDirectory(folder);
        var files = new DevelopmentCertificate(
            Path.Combine(folder, "ca.crt"), Path.Combine(folder, "gateway.crt"), Path.Combine(folder, "gateway.key"));
        var authorityKey = Path.Combine(folder, "ca.key");
        string[] names = ["localhost", .. domains.SelectMany(domain => new[] { domain, "*." + domain })];
        var now = time.GetUtcNow();

        var kept = TryLoad(files.Authority, authorityKey, now + _life);
        using var authority = kept ?? MakeAuthority(now);
        if (kept is null) Write(authority, files.Authority, authorityKey);
        using var certificate = TryLoad(files.Certificate, files.Key, now + _renewBefore);
        if (certificate is null || certificate.Issuer != authority.Subject
            || !names.All(name => certificate.MatchesHostname(name.Replace("*.", "any."))))
        {
            using var made = Make(authority, names, now);
            Write(made, files.Certificate, files.Key);
        }
        return files;
    }

    /// <summary>The pair if it is there, whole, and valid until then.</summary>
    static X509Certificate2? TryLoad(string file, string keyFile, DateTimeOffset until)
    {
        if (!File.Exists(file) || !File.Exists(keyFile)) return null;
        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(file, keyFile); // throws where key and certificate do not belong together
            if (certificate.NotAfter.ToUniversalTime() > until) return certificate;
            certificate.Dispose();
            return null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null; // half written or damaged: nothing is lost by making it anew
        }
    }

    static X509Certificate2 MakeAuthority(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // A name of its own each time: clients that know an older one must not take it for this.
        var name = $"CN=OrleansDfs development {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(now.AddDays(-1), now + _authorityLife);
    }

    static X509Certificate2 Make(X509Certificate2 authority, string[] names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "serverAuth")], false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names) alternatives.AddDnsName(name);
        alternatives.AddIpAddress(IPAddress.Loopback);
        alternatives.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(alternatives.Build());
        using var certificate = request.Create(authority, now.AddDays(-1), now + _life, RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }

    static void Write(X509Certificate2 certificate, string file, string keyFile)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        PrivateFile.Write(keyFile, key.ExportPkcs8PrivateKeyPem() + "\n");
        PrivateFile.Write(file, certificate.ExportCertificatePem() + "\n");
    }
}
