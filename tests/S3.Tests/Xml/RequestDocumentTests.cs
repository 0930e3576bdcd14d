using System.Text;
using OrleansDfs.Model;

namespace OrleansDfs.S3.Tests.Xml;

public class RequestDocumentTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"")]
    public void Delete(string ns)
    {
        var request = DeleteRequest.Parse(Utf8($"""
            <?xml version="1.0" encoding="UTF-8"?>
            <Delete{ns}>
              <!-- two -->
              <Quiet>true</Quiet>
              <Object><Key> a&amp;&#x1;<![CDATA[<b>]]> </Key></Object>
              <Object><Key>k</Key><VersionId>null</VersionId><ETag>"tag"</ETag></Object>
            </Delete>
            """));
        Assert.True(request.Quiet);
        Assert.Equal([new(" a&\u0001<b> ", null, null), new("k", "null", "tag")], request.Objects);
    }

    [Fact]
    public void A_delete_has_one_to_a_thousand_objects()
    {
        static string Document(int count) => "<Delete>" + string.Concat(Enumerable.Repeat("<Object><Key>k</Key></Object>", count)) + "</Delete>";
        Assert.Equal(1000, DeleteRequest.Parse(Utf8(Document(1000))).Objects.Count);
        Expect.Refusal(ErrorCode.MalformedXML, () => DeleteRequest.Parse(Utf8(Document(1001))));
        Expect.Refusal(ErrorCode.MalformedXML, () => DeleteRequest.Parse(Utf8(Document(0))));
        Expect.Refusal(ErrorCode.NotImplemented, () => DeleteRequest.Parse(Utf8("<Delete><Object><Key>k</Key><Size>1</Size></Object></Delete>")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no xml")]
    [InlineData("<Delete>")]
    [InlineData("<Delete/>")]
    [InlineData("<Other><Object><Key>k</Key></Object></Other>")]
    [InlineData("<Delete xmlns=\"urn:other\"><Object><Key>k</Key></Object></Delete>")]
    [InlineData("<Delete><Object><Key>k</Key></Object><Extra/></Delete>")]
    [InlineData("<Delete><Object><Key>k</Key><Key>k</Key></Object></Delete>")]
    [InlineData("<Delete><Object/></Delete>")]
    [InlineData("<Delete><Object><Key><b/></Key></Object></Delete>")]
    [InlineData("<Delete>text<Object><Key>k</Key></Object></Delete>")]
    [InlineData("<Delete><Quiet>maybe</Quiet><Object><Key>k</Key></Object></Delete>")]
    [InlineData("<!DOCTYPE Delete [<!ENTITY e \"x\">]><Delete><Object><Key>&e;</Key></Object></Delete>")]
    [InlineData("<!DOCTYPE Delete SYSTEM \"file:///etc/passwd\"><Delete><Object><Key>k</Key></Object></Delete>")]
    [InlineData("<Delete><Object><Key>&unknown;</Key></Object></Delete>")]
    [InlineData("<Delete><Object><Key>k</Key></Object></Delete><Delete/>")]
    public void Documents_that_are_refused(string text) => Expect.Refusal(ErrorCode.MalformedXML, () => DeleteRequest.Parse(Utf8(text)));

    [Fact]
    public void Bytes_that_are_not_utf8_and_deep_nesting_are_refused()
    {
        Expect.Refusal(ErrorCode.MalformedXML, () => DeleteRequest.Parse([.. "<Delete><Object><Key>"u8, 0xff, .. "</Key></Object></Delete>"u8]));
        Expect.Refusal(ErrorCode.MalformedXML, () =>
            DeleteRequest.Parse(Encoding.Unicode.GetBytes("<Delete><Object><Key>k</Key></Object></Delete>")));
        var deep = string.Concat(Enumerable.Repeat("<a>", 100_000));
        Expect.Refusal(ErrorCode.MalformedXML, () => DeleteRequest.Parse(Utf8(deep)));
        Assert.Single(DeleteRequest.Parse([.. Encoding.UTF8.Preamble, .. "<Delete><Object><Key>k</Key></Object></Delete>"u8]).Objects);
    }

    [Fact]
    public void Complete()
    {
        var parts = CompleteMultipartUploadRequest.Parse(Utf8(
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag></Part>" +
            "<Part><ETag>b</ETag><PartNumber> 3 </PartNumber><ChecksumCRC32>NhCmhg==</ChecksumCRC32></Part></CompleteMultipartUpload>"));
        Assert.Equal([new(1, "a", null), new(3, "b", new Checksum(ChecksumAlgorithm.CRC32, ChecksumType.FullObject, "NhCmhg=="))], parts);
    }

    [Theory]
    [InlineData("", "MalformedXML")]
    [InlineData("<Part><PartNumber>1</PartNumber></Part>", "MalformedXML")]
    [InlineData("<Part><PartNumber>x</PartNumber><ETag>a</ETag></Part>", "MalformedXML")]
    [InlineData("<Part><PartNumber>0</PartNumber><ETag>a</ETag></Part>", "InvalidArgument")]
    [InlineData("<Part><PartNumber>10001</PartNumber><ETag>a</ETag></Part>", "InvalidArgument")]
    [InlineData("<Part><PartNumber>2</PartNumber><ETag>a</ETag></Part><Part><PartNumber>1</PartNumber><ETag>a</ETag></Part>", "InvalidPartOrder")]
    [InlineData("<Part><PartNumber>1</PartNumber><ETag>a</ETag></Part><Part><PartNumber>1</PartNumber><ETag>a</ETag></Part>", "InvalidPartOrder")]
    [InlineData("<Part><PartNumber>1</PartNumber><ETag>a</ETag><ChecksumSHA1>AAAA</ChecksumSHA1></Part>", "InvalidRequest")]
    public void Completes_that_are_refused(string parts, string code)
    {
        var body = Utf8($"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
        Assert.Equal(code, Assert.Throws<S3Exception>(() => CompleteMultipartUploadRequest.Parse(body)).Code.Code);
    }

    [Fact]
    public void Create_bucket()
    {
        Assert.Null(CreateBucketRequest.Parse([]).LocationConstraint);
        Assert.Null(CreateBucketRequest.Parse(Utf8("<CreateBucketConfiguration/>")).LocationConstraint);
        var request = CreateBucketRequest.Parse(Utf8("<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>" +
            "<Tags><Tag><Key>a</Key><Value>1</Value></Tag></Tags></CreateBucketConfiguration>"));
        Assert.Equal(("eu-west-1", "1"), (request.LocationConstraint, request.Tags["a"]));
        Expect.Refusal(ErrorCode.NotImplemented,
            () => CreateBucketRequest.Parse(Utf8("<CreateBucketConfiguration><Bucket><Type>Directory</Type></Bucket></CreateBucketConfiguration>")));
    }

    [Fact]
    public void Versioning_and_tagging()
    {
        static byte[] Document(string inner) => Utf8($"<VersioningConfiguration>{inner}</VersioningConfiguration>");
        Assert.Equal(Versioning.Enabled, VersioningRequest.Parse(Document("<Status>Enabled</Status>")));
        Assert.Equal(Versioning.Suspended, VersioningRequest.Parse(Document("<Status>Suspended</Status><MfaDelete>Disabled</MfaDelete>")));
        Expect.Refusal(ErrorCode.IllegalVersioningConfigurationException, () => VersioningRequest.Parse(Document("")));
        Expect.Refusal(ErrorCode.MalformedXML, () => VersioningRequest.Parse(Document("<Status>On</Status>")));
        Expect.Refusal(ErrorCode.NotImplemented, () => VersioningRequest.Parse(Document("<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>")));

        var tags = TaggingRequest.Parse(Utf8("<Tagging><TagSet><Tag><Key>a</Key><Value></Value></Tag></TagSet></Tagging>"), Tags.MaxObjectTags);
        Assert.Equal("", tags["a"]);
        Assert.Empty(TaggingRequest.Parse(Utf8("<Tagging/>"), Tags.MaxObjectTags)); // as AWS takes it
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
