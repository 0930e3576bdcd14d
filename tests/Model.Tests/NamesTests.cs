using System.Text;
using OrleansDfs.Model;

namespace OrleansDfs.Model.Tests;

public class NamesTests
{
    [Theory]
    [InlineData("abc", true)]
    [InlineData("my.bucket-1", true)]
    [InlineData("ab", false)]
    [InlineData("Abc", false)]
    [InlineData("a..b", false)]
    [InlineData("-abc", false)]
    [InlineData("abc-", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("xn--abc", false)]
    [InlineData("abc-s3alias", false)]
    [InlineData("a_b_c", false)]
    [InlineData(null, false)]
    public void Bucket_names_follow_the_rules_of_AWS(string? text, bool valid) => Assert.Equal(valid, BucketName.TryParse(text, out _));

    [Fact]
    public void Keys_are_measured_in_bytes()
    {
        Assert.Equal(ObjectKeyError.None, ObjectKey.TryParse(new string('é', 512), out _));
        Assert.Equal(ObjectKeyError.TooLong, ObjectKey.TryParse(new string('é', 513), out _));
        Assert.Equal(ObjectKeyError.Empty, ObjectKey.TryParse("", out _));
        Assert.Equal(ObjectKeyError.Invalid, ObjectKey.TryParse("a\0b", out _));
        Assert.Equal(ObjectKeyError.Invalid, ObjectKey.TryParse("\ud800", out _));
    }

    [Fact]
    public void Keys_order_by_their_bytes()
    {
        string[] keys =
            ["a", "a/", "a/b", "a0", "\u007f", "é", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff", "aé", "a\ue000", "a\U00010000"];
        foreach (var a in keys)
            foreach (var b in keys)
            {
                var expected = Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b));
                Assert.Equal(Math.Sign(expected), Math.Sign(Utf8Order.Compare(a, b)));
            }
    }
}
