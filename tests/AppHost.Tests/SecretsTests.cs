using OrleansDfs.AppHost.Setup;

namespace OrleansDfs.AppHost.Tests;

public class SecretsTests
{
    static readonly Dictionary<string, string> _nothing = [];

    [Fact]
    public void A_root_key_is_drawn_once_and_kept()
    {
        using var temporary = new TemporaryFolder();
        using var data = DataFolder.Take(temporary.Path);
        var first = Secrets.Load(data, _nothing);
        Assert.Matches("^[A-Z0-9]{20}$", first.RootAccessKey);
        Assert.Matches("^[A-Za-z0-9]{40}$", first.RootSecretKey);
        Assert.Equal(first, Secrets.Load(data, _nothing));
        Assert.NotEqual(first.RootSecretKey, File.ReadAllText(first.ClusterSecretFile).Trim());
    }

    [SkippableFact]
    public void Secret_files_are_their_owners_alone_also_after_somebody_widened_them()
    {
        Skip.If(OperatingSystem.IsWindows());
        using var temporary = new TemporaryFolder();
        using var data = DataFolder.Take(temporary.Path);
        Secrets.Load(data, _nothing);
        string[] files = [data.Combine("root.env"), data.Combine("cluster.secret")];
#pragma warning disable CA1416 // skipped on Windows above
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        File.SetUnixFileMode(files[0], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Secrets.Load(data, _nothing);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(files[0]));
#pragma warning restore CA1416
    }

    [Fact]
    public void The_environment_gives_the_root_key_and_is_not_kept()
    {
        using var temporary = new TemporaryFolder();
        using var data = DataFolder.Take(temporary.Path);
        var given = new Dictionary<string, string> { ["ORLEANSDFS_ACCESS_KEY"] = "admin", ["ORLEANSDFS_SECRET_KEY"] = "swordfish" };
        var secrets = Secrets.Load(data, given);
        Assert.Equal(("admin", "swordfish"), (secrets.RootAccessKey, secrets.RootSecretKey));
        Assert.False(File.Exists(data.Combine("root.env")));
    }

    [Theory]
    [InlineData("admin", null, "belong together")]
    [InlineData(null, "swordfish", "belong together")]
    [InlineData("ad", "swordfish", "access key")]
    [InlineData("ad min", "swordfish", "access key")]
    [InlineData("admin", "short", "secret key")]
    [InlineData("admin", "sword fish", "secret key")]
    public void Half_a_key_or_a_malformed_one_is_refused(string? access, string? secret, string complaint)
    {
        using var temporary = new TemporaryFolder();
        using var data = DataFolder.Take(temporary.Path);
        var given = new Dictionary<string, string>();
        if (access is not null)
            given["ORLEANSDFS_ACCESS_KEY"] = access;
        if (secret is not null)
            given["ORLEANSDFS_SECRET_KEY"] = secret;
        Assert.Contains(complaint, Assert.Throws<SetupException>(() => Secrets.Load(data, given)).Message, StringComparison.Ordinal);
    }
}
