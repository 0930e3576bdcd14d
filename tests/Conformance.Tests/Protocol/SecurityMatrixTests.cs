using Amazon.S3.Model;
using OrleansDfs.S3;
using PostForm = OrleansDfs.Conformance.Tests.Operations.PostForm;

namespace OrleansDfs.Conformance.Tests.Protocol;

/// <summary>
/// The security table of S3.md §6, row by row: each a root cause of a known hole of another server. Rows 1, 5, 6, 10, 12 are about what is authorised
/// and stand with that; row 9 with the chunk protocol; row 11 in <c>Admin/UserPoliciesTests</c>; row 14 in <see cref="SecretsInLogsTests"/>.
/// </summary>
public sealed class SecurityMatrixTests(LegacyServer server) : IClassFixture<LegacyServer>
{
    const string Wrong = "not-the-secret-not-the-secret";
    const string SignedChunks = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    const string UnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

    RawSigner Forger => new(server.AccessKey, Wrong, server.Host);
    LegacySigner LegacyForger => new(server.AccessKey, Wrong, server.Host);

    /// <summary>Rows 2 and 17: {kind of authentication} × {every operation} × {wrong signature} is refused, and nothing is changed.</summary>
    [Theory]
    [InlineData("header")]
    [InlineData("unsigned payload")]
    [InlineData("presigned")]
    [InlineData("signed chunks")]
    [InlineData("unsigned trailer")]
    [InlineData("version 2 header")]
    [InlineData("version 2 link")]
    [InlineData("unknown key")]
    public async Task Row_2_no_kind_of_authentication_is_forgotten_anywhere(string kind)
    {
        var bucket = await Furnished();
        var before = await Routes.Picture(server, bucket);
        foreach (var operation in Routes.Signed)
        {
            if (kind is "signed chunks" or "unsigned trailer" && operation.Method is not ("PUT" or "POST")) continue;
            var answer = await server.Raw(Forged(kind, operation, bucket));
            // A form has its signature in its fields: credentials beside them are refused before. Version 2 covers some subresources only.
            var malformed = operation.Name == "PostObject" || kind.StartsWith("version 2", StringComparison.Ordinal);
            Assert.True(answer.Status == 403 || (malformed && answer.Status == 400), $"{kind}, {operation}: {answer.Status} {answer.Code}");
            if (answer.Status == 403 && operation.Method != "HEAD")
                Assert.Equal((operation, kind == "unknown key" ? "InvalidAccessKeyId" : "SignatureDoesNotMatch"), (operation, answer.Code));
        }
        Assert.Equal(before, await Routes.Picture(server, bucket));
    }

    string Forged(string kind, Operation operation, string bucket)
    {
        var (method, target, headers) = (operation.Method, operation.Target(bucket), operation.Headers(bucket));
        var body = $"5;chunk-signature={new string('0', 64)}\r\nhello\r\n0;chunk-signature={new string('0', 64)}\r\n\r\n";
        if (kind == "unsigned trailer") body = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
        List<(string, string)> Chunked() =>
            [.. operation.Headers(bucket, body.Length), ("x-amz-decoded-content-length", "5"), ("x-amz-trailer", "x-amz-checksum-crc32")];
        string Line(string link) =>
            $"{method} {link} HTTP/1.1\r\nHost: {server.Host}\r\n{string.Concat(headers.Select(h => $"{h.Name}: {h.Value}\r\n"))}\r\n";
        return kind switch
        {
            "header" => Forger.Head(method, target, headers),
            "unsigned payload" => Forger.Head(method, target, headers, "UNSIGNED-PAYLOAD"),
            "presigned" => Line(Forger.Presign(method, target, headers: headers)),
            "signed chunks" => Forger.Head(method, target, Chunked()[..^1], SignedChunks) + body,
            "unsigned trailer" => Forger.Head(method, target, Chunked(), UnsignedTrailer) + body,
            "version 2 header" => LegacyForger.Head(method, target, target, [.. headers]),
            "version 2 link" => Line(LegacyForger.Presign(method, target, resource: target)),
            _ => new RawSigner("AKNOBODYHASTHISKEY", Wrong, server.Host).Head(method, target, headers),
        };
    }

    [Theory]
    [InlineData("wrong secret")]
    [InlineData("unknown key")]
    [InlineData("anonymous")]
    [InlineData("version 2")]
    public async Task Row_2_forms(string kind)
    {
        var bucket = await Furnished();
        var before = await Routes.Picture(server, bucket);
        var form = new PostForm(server, bucket);
        if (kind == "wrong secret") form.Secret = Wrong;
        if (kind == "unknown key") form.AccessKey = "AKNOBODYHASTHISKEY";
        if (kind is "anonymous" or "version 2") form.IsSigned = false;
        if (kind == "version 2") form.With("AWSAccessKeyId", server.AccessKey).With("policy", "e30=").With("signature", LegacyForger.Sign("e30="));
        Assert.Equal(403, (await form.Send("hello"u8.ToArray())).Status);
        Assert.Equal(before, await Routes.Picture(server, bucket));
    }

    /// <summary>Row 3: credentials twice, or by half, are not taken for none or for the better half.</summary>
    [Theory]
    [InlineData("?X-Amz-Signature=00", null)]
    [InlineData("?X-Amz-Credential=AK/20260101/us-east-1/s3/aws4_request", null)]
    [InlineData("?X-Amz-Algorithm=AWS4-HMAC-SHA256", null)]
    [InlineData("?AWSAccessKeyId=AK", null)]
    [InlineData("?Signature=AK&Expires=99999999999", null)]
    [InlineData("", "AWS4-HMAC-SHA256")]
    [InlineData("", "AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/s3/aws4_request")]
    [InlineData("", "AWS4-HMAC-SHA256 Signature=00")]
    [InlineData("", "AWS AK")]
    [InlineData("", "Basic QUs6c2VjcmV0")]
    [InlineData("", "Bearer token")]
    [InlineData("", "")]
    public async Task Row_3_half_credentials_are_not_none(string query, string? authorization)
    {
        var bucket = await Furnished();
        // Everybody may read: whoever was taken for anonymous would get it.
        await server.Client.DeletePublicAccessBlockAsync(new() { BucketName = bucket });
        await server.Client.PutBucketPolicyAsync(bucket, PublicRead(bucket));
        var header = authorization is null ? "" : $"Authorization: {authorization}\r\n";
        var answer = await server.Raw($"GET /{bucket}/k{query} HTTP/1.1\r\nHost: {server.Host}\r\n{header}\r\n");
        Assert.True(answer.Status is 400 or 403, $"{answer.Status} {answer.Text}");
    }

    [Fact]
    public async Task Row_3_credentials_of_two_kinds_are_refused_on_every_route()
    {
        var bucket = await Furnished();
        foreach (var operation in Routes.Signed)
        {
            var (method, target, headers) = (operation.Method, operation.Target(bucket), operation.Headers(bucket));
            var both = await server.Raw(server.Signer.Head(method, server.Signer.Presign(method, target, headers: headers), headers));
            var versions = await server.Raw(server.Signer.Head(method, server.Legacy.Presign(method, target, resource: target), headers));
            Assert.Equal((operation, 400, 400), (operation, both.Status, versions.Status));
        }
    }

    public static readonly TheoryData<string, string, string> Forms = new()
    {
        { "expired", "", "" }, { "another bucket", "", "" }, { "a field that is not covered", "x-amz-meta-a", "b" }, { "a field that is not covered",
            "tagging", "<Tagging/>" },
        { "another value", "acl", "public-read" }, { "another value", "Content-Type", "text/html" }, { "another value", "x-amz-meta-colour", "red" },
        { "another value", "success_action_redirect", "http://evil.test/" }, { "another value", "x-amz-storage-class", "GLACIER" },
            { "another prefix", "key", "admin/k" },
        { "too long", "", "" }, { "too short", "", "" },
    };

    /// <summary>Row 4: a form may do what its policy says and no more.</summary>
    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Row_4_a_form_is_held_to_its_policy(string what, string name, string value)
    {
        var (bucket, other) = (await server.NewBucket(), await server.NewBucket());
        var form = new PostForm(server, bucket).With("key", "mine/k", covered: false);
        form.Conditions.Add("[\"content-length-range\", 3, 6]");
        form.Conditions.Add("[\"starts-with\", \"$key\", \"mine/\"]");
        if (what == "expired") form.Expiration = DateTimeOffset.UtcNow.AddSeconds(-1);
        if (what == "another bucket") form.Path = $"/{other}";
        if (what is "a field that is not covered" or "another prefix") form.With(name, value, covered: false);
        if (what == "another value") form.With(name, "what the policy allows").With(name, value, covered: false);
        var answer = await form.Send(what == "too long" ? new byte[7] : what == "too short" ? new byte[2] : new byte[5]);
        var isLength = what.StartsWith("too", StringComparison.Ordinal);
        Assert.Equal((isLength ? 400 : 403, isLength ? "Entity" : "AccessDenied"), (answer.Status, isLength ? answer.Code[..6] : answer.Code));
        foreach (var each in new[] { bucket, other }) Assert.Empty((await server.Client.ListObjectsV2Async(new() { BucketName = each })).S3Objects
            ?? []);
    }

    /// <summary>Row 7: what nobody in particular may do is a list: preflights, where CORS allows them. All else is refused, whatever is
    /// configured.</summary>
    [Fact]
    public async Task Row_7_an_anonymous_probe_of_every_route()
    {
        var bucket = await Furnished();
        var before = await Routes.Picture(server, bucket);
        foreach (var operation in Routes.All)
        {
            var answer = await server.Raw(operation.Anonymous(operation.Target(bucket), bucket, server.Host));
            // A preflight without Origin is half a preflight; a form that is none has no signature to look at.
            var expected = operation.Method == "OPTIONS" ? 400 : operation.Name == "PostObject" ? 412 : 403;
            Assert.Equal((operation, expected), (operation, answer.Status));
        }
        Assert.Equal(before, await Routes.Picture(server, bucket));
    }

    [Fact]
    public async Task Row_7_a_bucket_that_everybody_may_read_opens_reading_and_nothing_else()
    {
        var bucket = await Furnished();
        await server.Client.DeletePublicAccessBlockAsync(new() { BucketName = bucket });
        await server.Client.PutBucketPolicyAsync(bucket, PublicRead(bucket));
        var before = await Routes.Picture(server, bucket);
        foreach (var operation in Routes.Signed.Where(o => o.Name != "PostObject"))
        {
            var answer = await server.Raw(operation.Anonymous(operation.Target(bucket), bucket, server.Host));
            // SelectObjectContent is a read too, and not built.
            var expected = operation.Name switch
            {
                "GetObject" or "HeadObject" => 200,
                "SelectObjectContent" => 501,
                _ => 403,
            };
            Assert.Equal((operation, expected), (operation, answer.Status));
        }
        Assert.Equal(before, await Routes.Picture(server, bucket));
    }

    /// <summary>Row 7: paths that other servers answer without credentials, some with their secrets (CVE-2023-28432).</summary>
    [Theory]
    [InlineData("/minio/bootstrap/v1/verify")]
    [InlineData("/minio/health/live")]
    [InlineData("/health")]
    [InlineData("/alive")]
    [InlineData("/metrics")]
    [InlineData("/dashboard")]
    [InlineData("/debug/pprof/")]
    [InlineData("/.env")]
    [InlineData("/_admin/")]
    [InlineData("/_admin/v1/users")]
    [InlineData("/_admin/v1/../../health")]
    [InlineData("/?Action=ListUsers&Version=2010-05-08")]
    [InlineData("/favicon.ico")]
    public async Task Row_7_paths_of_other_servers(string path)
    {
        foreach (var method in new[] { "GET", "POST", "HEAD", "PUT", "DELETE" })
        {
            var answer = await server.Raw($"{method} {path} HTTP/1.1\r\nHost: {server.Host}\r\nContent-Length: 0\r\n\r\n");
            Assert.True(answer.Status is >= 400 and < 500, $"{method} {path}: {answer.Status}");
            Assert.DoesNotContain(server.SecretKey, answer.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(server.AccessKey, answer.Text, StringComparison.Ordinal);
        }
    }

    /// <summary>Row 8: no key that everybody knows, and secrets that are their owner's.</summary>
    [SkippableTheory]
    [InlineData("minioadmin", "minioadmin")]
    [InlineData("admin", "admin")]
    [InlineData("root", "root")]
    [InlineData("rustfsadmin", "rustfsadmin")]
    [InlineData("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")]
    [InlineData("test", "test")]
    [InlineData("", "")]
    public async Task Row_8_no_well_known_key(string access, string secret)
    {
        Skip.If(OperatingSystem.IsWindows());
        var answer = await server.Raw(new RawSigner(access, secret, server.Host).Head("GET", "/"));
        Assert.True(answer.Status is 400 or 403, answer.Text);
#pragma warning disable CA1416 // skipped on Windows above
        foreach (var file in new[] { "root.env", "cluster.secret" })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(server.Folder, file)));
#pragma warning restore CA1416
    }

    /// <summary>Row 8: there is no secret to fall back on, so that no cluster runs on one that everybody knows.</summary>
    [Fact]
    public void Row_8_without_the_clusters_secret_no_silo_starts()
    {
        var options = new Silo.SiloOptions { Node = new() { Directory = server.Folder } };
        Assert.Contains(options.Problems(), problem => problem.Contains("ClusterSecretFile", StringComparison.Ordinal));
        Assert.Null(options.RootAccessKey);
        Assert.Null(options.RootSecretKey);
    }

    /// <summary>Row 13: what a header says about where a request came from is not believed.</summary>
    [Theory]
    [InlineData("X-Forwarded-For: 10.0.0.1")]
    [InlineData("Forwarded: for=10.0.0.1;proto=https")]
    [InlineData("X-Real-IP: 10.0.0.1")]
    [InlineData("True-Client-IP: 10.0.0.1")]
    [InlineData("X-Forwarded-Proto: https")]
    [InlineData("X-Forwarded-Host: elsewhere.test")]
    public async Task Row_13_the_peer_is_who_sent_it(string header)
    {
        var bucket = await Furnished();
        await server.Client.DeletePublicAccessBlockAsync(new() { BucketName = bucket });
        await server.Client.PutBucketPolicyAsync(bucket, $$"""
            {"Version":"2012-10-17","Statement":[
             {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{{bucket}}/*",
              "Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.1"} } },
             {"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::{{bucket}}/*",
              "Condition":{"Bool":{"aws:SecureTransport":"false"} } }]}
            """);
        Assert.Equal(403, (await server.Raw($"GET /{bucket}/k HTTP/1.1\r\nHost: {server.Host}\r\n{header}\r\n\r\n")).Status);
        var line = header.Split(": ");
        Assert.Equal(403, (await server.Raw(server.Signer.Head("DELETE", $"/{bucket}/k", unsigned: [(line[0], line[1])]))).Status);
        Assert.Equal(200, (await server.Raw(server.Signer.Head("GET", $"/{bucket}/k", unsigned: [(line[0],
            line[1])]))).Status); // the Host that came is what is signed
    }

    /// <summary>Row 15: what would break a header or a log line is refused where it would stand in one, and a key shows it escaped.</summary>
    [Theory]
    [InlineData("response-content-type", "a%0D%0ASet-Cookie%3A%20b")]
    [InlineData("response-content-disposition", "a%0Ab")]
    [InlineData("response-cache-control", "a%00b")]
    [InlineData("x-amz-meta-a", "a%0D%0Ab")]
    [InlineData("x-amz-meta-a", "a%00b")]
    [InlineData("x-amz-website-redirect-location", "%2Fa%0D%0Ab")]
    public async Task Row_15_line_breaks_in_values(string name, string value)
    {
        var bucket = await Furnished();
        var method = name.StartsWith("response", StringComparison.Ordinal) ? "GET" : "PUT";
        var link = server.Signer.Presign(method, $"/{bucket}/k?{name}={value}");
        var answer = await server.Raw($"{method} {link} HTTP/1.1\r\nHost: {server.Host}\r\nContent-Length: 0\r\n\r\n");
        Assert.True(answer.Status is 400 or 501, $"{answer.Status} {answer.Text}");
        Assert.Null(answer.Header("Set-Cookie"));
        Assert.Equal("hello", await server.Client.Text(bucket, "k"));
    }

    [Fact]
    public async Task Row_15_keys_hold_anything_but_NUL_and_are_escaped_wherever_they_are_shown()
    {
        var bucket = await server.NewBucket();
        Assert.Equal(200, (await server.Raw(server.Signer.Head("PUT", $"/{bucket}/a%0D%0ASet-Cookie%3A%20b%3C%26", [("content-length",
            "0")]))).Status);
        var listed = await server.Raw(server.Signer.Head("GET", $"/{bucket}"));
        Assert.Equal("a&#13;\nSet-Cookie: b&lt;&amp;", listed.Text.Split("<Key>")[1].Split("</Key>")[0]);
        var missing = await server.Raw(server.Signer.Head("GET", $"/{bucket}/x%0D%0AY%3A%20z"));
        Assert.Equal((404, null), (missing.Status, missing.Header("Y")));
        foreach (var key in new[] { "a%00b", "%00" }) Assert.Equal(400, (await server.Raw(server.Signer.Head("PUT", $"/{bucket}/{key}",
            [("content-length", "0")]))).Status);
        foreach (var origin in new[] { "http://a.test\tb", "\"><script>", "http://é.test" })
        {
            var answer = await server.Raw(
                $"OPTIONS /{bucket}/k HTTP/1.1\r\nHost: {server.Host}\r\nOrigin: {origin}\r\nAccess-Control-Request-Method: GET\r\n\r\n");
            Assert.True(answer.Status is 400 or 403 && answer.Header("Access-Control-Allow-Origin") is null, origin);
        }
    }

    /// <summary>Row 16: whatever comes, an answer below 500 goes, or the connection is closed; and the server is there for the next.</summary>
    [Theory]
    [InlineData("GET http://[ HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET // HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /%ZZ HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /bucket/%C0%AF HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /bucket?%=%&&&=;?? HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /bucket/k HTTP/1.1\r\nHost: [::\r\n\r\n")]
    [InlineData("GET /bucket/k HTTP/1.1\r\nHost: a\r\nRange: bytes=-\r\n\r\n")]
    [InlineData("PUT /bucket/k HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("PUT /bucket/k HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("PUT /bucket/k HTTP/1.1\r\nHost: a\r\nx-amz-decoded-content-length: 99999999999999999999\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("PUT /bucket/k HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n")]
    [InlineData("GET /bucket/k HTTP/1.1\r\nHost: a\r\nAuthorization: AWS4-HMAC-SHA256 Credential=,SignedHeaders=;;;,Signature=\r\n\r\n")]
    [InlineData("GET /bucket?X-Amz-Expires=99999999999999999999&X-Amz-Signature=x HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /bucket/k HTTP/1.1\r\nHost: a\r\nDate: 99999-99-99\r\nAuthorization: AWS a:b\r\n\r\n")]
    [InlineData("POST /bucket HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=\r\nContent-Length: 4\r\n\r\n----")]
    [InlineData("\u0000\u0001\u0002\r\n\r\n")]
    public async Task Row_16_malformed_requests(string request)
    {
        using (var client = await RawClient.Connect(server.Endpoint))
        {
            await client.Send(request);
            client.ShutdownSend();
            try
            {
                var answer = await client.Receive();
                Assert.True(answer.Status is >= 400 and < 500, $"{answer.Status} {answer.Text}");
            }
            catch (Exception e) when (e is EndOfStreamException or IOException)
            {
                Assert.True(await client.IsClosed()); // a close is an answer too
            }
        }
        Assert.Equal(200, (await server.Raw(server.Signer.Head("GET", "/"))).Status);
    }

    /// <summary>Row 18: whoever guesses learns from neither form nor work of the answer more than that an access key exists, which is no secret (AWS
    /// says so too).</summary>
    [Fact]
    public async Task Row_18_refusals_are_alike()
    {
        var known = await server.Raw(Forger.Head("GET", "/"));
        var unknown = await server.Raw(new RawSigner("AKNOBODYHASTHISKEY", Wrong, server.Host).Head("GET", "/"));
        Assert.Equal((403, 403), (known.Status, unknown.Status));
        Assert.Equal(known.Headers.Select(h => h.Key), unknown.Headers.Select(h => h.Key));
        // Names of users are secret from other users: whoever asks for one that exists, for none or for nonsense is told the same.
        var texts = new List<string>();
        foreach (var user in new[] { "bob", "nobody", "no%20name" })
        {
            var answer = await server.Raw(server.AliceSigner.Head("GET", $"/_admin/v1/users/{user}"));
            texts.Add($"{answer.Status} {answer.Text.Split("requestId")[0]}");
        }
        Assert.Single(texts.Distinct());
    }

    static string PublicRead(string bucket) =>
        $$"""
        {"Version":"2012-10-17","Statement":
          {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{{bucket}}/*"} }
        """;

    /// <summary>A bucket with something of everything in it.</summary>
    async Task<string> Furnished()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "hello");
        await server.Client.PutObjectTaggingAsync(new()
        {
            BucketName = bucket,
            Key = "k",
            Tagging = new() { TagSet = [new() { Key = "a", Value = "b" }] },
        });
        await server.Client.InitiateMultipartUploadAsync(bucket, "upload");
        await server.Client.PutBucketTaggingAsync(bucket, [new Tag { Key = "a", Value = "b" }]);
        return bucket;
    }
}
