using System.Security.Cryptography;
using System.Text;
using OrleansDfs.Silo.Identity;

namespace OrleansDfs.Silo.Tests;

public class SecretVaultTests
{
    private static readonly SecretVault Vault = new("a cluster secret of some length!"u8);

    [Fact]
    public void A_secret_comes_back_and_is_never_wrapped_twice_alike()
    {
        var once = Vault.Wrap("AKEY", "wonderful secret");
        Assert.Equal("wonderful secret", Vault.Unwrap("AKEY", once));
        Assert.NotEqual(once, Vault.Wrap("AKEY", "wonderful secret"));
        Assert.DoesNotContain("wonderful", Encoding.Latin1.GetString(once), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_key_another_cluster_and_an_altered_row_do_not_open()
    {
        var wrapped = Vault.Wrap("AKEY", "secret");
        Assert.ThrowsAny<CryptographicException>(() => Vault.Unwrap("OTHER", wrapped));
        Assert.ThrowsAny<CryptographicException>(() => new SecretVault("another cluster's secret, longer"u8).Unwrap("AKEY", wrapped));
        wrapped[^1] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => Vault.Unwrap("AKEY", wrapped));
        Assert.ThrowsAny<CryptographicException>(() => Vault.Unwrap("AKEY", []));
    }
}
