using System.Security.Cryptography;
using System.Text;
using OrleansDfs.Model;

namespace OrleansDfs.S3.Tests.Signature;

/// <summary>
/// The examples of "Authenticating Requests: Using the Authorization Header", "… Using Query Parameters" and "… Chunked Upload" in the Amazon S3
/// API Reference. Canonical request, string to sign and signature are asserted each, so that a failure says which step is wrong.
/// </summary>
public class PublishedVectorsTests
{
    private const string AccessKey = "AKIAIOSFODNN7EXAMPLE";
    private const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private const string BucketHost = "examplebucket.s3.amazonaws.com";
    private const string Scope = "20130524/us-east-1/s3/aws4_request";

    private static readonly DateTimeOffset Time = new(2013, 5, 24, 0, 0, 0, TimeSpan.Zero);
    private static readonly byte[] Key = SigningKey.Derive(Secret, "20130524", "us-east-1", "s3");

    [Fact]
    public void Get_object_with_a_range() => Check(
        "GET", "/test.txt",
        Http.Headers(("Host", BucketHost), ("Range", "bytes=0-9"), ("x-amz-content-sha256", Http.EmptyHash), ("x-amz-date", "20130524T000000Z"),
            Authorization("host;range;x-amz-content-sha256;x-amz-date", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")),
        $"GET\n/test.txt\n\nhost:{BucketHost}\nrange:bytes=0-9\nx-amz-content-sha256:{Http.EmptyHash}\nx-amz-date:20130524T000000Z\n\n" +
        $"host;range;x-amz-content-sha256;x-amz-date\n{Http.EmptyHash}",
        "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972");

    [Fact]
    public void Put_object()
    {
        const string hash = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
        Check(
            "PUT", "/test$file.text",
            Http.Headers(("Host", BucketHost), ("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-date", "20130524T000000Z"),
                ("x-amz-storage-class", "REDUCED_REDUNDANCY"), ("x-amz-content-sha256", hash),
                Authorization("date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                    "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")),
            $"PUT\n/test%24file.text\n\ndate:Fri, 24 May 2013 00:00:00 GMT\nhost:{BucketHost}\nx-amz-content-sha256:{hash}\n" +
            "x-amz-date:20130524T000000Z\nx-amz-storage-class:REDUCED_REDUNDANCY\n\n" +
            $"date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class\n{hash}",
            "9e0e90d9c76de8fa5b200d8c849cd5b8dc7a3be3951ddb7f6a76b4158342019d");
    }

    [Fact]
    public void Get_bucket_lifecycle() => Check(
        "GET", "/?lifecycle",
        Http.Headers(("Host", BucketHost), ("x-amz-date", "20130524T000000Z"), ("x-amz-content-sha256", Http.EmptyHash),
            Authorization("host;x-amz-content-sha256;x-amz-date", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")),
        $"GET\n/\nlifecycle=\nhost:{BucketHost}\nx-amz-content-sha256:{Http.EmptyHash}\nx-amz-date:20130524T000000Z\n\n" +
        $"host;x-amz-content-sha256;x-amz-date\n{Http.EmptyHash}",
        "9766c798316ff2757b517bc739a67f6213b4ab36dd5da2f94eaebf79c77395ca");

    [Fact]
    public void List_objects() => Check(
        "GET", "/?max-keys=2&prefix=J",
        Http.Headers(("Host", BucketHost), ("x-amz-date", "20130524T000000Z"), ("x-amz-content-sha256", Http.EmptyHash),
            Authorization("host;x-amz-content-sha256;x-amz-date", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")),
        $"GET\n/\nmax-keys=2&prefix=J\nhost:{BucketHost}\nx-amz-content-sha256:{Http.EmptyHash}\nx-amz-date:20130524T000000Z\n\n" +
        $"host;x-amz-content-sha256;x-amz-date\n{Http.EmptyHash}",
        "df57d21db20da04d7fa30298dd4488ba3a2b47ca3a489c74750e0f1e7df1b9b7");

    [Fact]
    public void Presigned_get()
    {
        const string query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request" +
            "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host";
        const string signature = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
        Check(
            "GET", $"/test.txt?{query}&X-Amz-Signature={signature}", Http.Headers(("Host", BucketHost)),
            $"GET\n/test.txt\n{query}\nhost:{BucketHost}\n\nhost\nUNSIGNED-PAYLOAD",
            "3bfa292879f6447bbcda7001decf97f4a54dc650c8942174ae0a9121cf58ad04");
        var signer = new RequestSigner(AccessKey, Secret);
        Assert.EndsWith(signature, signer.Presign("GET", "/test.txt", Http.Headers(("Host", BucketHost)), TimeSpan.FromDays(1), Time));
    }

    [Fact]
    public void Chunked_upload()
    {
        var signed = Check(
            "PUT", "/examplebucket/chunkObject.txt",
            Http.Headers(("Host", "s3.amazonaws.com"), ("x-amz-date", "20130524T000000Z"), ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), ("Content-Encoding", "aws-chunked"),
                ("x-amz-decoded-content-length", "66560"), ("Content-Length", "66824"),
                Authorization("content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
                    "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9")),
            "PUT\n/examplebucket/chunkObject.txt\n\ncontent-encoding:aws-chunked\ncontent-length:66824\nhost:s3.amazonaws.com\n" +
            "x-amz-content-sha256:STREAMING-AWS4-HMAC-SHA256-PAYLOAD\nx-amz-date:20130524T000000Z\nx-amz-decoded-content-length:66560\n" +
            "x-amz-storage-class:REDUCED_REDUNDANCY\n\n" +
            "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class\n" +
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            "cee3fed04b70f867d036f722359b0b1f2f0e5dc0efadbc082b76c4c60e316455");
        var chunks = signed.ChunkSigner(Key);
        Assert.Equal("ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648", chunks.NextChunk(HashOfAs(65536)));
        Assert.Equal("0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497", chunks.NextChunk(HashOfAs(1024)));
        Assert.Equal("b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9", chunks.NextChunk(HashOfAs(0)));
    }

    [Fact]
    public void Chunked_upload_with_trailer()
    {
        var signed = Check(
            "PUT", "/examplebucket/chunkObject.txt",
            Http.Headers(("Host", "s3.amazonaws.com"), ("x-amz-date", "20130524T000000Z"), ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"), ("Content-Encoding", "aws-chunked"),
                ("x-amz-decoded-content-length", "66560"), ("x-amz-trailer", "x-amz-checksum-crc32c"),
                Authorization("content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer",
                    "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e")),
            "PUT\n/examplebucket/chunkObject.txt\n\ncontent-encoding:aws-chunked\nhost:s3.amazonaws.com\n" +
            "x-amz-content-sha256:STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER\nx-amz-date:20130524T000000Z\nx-amz-decoded-content-length:66560\n" +
            "x-amz-storage-class:REDUCED_REDUNDANCY\nx-amz-trailer:x-amz-checksum-crc32c\n\n" +
            "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer\n" +
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            "44d48b8c2f70eae815a0198cc73d7a546a73a93359c070abbaa5e6c7de112559");
        var chunks = signed.ChunkSigner(Key);
        Assert.Equal("b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2", chunks.NextChunk(HashOfAs(65536)));
        Assert.Equal("1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7", chunks.NextChunk(HashOfAs(1024)));
        Assert.Equal("2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992", chunks.NextChunk(HashOfAs(0)));
        var trailer = SHA256.HashData("x-amz-checksum-crc32c:sOO8/Q==\n"u8);
        Assert.Equal("d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435", chunks.Trailer(trailer));
    }

    private static SignedRequest Check(string method, string rawTarget, RequestHeaders headers, string canonicalRequest, string canonicalHash)
    {
        var target = RequestTarget.Parse(rawTarget, headers["Host"]!, ["s3.amazonaws.com"]);
        var signed = SignedRequest.Parse(method, target, headers, new SignatureRules(), Time)!;
        Assert.Equal(canonicalRequest, signed.CanonicalRequest);
        Assert.Equal(canonicalHash, Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(signed.CanonicalRequest))));
        Assert.Equal($"AWS4-HMAC-SHA256\n20130524T000000Z\n{Scope}\n{canonicalHash}", signed.StringToSign);
        Assert.Equal(AccessKey, signed.AccessKey);
        signed.Verify(Key);
        return signed;
    }

    private static (string, string) Authorization(string signedHeaders, string signature) =>
        ("Authorization", $"AWS4-HMAC-SHA256 Credential={AccessKey}/{Scope},SignedHeaders={signedHeaders},Signature={signature}");

    private static byte[] HashOfAs(int count) => SHA256.HashData(Enumerable.Repeat((byte)'a', count).ToArray());
}
