using System.Security.Cryptography;
using OrleansDfs.Silo.Keys;

namespace OrleansDfs.Silo.Tests;

public class MasterKeysTests
{
    private static readonly byte[] Secret = RandomNumberGenerator.GetBytes(32);
    private static readonly string One = "one " + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private static readonly string Two = "two " + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    [Fact]
    public void The_last_line_wraps_and_every_line_unwraps()
    {
        var data = RandomNumberGenerator.GetBytes(32);
        var none = new MasterKeys(Secret, []);
        var first = new MasterKeys(Secret, ["# keys", One, ""]);
        var rotated = new MasterKeys(Secret, [One, Two]);
        Assert.Equal(("one", "two"), (first.Active, rotated.Active));
        Assert.Equal(data, rotated.Unwrap(none.Active, none.Wrap(data))); // what was wrapped before there was a file
        Assert.Equal(data, rotated.Unwrap("one", first.Wrap(data)));
        Assert.Equal(data, rotated.Unwrap("two", rotated.Wrap(data)));
        Assert.Null(first.Unwrap("two", rotated.Wrap(data))); // its line is missing
        Assert.Null(rotated.Unwrap("one", rotated.Wrap(data))); // under another name
        Assert.NotEqual(rotated.Wrap(data), rotated.Wrap(data));
    }

    [Fact]
    public void Another_cluster_opens_nothing()
    {
        var ours = new MasterKeys(Secret, []);
        var theirs = new MasterKeys(RandomNumberGenerator.GetBytes(32), []);
        var wrapped = ours.Wrap(RandomNumberGenerator.GetBytes(32));
        Assert.Null(theirs.Unwrap(ours.Active, wrapped));
        wrapped[^1] ^= 1;
        Assert.Null(ours.Unwrap(ours.Active, wrapped));
        Assert.Null(ours.Unwrap(ours.Active, wrapped.AsSpan(1)));
    }

    [Theory]
    [InlineData("only-an-id")]
    [InlineData("short AAAA")]
    [InlineData("bad !!!!")]
    public void A_line_that_is_no_key_stops_the_start(string line)
    {
        var refused = Assert.Throws<SiloStartException>(() => new MasterKeys(Secret, [line]));
        Assert.DoesNotContain(line, refused.Message, StringComparison.Ordinal); // a message ends in a log
        Assert.Throws<SiloStartException>(() => new MasterKeys(Secret, [One, One]));
    }

    [Fact]
    public void A_file_that_others_can_read_is_refused()
    {
        if (OperatingSystem.IsWindows()) return;
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, One);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            Assert.Throws<SiloStartException>(() => MasterKeys.Read(Secret, file));
            File.SetUnixFileMode(file, UnixFileMode.UserRead);
            Assert.Equal("one", MasterKeys.Read(Secret, file).Active);
        }
        finally
        {
            File.Delete(file);
        }
        Assert.Throws<SiloStartException>(() => MasterKeys.Read(Secret, file));
    }
}
