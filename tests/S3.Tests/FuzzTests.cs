using System.Text;
using OrleansDfs.S3.Tests.Payload;

namespace OrleansDfs.S3.Tests;

/// <summary>
/// Deterministic fuzz: each parser gets mutations of valid input from a fixed seed. Whatever a client sends ends in a value or in an
/// <see cref="S3Exception"/>; any other exception would be a 500.
/// </summary>
public class FuzzTests
{
    private const int Rounds = 5_000;

    /// <summary>
    /// FUZZ_SECONDS: each parser gets so long, from a seed of its own that a failure prints; without it the fixed seed and number of rounds.
    /// </summary>
    private static readonly TimeSpan? Duration =
        double.TryParse(Environment.GetEnvironmentVariable("FUZZ_SECONDS"), System.Globalization.CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds) : null;

    private const string Punctuation = "%&=;,/<>\"\r\n\0-*?";

    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void Targets() => Fuzz(1, ["/bucket/a//b/../%2F%C3%A4+c?versionId=null&prefix=a%20b&acl", "/?list-type=2&max-keys=5",
        "http://h/bucket/k?uploads"], text =>
    {
        var target = RequestTarget.Parse(text, "bucket.s3.example.com:9000", ["s3.example.com"]);
        _ = target.CanonicalUri + target.Query.Canonical();
        OperationMatcher.Match("GET", target, Http.Headers());
        ListObjectsV2Parameters.Read(target.Query);
        ListVersionsParameters.Read(target.Query);
    });

    [Fact]
    public void Hosts() => Fuzz(2, ["bucket.s3.example.com:9000", "[::1]:9000", "s3.example.com."], text =>
        RequestTarget.Parse("/a/b", text, ["s3.example.com"]));

    [Fact]
    public void Authorizations() => Fuzz(3,
        ["AWS4-HMAC-SHA256 Credential=AK/20260102/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=00ff"],
        text => SignedRequest.Parse("GET", Http.Target("/bucket/key"),
            Http.Headers(("Host", "h"), ("x-amz-date", "20260102T030405Z"), ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), ("Authorization", text)),
            new SignatureRules(), Now)?.Verify(new byte[32]));

    [Fact]
    public void Presigned_queries() => Fuzz(4,
        ["/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F20260102%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260102T030405Z" +
            "&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00"],
        text => SignedRequest.Parse("GET", Http.Target(text), Http.Headers(("Host", "h")), new SignatureRules(), Now)?.Verify(new byte[32]));

    [Fact]
    public void Dates_and_timestamps() => Fuzz(5, ["20260102T030405Z", "Fri, 02 Jan 2026 03:04:05 GMT"], text =>
    {
        if (HttpDate.TryParse(text, out var time)) Assert.True(HttpDate.TryParse(HttpDate.Format(time), out _));
        SignedRequest.Parse("GET", Http.Target("/bucket/key"), Http.Headers(("Host", "h"), ("x-amz-date", text), ("Date", text), ("Authorization",
            "AWS4-HMAC-SHA256 Credential=AK/20260102/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00")), new SignatureRules(), Now);
    });

    [Fact]
    public void Documents() => Fuzz(6,
        ["<?xml version=\"1.0\"?><Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet><Object><Key>a&amp;&#x1;</Key>" +
            "</Object></Delete>",
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"a\"</ETag></Part></CompleteMultipartUpload>",
            "<LifecycleConfiguration><Rule><ID>i</ID><Filter><And><Prefix>p</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter>" +
            "<Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>",
            "<AccessControlPolicy xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><Owner><ID>a</ID></Owner><AccessControlList><Grant>" +
            "<Grantee xsi:type=\"CanonicalUser\"><ID>b</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>"],
        text =>
        {
            var body = Encoding.Latin1.GetBytes(text);
            if (text.Contains("Lifecycle")) LifecycleParser.Parse(body);
            else if (text.Contains("Delete")) DeleteRequest.Parse(body);
            else if (text.Contains("Owner")) AccessControlDocument.Parse(body);
            else CompleteMultipartUploadRequest.Parse(body);
        });

    [Fact]
    public void Header_values() => Fuzz(7,
        ["bytes=0-9", "-5", "\"tag\", W/\"b\"", "=?UTF-8?B?w6Q=?= =?iso-8859-1?q?=E4_?=", "/bucket/k%20?versionId=0000000000000007", "a=1&b=%20",
            "aws-chunked,gzip", "id=\"a\", emailAddress=b@example.com"],
        text =>
        {
            ByteRange.Parse(text, 100);
            EncodedWord.Decode(text);
            ETags.Matches(text, "tag");
            ObjectHeaders.StripAwsChunked(text);
            foreach (var read in (ReadOnlySpan<Action>)[() => CopySource.Parse(text), () => ByteRange.ParseCopySource(text, 100),
                () => WritePreconditions.Read(Http.Headers(("If-Match", text))), () => Tags.ReadHeader(Http.Headers(("x-amz-tagging", text))),
                () => ContinuationToken.Decode(text), () => VersionSelector.Parse(text),
                () => AclRequest.Read(Http.Headers(("x-amz-grant-read", text)), ofObject: true),
                () => UserMetadata.Read(Http.Headers(("x-amz-meta-a", text)))])
                Refusable(read);
        });

    [Fact]
    public void Payload_headers() => Fuzz(8,
        ["STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-checksum-crc32", "NhCmhg==", "CRC32", "5", "XUFAKrxLKna5cZ2REBfFkg=="],
        text =>
        {
            foreach (var name in new[] { "x-amz-content-sha256", "x-amz-trailer", "x-amz-checksum-crc32", "x-amz-checksum-" + text, "Content-MD5",
                "Content-Length" })
                Refusable(() => PayloadPlan.Read(Http.Headers((name, text)), null));
            Refusable(() => MultipartChecksums.Read(Http.Headers(("x-amz-checksum-algorithm", text))));
        });

    [Fact]
    public async Task Chunked_bodies()
    {
        var data = ChunkedBody.Bytes(40);
        byte[][] seeds = [ChunkedBody.Signed(data, 16, ("x-amz-checksum-crc32", "AAAAAA==")), ChunkedBody.Unsigned(data, 16,
            "x-amz-checksum-crc32:AAAAAA==\r\n")];
        var seed = Duration is null ? 9 : Random.Shared.Next();
        var random = new Random(seed);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (var round = 0; Duration is { } time ? clock.Elapsed < time : round < 2000; round++)
        {
            var signed = round % 2 == 0;
            var body = Encoding.Latin1.GetBytes(Mutate(Encoding.Latin1.GetString(seeds[round % 2]), random));
            var source = ChunkedBody.Source(body, random.Next(1, 80));
            var reader = new AwsChunkedReader(source, data.Length, signed ? ChunkedBody.Signer() : null, true, 0);
            try
            {
                var read = await ChunkedBody.ReadAll(reader);
                Assert.Equal(data.Length, read.Length);
                if (signed) Assert.Equal(data, read);
            }
            catch (S3Exception)
            {
                Assert.False(reader.IsVerified, $"seed {seed}, round {round}");
            }
        }
    }

    [Fact]
    public void Lock_and_encryption_documents() => Fuzz(10,
        ["<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>GOVERNANCE</Mode><Days>1</Days>" +
            "</DefaultRetention></Rule></ObjectLockConfiguration>",
            "<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2099-01-02T03:04:05.678Z</RetainUntilDate></Retention>",
            "<LegalHold><Status>ON</Status></LegalHold>",
            "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>" +
            "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"],
        text =>
        {
            var body = Encoding.Latin1.GetBytes(text);
            if (text.Contains("Lock")) ObjectLock.ParseConfiguration(body);
            else if (text.Contains("Reten")) ObjectLock.ParseRetention(body, Now);
            else if (text.Contains("Legal")) ObjectLock.ParseLegalHold(body);
            else EncryptionDocument.Parse(body);
        });

    [Fact]
    public void Lock_and_encryption_headers() => Fuzz(11,
        ["GOVERNANCE", "2099-01-02T03:04:05Z", "ON", "AES256", "aws:kms", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "XUFAKrxLKna5cZ2REBfFkg=="],
        text =>
        {
            const string customer = "x-amz-server-side-encryption-customer-";
            Refusable(() => ObjectLock.ReadHeaders(
                Http.Headers((ObjectLock.ModeHeader, text), (ObjectLock.UntilHeader, "2099-01-02T03:04:05Z")), Now));
            Refusable(() => ObjectLock.ReadHeaders(Http.Headers((ObjectLock.ModeHeader, "COMPLIANCE"), (ObjectLock.UntilHeader, text)), Now));
            Refusable(() => ObjectLock.ReadHeaders(Http.Headers((ObjectLock.HoldHeader, text)), Now));
            Refusable(() => EncryptionHeaders.WantsServer(Http.Headers((EncryptionHeaders.Server, text))));
            Refusable(() => EncryptionHeaders.ReadCustomer(
                Http.Headers((customer + "algorithm", "AES256"), (customer + "key", text), (customer + "key-MD5", text))));
        });

    [Fact]
    public void Bucket_documents() => Fuzz(12,
        ["<CORSConfiguration><CORSRule><AllowedOrigin>http://*.example.com</AllowedOrigin><AllowedMethod>PUT</AllowedMethod>" +
            "<MaxAgeSeconds>3</MaxAgeSeconds></CORSRule></CORSConfiguration>",
            "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>",
            "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
            "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>",
            "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>",
            "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>"],
        text =>
        {
            var body = Encoding.Latin1.GetBytes(text);
            Refusable(() => CorsConfiguration.Parse(body));
            Refusable(() => TaggingRequest.Parse(body, 10));
            Refusable(() => VersioningRequest.Parse(body));
            Refusable(() => AccessDocuments.ParsePublicAccessBlock(body));
            Refusable(() => AccessDocuments.ParseOwnership(body));
            Refusable(() => CreateBucketRequest.Parse(body));
        });

    [Fact]
    public void Policies() => Fuzz(13,
        [
            """
            {"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Principal":{"AWS":"*"},"Action":["s3:Get*"],"Resource":"arn:aws:s3:::b/*",
             "Condition":{"StringLike":{"s3:prefix":["a/*"]},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"NumericLessThan":{"s3:max-keys":"5"}}}]}
            """,
        ],
        text =>
        {
            var json = Encoding.UTF8.GetBytes(text);
            Refusable(() => PolicyDocument.Parse(json, "b"));
            Refusable(() => IdentityPolicies.Parse(json));
        });

    [Fact]
    public void Post_policies() => Fuzz(14,
        [
            """
            {"expiration":"2026-01-03T00:00:00.000Z",
             "conditions":[{"bucket":"b"},["starts-with","$key","a/"],["content-length-range",1,10],["eq","$acl","x"]]}
            """,
        ],
        text => PostPolicy.Parse(Convert.ToBase64String(Encoding.UTF8.GetBytes(text))));

    [Fact]
    public void Legacy_signatures() => Fuzz(15,
        ["AWS AK:frJIUN8DYpKDtOLCwo//yllqDzg=", "/bucket/key?AWSAccessKeyId=AK&Expires=1767323400&Signature=x%3D"],
        text =>
        {
            var headers = Http.Headers(("Host", "h"), ("Date", "Fri, 02 Jan 2026 03:04:05 GMT"), ("Authorization", text));
            Refusable(() => LegacySignature.Parse("GET", Http.Target("/bucket/key"), headers, new SignatureRules(), Now));
            if (text.StartsWith('/')) LegacySignature.Parse("GET", Http.Target(text), Http.Headers(("Host", "h")), new SignatureRules(), Now);
        });

    private static void Fuzz(int seed, string[] seeds, Action<string> parse)
    {
        if (Duration is not null) seed = Random.Shared.Next();
        var random = new Random(seed);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (var round = 0; Duration is { } time ? clock.Elapsed < time : round < Rounds; round++)
        {
            var text = Mutate(seeds[round % seeds.Length], random);
            try
            {
                Refusable(() => parse(text));
            }
            catch (Exception e) when (e is not S3Exception)
            {
                Assert.Fail($"seed {seed}, round {round}, input {Convert.ToHexString(Encoding.UTF8.GetBytes(text))}: {e}");
            }
        }
    }

    private static void Refusable(Action parse)
    {
        try
        {
            parse();
        }
        catch (S3Exception refused)
        {
            Assert.InRange(refused.Code.Status, 400, 501); // a refusal is the client's fault, or something not built
        }
    }

    private static string Mutate(string text, Random random)
    {
        var builder = new StringBuilder(text);
        for (var edits = random.Next(1, 5); edits > 0; edits--)
        {
            var at = random.Next(builder.Length + 1);
            switch (random.Next(5))
            {
                case 0: builder.Insert(at, (char)random.Next(256)); break;
                case 1: builder.Insert(at, Punctuation[random.Next(Punctuation.Length)]); break;
                case 2 when at < builder.Length: builder.Remove(at, Math.Min(random.Next(1, 6), builder.Length - at)); break;
                case 3 when at < builder.Length: builder[at] = (char)random.Next(random.Next(10) == 0 ? 65536 : 256); break;
                default: builder.Insert(at, text.AsSpan(random.Next(text.Length))); break;
            }
        }
        return builder.ToString();
    }
}
