using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using OrleansDfs.AppHost.Setup;

namespace OrleansDfs.AppHost.Tests;

public class DevelopmentCertificateTests
{
    static readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public void It_is_made_once_kept_and_renewed_in_its_last_month_under_the_same_authority()
    {
        using var temporary = new TemporaryFolder();
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var (authority, certificate) = Read(DevelopmentCertificate.Load(temporary.Path, [], time));
        time.Advance(TimeSpan.FromDays(360));
        Assert.Equal((authority, certificate), Read(DevelopmentCertificate.Load(temporary.Path, [], time)));
        time.Advance(TimeSpan.FromDays(10));
        var renewed = Read(DevelopmentCertificate.Load(temporary.Path, [], time));
        Assert.Equal(authority, renewed.Authority);
        Assert.NotEqual(certificate, renewed.Certificate);
    }

    [Fact]
    public void It_is_for_this_machine_and_the_domains_and_their_buckets()
    {
        using var temporary = new TemporaryFolder();
        DevelopmentCertificate.Load(temporary.Path, [], _time);
        var files = DevelopmentCertificate.Load(temporary.Path, ["s3.example.test"], _time); // new names: made anew
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(files.Certificate);
        foreach (var name in new[] { "localhost", "127.0.0.1", "s3.example.test", "bucket.s3.example.test" })
            Assert.True(certificate.MatchesHostname(name), name);
        Assert.False(certificate.MatchesHostname("example.test"));
        using var chain = new X509Chain();
        using var authority = X509CertificateLoader.LoadCertificateFromFile(files.Authority);
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        Assert.True(chain.Build(certificate));
    }

    [Fact]
    public void A_damaged_or_mismatched_pair_is_made_anew()
    {
        using var temporary = new TemporaryFolder();
        var files = DevelopmentCertificate.Load(temporary.Path, [], _time);
        File.WriteAllText(files.Key, "half a ke");
        DevelopmentCertificate.Load(temporary.Path, [], _time);
        using (X509Certificate2.CreateFromPemFile(files.Certificate, files.Key))
        {
        }
        File.Copy(Path.Combine(temporary.Path, "ca.key"), files.Key, overwrite: true);
        DevelopmentCertificate.Load(temporary.Path, [], _time);
        using var whole = X509Certificate2.CreateFromPemFile(files.Certificate, files.Key);
        Assert.True(whole.HasPrivateKey);
    }

    [SkippableFact]
    public void Keys_are_their_owners_alone()
    {
        Skip.If(OperatingSystem.IsWindows());
        using var temporary = new TemporaryFolder();
        var files = DevelopmentCertificate.Load(temporary.Path, [], _time);
#pragma warning disable CA1416 // skipped on Windows above
        foreach (var file in new[] { files.Key, Path.Combine(temporary.Path, "ca.key") })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
#pragma warning restore CA1416
    }

    static (string Authority, string Certificate) Read(DevelopmentCertificate files) =>
        (File.ReadAllText(files.Authority), File.ReadAllText(files.Certificate));
}
