using System.Xml.Linq;
using OrleansDfs.Model;

namespace OrleansDfs.S3.Tests.Xml;

public class ResultDocumentTests
{
    private const string Head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    private const string Ns = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

    private static readonly BucketName Bucket = BucketName.Parse("bucket");
    private static readonly DateTimeOffset Time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddMilliseconds(678);
    private static readonly ListedFile File = new(ObjectKey.Parse("a&<b>/ \"ä\""), new VersionId(7), true, true, false, 5, "tag", Time, "alice",
        null, null, null);

    [Fact]
    public void Errors()
    {
        var error = new S3Error(ErrorCode.NoSuchKey, null, ("Key", "a<b"));
        Assert.Equal(Head + "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>a&lt;b</Key>" +
            "<Resource>/bucket/a&lt;b</Resource><RequestId>R</RequestId><HostId>H</HostId></Error>",
            Http.Written(o => ErrorDocument.Write(o, error, "/bucket/a<b", "R", "H")));
    }

    [Fact]
    public void Every_error_has_a_status_and_a_message()
    {
        Assert.True(ErrorCode.All.Count > 60);
        foreach (var code in ErrorCode.All)
        {
            Assert.InRange(code.Status, 400, 503);
            Assert.NotEmpty(code.Message);
        }
    }

    [Fact]
    public void List_objects()
    {
        var page = new FilePage([File], ["p&/"], "p&/");
        Assert.Equal(Head + $"<ListBucketResult{Ns}><Name>bucket</Name><Prefix/><Marker>m</Marker><NextMarker>p&amp;/</NextMarker><MaxKeys>" +
            "2</MaxKeys>" +
            "<Delimiter>/</Delimiter><IsTruncated>true</IsTruncated><Contents><Key>a&amp;&lt;b&gt;/ &quot;ä&quot;</Key>" +
            "<LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;tag&quot;</ETag><Size>5</Size>" +
            "<Owner><ID>alice</ID><DisplayName>alice</DisplayName></Owner><StorageClass>STANDARD</StorageClass></Contents>" +
            "<CommonPrefixes><Prefix>p&amp;/</Prefix></CommonPrefixes></ListBucketResult>",
            Http.Written(o => ListResults.WriteObjects(o, Bucket, ListObjectsParameters.Read(Http.Query("delimiter=/&marker=m&max-keys=2")), page)));
    }

    [Fact]
    public void List_objects_v2_encoded()
    {
        var page = new FilePage([File with { ChecksumAlgorithm = ChecksumAlgorithm.CRC32, ChecksumType = ChecksumType.Composite }], ["p /"], "x");
        var parameters = ListObjectsV2Parameters.Read(Http.Query("encoding-type=url&start-after=%01&prefix=p+"));
        Assert.Equal(Head + $"<ListBucketResult{Ns}><Name>bucket</Name><Prefix>p%20</Prefix><StartAfter>%01</StartAfter>" +
            $"<NextContinuationToken>{ContinuationToken.Encode("x")}</NextContinuationToken><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys>" +
            "<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><Contents><Key>a%26%3Cb%3E/%20%22%C3%A4%22</Key>" +
            "<LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;tag&quot;</ETag><ChecksumAlgorithm>CRC32</ChecksumAlgorithm>" +
            "<ChecksumType>COMPOSITE</ChecksumType><Size>5</Size><StorageClass>STANDARD</StorageClass></Contents>" +
            "<CommonPrefixes><Prefix>p%20/</Prefix></CommonPrefixes></ListBucketResult>",
            Http.Written(o => ListResults.WriteObjectsV2(o, Bucket, parameters, page)));
    }

    [Fact]
    public void List_versions()
    {
        var marker = File with { Key = ObjectKey.Parse("k"), IsNull = false, IsCurrent = false, IsDeleteMarker = true };
        var page = new VersionPage([File, marker], [], "k", new VersionId(7));
        var text = Http.Written(o => ListResults.WriteVersions(o, Bucket, ListVersionsParameters.Read(Http.Query("")), page));
        Assert.Contains("<KeyMarker/><VersionIdMarker/><NextKeyMarker>k</NextKeyMarker><NextVersionIdMarker>" +
            "0000000000000007</NextVersionIdMarker>", text);
        Assert.Contains("<VersionId>null</VersionId><IsLatest>true</IsLatest>", text);
        Assert.Contains("<DeleteMarker><Key>k</Key><VersionId>0000000000000007</VersionId><IsLatest>false</IsLatest>" +
            "<LastModified>2026-01-02T03:04:05.000Z</LastModified><Owner><ID>alice</ID><DisplayName>alice</DisplayName></Owner>" +
            "</DeleteMarker>", text);
    }

    [Fact]
    public void Buckets()
    {
        var parameters = ListBucketsParameters.Read(Http.Query(""));
        Assert.Equal(Head + $"<ListAllMyBucketsResult{Ns}><Owner><ID>alice</ID><DisplayName>alice</DisplayName></Owner><Buckets><Bucket>" +
            "<Name>bucket</Name>" +
            "<CreationDate>2026-01-02T03:04:05.000Z</CreationDate><BucketRegion>us-east-1</BucketRegion>" +
            "<BucketArn>arn:aws:s3:::bucket</BucketArn></Bucket></Buckets></ListAllMyBucketsResult>",
            Http.Written(o => BucketResults.WriteList(o, parameters, "alice", [new(Bucket, Time, "us-east-1")], null)));
        Assert.Equal(Head + $"<LocationConstraint{Ns}></LocationConstraint>", Http.Written(o => BucketResults.WriteLocation(o, "us-east-1")));
        Assert.Equal(Head + $"<LocationConstraint{Ns}>eu-west-1</LocationConstraint>", Http.Written(o => BucketResults.WriteLocation(o,
            "eu-west-1")));
        Assert.Equal(Head + $"<VersioningConfiguration{Ns}></VersioningConfiguration>",
            Http.Written(o => BucketResults.WriteVersioning(o, Versioning.Unversioned)));
        Assert.Contains("<Tag><Key>a</Key><Value/></Tag>",
            Http.Written(o => BucketResults.WriteTagging(o, new Dictionary<string, string> { ["a"] = "" })));
    }

    [Fact]
    public void Multipart()
    {
        var key = ObjectKey.Parse("k");
        var upload = new UploadInfo(UploadId.New(), 1, key, "bob", Time, FileProperties.Empty with { Owner = "alice" }, new Dictionary<string,
            string>(),
            ChecksumAlgorithm.SHA1, ChecksumType.Composite);
        var checksum = new Checksum(ChecksumAlgorithm.SHA1, ChecksumType.Composite, "x-2");
        Assert.Equal(Head + $"<InitiateMultipartUploadResult{Ns}><Bucket>bucket</Bucket><Key>k</Key><UploadId>{upload.Upload}</UploadId>" +
            "</InitiateMultipartUploadResult>",
            Http.Written(o => MultipartResults.WriteInitiate(o, Bucket, key, upload.Upload)));
        Assert.Equal(Head + $"<CompleteMultipartUploadResult{Ns}><Location>http://h/bucket/k</Location><Bucket>bucket</Bucket><Key>k</Key>" +
            "<ETag>&quot;e-2&quot;</ETag><ChecksumSHA1>x-2</ChecksumSHA1><ChecksumType>COMPOSITE</ChecksumType></CompleteMultipartUploadResult>",
            Http.Written(o => MultipartResults.WriteComplete(o, "http://h/bucket/k", Bucket, key, "e-2", checksum)));

        var part = new UploadPart(3, BlobId.New(), 9, "p", Time, new Checksum(ChecksumAlgorithm.SHA1, ChecksumType.FullObject, "y"));
        var parts = Http.Written(o => MultipartResults.WriteParts(o, Bucket, upload, new ListPartsParameters(0, 1), [part], isTruncated: true));
        Assert.Contains("<Initiator><ID>bob</ID><DisplayName>bob</DisplayName></Initiator><Owner><ID>alice</ID><DisplayName>" +
            "alice</DisplayName></Owner>", parts);
        Assert.Contains("<NextPartNumberMarker>3</NextPartNumberMarker><MaxParts>1</MaxParts><IsTruncated>true</IsTruncated>", parts);
        Assert.Contains("<Part><PartNumber>3</PartNumber><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;p&quot;</ETag>" +
            "<Size>9</Size>" +
            "<ChecksumSHA1>y</ChecksumSHA1></Part>", parts);

        var page = new UploadPage([upload], ["p/"], "k", upload.Upload);
        var uploads = Http.Written(o => ListResults.WriteUploads(o, Bucket, ListUploadsParameters.Read(Http.Query("max-uploads=1")), page));
        Assert.Contains($"<NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>{upload.Upload}</NextUploadIdMarker>", uploads);
        Assert.Contains("<ChecksumAlgorithm>SHA1</ChecksumAlgorithm><ChecksumType>COMPOSITE</ChecksumType></Upload>", uploads);
        Assert.NotNull(XDocument.Parse(uploads).Root);
    }

    [Fact]
    public void Copies_and_deletions()
    {
        Assert.Equal(Head + $"<CopyObjectResult{Ns}><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;e&quot;</ETag>" +
            "</CopyObjectResult>",
            Http.Written(o => ObjectResults.WriteCopy(o, "e", Time, null)));
        Assert.StartsWith(Head + "<CopyPartResult", Http.Written(o => ObjectResults.WriteCopyPart(o, "e", Time, null)));
        DeleteOutcome[] outcomes = [new("a", "null", null, null), new("b", null, "0000000000000009", null),
            new("c", null, null, new S3Error(ErrorCode.AccessDenied))];
        Assert.Equal(Head + $"<DeleteResult{Ns}><Deleted><Key>a</Key><VersionId>null</VersionId></Deleted><Deleted><Key>b</Key>" +
            "<DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>0000000000000009</DeleteMarkerVersionId></Deleted>" +
            "<Error><Key>c</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error></DeleteResult>",
            Http.Written(o => ObjectResults.WriteDelete(o, false, outcomes)));
        Assert.DoesNotContain("<Deleted>", Http.Written(o => ObjectResults.WriteDelete(o, true, outcomes)));
    }

    /// <summary>As AWS: a character reference, though XML 1.0 has none for it; nothing fails and nothing can leave its element.</summary>
    [Fact]
    public void Characters_that_xml_cannot_hold_do_not_break_the_answer()
    {
        var page = new FilePage([File with { Key = ObjectKey.Parse("a\u0001\u001f\uffff\r\n]]>🐢" + new string('ä', 2000)[..400]) }], [], null);
        var text = Http.Written(o => ListResults.WriteObjects(o, Bucket, ListObjectsParameters.Read(Http.Query("")), page));
        Assert.Contains("<Key>a&#x1;&#x1f;&#xffff;&#13;\n]]&gt;🐢" + new string('ä', 400) + "</Key>", text);
    }
}
