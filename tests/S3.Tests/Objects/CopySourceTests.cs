using System.Text;

namespace OrleansDfs.S3.Tests.Objects;

public class CopySourceTests
{
    [Theory]
    [InlineData("bucket/key", "key", "")]
    [InlineData("/bucket/key", "key", "")]
    [InlineData("bucket/a%20b%2Fc%3Fd%2Be+f", "a b/c?d+e f", "")]
    [InlineData("%2Fbucket%2Fkey", "key", "")]
    [InlineData("bucket//key/", "/key/", "")]
    [InlineData("bucket/key?versionId=null", "key", "null")]
    [InlineData("bucket/key?versionId=0000000000000007", "key", "0000000000000007")]
    [InlineData("bucket/what?is=this", "what?is=this", "")]
    public void Forms(string header, string key, string version)
    {
        var source = CopySource.Parse(header);
        Assert.Equal("bucket", source.Bucket.Value);
        Assert.Equal(key, source.Key.Value);
        Assert.Equal(version, source.Version.IsCurrent ? "" : source.Version.IsNull ? "null" : source.Version.Id.ToString());
    }

    [Fact]
    public void Bytes_above_ascii_may_come_unencoded() =>
        Assert.Equal("ä", CopySource.Parse("bucket/" + Encoding.Latin1.GetString("ä"u8)).Key.Value);

    [Theory]
    [InlineData("", "InvalidArgument")]
    [InlineData("/", "InvalidArgument")]
    [InlineData("bucket", "InvalidArgument")]
    [InlineData("bucket/", "InvalidArgument")]
    [InlineData("//key", "InvalidArgument")]
    [InlineData("Bucket/key", "InvalidArgument")]
    [InlineData("bucket/%", "InvalidArgument")]
    [InlineData("bucket/%FF", "InvalidArgument")]
    [InlineData("bucket/%00", "InvalidArgument")]
    [InlineData("bucket/key?versionId=", "InvalidArgument")]
    [InlineData("bucket/key?versionId=x", "InvalidArgument")]
    [InlineData("arn:aws:s3:us-east-1:1:accesspoint/x/object/key", "NotImplemented")]
    public void Sources_that_are_none(string header, string code) =>
        Assert.Equal(code, Assert.Throws<S3Exception>(() => CopySource.Parse(header)).Code.Code);

    [Fact]
    public void A_source_key_may_be_too_long() =>
        Expect.Refusal(ErrorCode.KeyTooLongError, () => CopySource.Parse("bucket/" + new string('k', 1025)));
}
