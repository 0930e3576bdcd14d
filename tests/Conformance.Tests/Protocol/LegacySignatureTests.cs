using System.Text;
using OrleansDfs.Conformance.Tests.Clients;

namespace OrleansDfs.Conformance.Tests.Protocol;

/// <summary>A server that was told to take Signature Version 2.</summary>
public sealed class LegacyServer : S3Server
{
    protected override IReadOnlyDictionary<string, string?> MoreSettings =>
        new Dictionary<string, string?> { ["OrleansDfs:LegacySignatures"] = "true" };

    public LegacySigner Legacy => new(AccessKey, SecretKey, Host);
}

/// <summary>Signature Version 2: in headers, links and forms, by hand and by clients that still send it.</summary>
public sealed class LegacySignatureTests(LegacyServer server) : IClassFixture<LegacyServer>
{
    [Fact]
    public async Task Headers()
    {
        var bucket = await server.NewBucket();
        var put = await server.Raw(server.Legacy.Head("PUT", $"/{bucket}/a%20b", null, ("content-length", "2"), ("content-type", "text/x-old"),
            ("x-amz-meta-a", "1")) + "hi");
        Assert.Equal(200, put.Status);
        var head = await server.Client.GetObjectMetadataAsync(bucket, "a b");
        Assert.Equal(("text/x-old", "1"), (head.Headers.ContentType, head.Metadata["a"]));
        Assert.Equal("hi", (await server.Raw(server.Legacy.Head("GET", $"/{bucket}/a%20b"))).Text);
        Assert.Equal(200, (await server.Raw(server.Legacy.Head("GET", $"/{bucket}?prefix=a"))).Status);
        Refused("NoSuchTagSet", await server.Raw(server.Legacy.Head("GET", $"/{bucket}?x=1&tagging", $"/{bucket}?tagging")), 404);
    }

    [Fact]
    public async Task Links()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "hello");
        Assert.Equal("hello", (await Link("GET", server.Legacy.Presign("GET", $"/{bucket}/k"))).Text);
        var named = await Link("GET", server.Legacy.Presign("GET", $"/{bucket}/k?response-content-type=text%2Fx",
            resource: $"/{bucket}/k?response-content-type=text/x"));
        Assert.Equal((200, "text/x"), (named.Status, named.Header("Content-Type")));
        Refused("SignatureDoesNotMatch", await Link("GET", server.Legacy.Presign("GET", $"/{bucket}/k") + "&response-content-type=text%2Fx"));
        Refused("SignatureDoesNotMatch", await Link("PUT", server.Legacy.Presign("GET", $"/{bucket}/k")));
        Refused("SignatureDoesNotMatch", await Link("GET", server.Legacy.Presign("GET", $"/{bucket}/other").Replace("other", "k",
            StringComparison.Ordinal)));
        Refused("AccessDenied", await Link("GET", server.Legacy.Presign("GET", $"/{bucket}/k", seconds: -1)));
        // A header that the signature does not cover, as a header and as a parameter.
        Refused("SignatureDoesNotMatch", await server.Raw(
            $"PUT {server.Legacy.Presign("PUT", $"/{bucket}/new")} HTTP/1.1\r\nHost: {server.Host}\r\n" +
            $"x-amz-copy-source: /{bucket}/k\r\nContent-Length: 0\r\n\r\n"));
        Refused("SignatureDoesNotMatch", await Link("PUT", server.Legacy.Presign("PUT", $"/{bucket}/new") + $"&x-amz-copy-source=/{bucket}/k"));
        Assert.Equal("hello", await server.Client.Text(bucket, "k"));
    }

    [Fact]
    public async Task Wrong_signatures_and_modes_change_nothing()
    {
        var bucket = await server.NewBucket();
        (string, string)[] five = [("content-length", "5")];
        Refused("SignatureDoesNotMatch", await server.Raw(new LegacySigner(server.AccessKey, "wrong", server.Host).Head("PUT", $"/{bucket}/k", null,
            five) + "hello"));
        Refused("InvalidAccessKeyId", await server.Raw(new LegacySigner("NOSUCHKEY", "wrong", server.Host).Head("PUT", $"/{bucket}/k", null,
            five) + "hello"));
        Refused("RequestTimeTooSkewed", await server.Raw(
            new LegacySigner(server.AccessKey, server.SecretKey, server.Host, DateTimeOffset.UtcNow.AddMinutes(-16)).Head("PUT", $"/{bucket}/k",
                null, five) + "hello"));
        var signature = server.Legacy.Head("PUT", $"/{bucket}/k", null, five);
        Refused("SignatureDoesNotMatch", await server.Raw(signature.Replace("Authorization: AWS ", "x-amz-meta-a: 1\r\nAuthorization: AWS ",
            StringComparison.Ordinal) + "hello"));
        Refused("SignatureDoesNotMatch", await server.Raw(new LegacySigner(server.AccessKey, "x", server.Host).Head("PUT", $"/{bucket}/k", null, five)
            .Replace("=\r\n\r\n", "!\r\n\r\n", StringComparison.Ordinal) + "hello")); // no Base64
        // Chunks signed by version 4 go on from a signature of version 4 only.
        var chunked = await server.Raw(server.Legacy.Head("PUT", $"/{bucket}/k", null, ("content-length", "5"), ("x-amz-content-sha256",
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
            ("x-amz-decoded-content-length", "5")) + "hello");
        Assert.Equal((400, "InvalidArgument"), (chunked.Status, chunked.Code));
        var hash = await server.Raw(server.Legacy.Head("PUT", $"/{bucket}/k", null, ("content-length", "5"), ("x-amz-content-sha256",
            RawSigner.Hash("other"u8))) + "hello");
        Assert.Equal((400, "XAmzContentSHA256Mismatch"), (hash.Status, hash.Code));
        Assert.Equal(400, (await server.Raw(server.Legacy.Head("GET", server.Legacy.Presign("GET", $"/{bucket}")))).Status);
        Assert.Empty((await server.Client.ListObjectsV2Async(new() { BucketName = bucket })).S3Objects ?? []);
        Assert.Equal(400, (await server.Raw(server.Legacy.Head("GET", $"/{bucket}?publicAccessBlock"))).Status);
        // Administration wants version 4, whose signature covers the body.
        Assert.Equal(403, (await server.Raw(server.Legacy.Head("GET", "/_admin/v1/users"))).Status);
    }

    [Fact]
    public async Task Forms()
    {
        var bucket = await server.NewBucket();
        Assert.Equal(204, (await Form(bucket, server.SecretKey)).Status);
        Assert.Equal("hello", await server.Client.Text(bucket, "form"));
        await server.Client.DeleteObjectAsync(bucket, "form");
        Refused("SignatureDoesNotMatch", await Form(bucket, "wrong"));
        Refused("InvalidAccessKeyId", await Form(bucket, "wrong", "NOSUCHKEY"));
        Assert.Equal(400, (await Form(bucket, server.SecretKey, "")).Status);
        Refused("AccessDenied", await Form(bucket, server.SecretKey, extra: ("x-amz-meta-a", "1"))); // the policy does not name it
        Refused("NoSuchKey", await server.Raw(server.Signer.Head("GET", $"/{bucket}/form")), 404);
    }

    /// <summary>Keys of policies that ask how a request was signed.</summary>
    [Fact]
    public async Task Policies_can_ask_for_the_version_and_the_kind()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        await server.Client.PutBucketPolicyAsync(bucket, $$"""
            {"Version":"2012-10-17","Statement":[
              {"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{{bucket}}/*",
               "Condition":{"StringEquals":{"s3:signatureversion":"AWS"} } },
              {"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::{{bucket}}/*",
               "Condition":{"StringNotEquals":{"s3:authType":"POST"} } },
              {"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::{{bucket}}/*",
               "Condition":{"NumericGreaterThan":{"s3:signatureAge":"60000"} } }]}
            """);
        Refused("AccessDenied", await server.Raw(server.Legacy.Head("GET", $"/{bucket}/k")));
        Refused("AccessDenied", await Link("GET", server.Legacy.Presign("GET", $"/{bucket}/k")));
        Assert.Equal(200, (await server.Raw(server.Signer.Head("GET", $"/{bucket}/k"))).Status);
        Refused("AccessDenied", await server.Raw(server.Signer.Head("PUT", $"/{bucket}/k2", [("content-length", "0")])));
        Refused("AccessDenied", await server.Raw(server.Legacy.Head("PUT", $"/{bucket}/k2", null, ("content-length", "0"))));
        Assert.Equal(204, (await Form(bucket, server.SecretKey)).Status);
        var old = DateTimeOffset.UtcNow.AddMinutes(-2);
        Refused("AccessDenied", await server.Raw(new RawSigner(server.AccessKey, server.SecretKey, server.Host, now: old).Head("DELETE",
            $"/{bucket}/k")));
        Refused("AccessDenied", await server.Raw(new LegacySigner(server.AccessKey, server.SecretKey, server.Host, old).Head("DELETE",
            $"/{bucket}/k")));
        Refused("AccessDenied", await Link("DELETE", new RawSigner(server.AccessKey, server.SecretKey, server.Host, now: old).Presign("DELETE",
            $"/{bucket}/k")));
        Assert.Equal(204, (await server.Raw(server.Legacy.Head("DELETE", $"/{bucket}/k"))).Status);
    }

    [SkippableFact]
    public async Task Boto3()
    {
        await Tool.Need("python3", "-c", "import boto3");
        (await Tool.Run(server, "python3", Path.Combine(AppContext.BaseDirectory, "Scripts", "boto3_legacy.py"))).Succeeded();
    }

    [SkippableFact]
    public async Task S3cmd()
    {
        await Tool.Need("s3cmd", "--version");
        using var tree = new FileTree(6_000_000);
        var bucket = await server.NewBucket();
        var configuration = tree.Folder("s3cfg");
        await File.WriteAllTextAsync(configuration, $"""
            [default]
            access_key = {server.AccessKey}
            secret_key = {server.SecretKey}
            host_base = {server.Host}
            host_bucket = {server.Host}
            use_https = False
            signature_v2 = True
            """);
        await Run("sync", tree.Source + "/", $"s3://{bucket}/tree/");
        Directory.CreateDirectory(tree.Folder("back"));
        await Run("sync", $"s3://{bucket}/tree/", tree.Folder("back") + "/");
        tree.AssertSame(tree.Folder("back"));
        Assert.Contains("MIME type", (await Run("info", $"s3://{bucket}/tree/big")).Output, StringComparison.Ordinal);
        await Run("del", "--recursive", "--force", $"s3://{bucket}");

        async Task<ToolResult> Run(params string[] arguments) =>
            (await Tool.Run(server, "s3cmd", ["--config", configuration, "--no-progress", "--signature-v2", .. arguments])).Succeeded();
    }

    Task<RawResponse> Link(string method, string target) =>
        server.Raw($"{method} {target} HTTP/1.1\r\nHost: {server.Host}\r\nContent-Length: 0\r\n\r\n");

    Task<RawResponse> Form(string bucket, string secret, string? accessKey = null, (string Name, string Value)? extra = null)
    {
        var until = DateTime.UtcNow.AddMinutes(5).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var document = $$"""{"expiration":"{{until}}","conditions":[{"bucket":"{{bucket}}"},{"key":"form"}]}""";
        var policy = Convert.ToBase64String(Encoding.UTF8.GetBytes(document));
        List<(string Name, string Value)> fields = [("key", "form"), ("AWSAccessKeyId", accessKey ?? server.AccessKey), ("policy", policy),
            ("signature", new LegacySigner("", secret, "").Sign(policy))];
        if (extra is { } more) fields.Add(more);
        var body = string.Concat(fields.Select(f => $"--edge\r\nContent-Disposition: form-data; name=\"{f.Name}\"\r\n\r\n{f.Value}\r\n"))
            + "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nhello\r\n--edge--\r\n";
        return server.Raw($"POST /{bucket} HTTP/1.1\r\nHost: {server.Host}\r\nContent-Type: multipart/form-data; boundary=edge\r\n"
            + $"Content-Length: {body.Length}\r\n\r\n{body}");
    }

    static void Refused(string code, RawResponse answer, int status = 403) => Assert.Equal((status, code), (answer.Status, answer.Code));
}

/// <summary>Refused by name unless the server was told to take it.</summary>
[Collection(S3Tests.Name)]
public sealed class LegacySignatureIsOffTests(S3Server server)
{
    [Fact]
    public async Task Headers_links_and_forms_are_refused_by_name()
    {
        var bucket = await server.NewBucket();
        var legacy = new LegacySigner(server.AccessKey, server.SecretKey, server.Host);
        var link = legacy.Presign("GET", $"/{bucket}");
        const string part = "--e\r\nContent-Disposition: form-data; name=";
        const string form = part + "\"key\"\r\n\r\nk\r\n"
            + part + "\"AWSAccessKeyId\"\r\n\r\na\r\n"
            + part + "\"signature\"\r\n\r\na\r\n"
            + part + "\"file\"; filename=\"f\"\r\n\r\nx\r\n--e--\r\n";
        foreach (var request in new[]
        {
            legacy.Head("GET", $"/{bucket}"),
            $"GET {link} HTTP/1.1\r\nHost: {server.Host}\r\n\r\n",
            $"POST /{bucket} HTTP/1.1\r\nHost: {server.Host}\r\nContent-Type: multipart/form-data; boundary=e\r\n"
                + $"Content-Length: {form.Length}\r\n\r\n{form}",
        })
        {
            var answer = await server.Raw(request);
            Assert.Equal((400, "InvalidRequest"), (answer.Status, answer.Code));
            Assert.Contains("AWS4-HMAC-SHA256", answer.Text, StringComparison.Ordinal);
        }
    }
}
