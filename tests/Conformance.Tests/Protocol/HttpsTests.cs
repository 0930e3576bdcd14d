using System.Security.Cryptography.X509Certificates;
using Amazon.S3.Model;
using OrleansDfs.AppHost.Setup;
using OrleansDfs.Conformance.Tests.Clients;

namespace OrleansDfs.Conformance.Tests.Protocol;

/// <summary>A server on HTTP and HTTPS, with the development certificate that the AppHost makes.</summary>
public sealed class HttpsServer : S3Server, IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("odfs-https-");
    readonly DevelopmentCertificate _certificate;

    public HttpsServer()
    {
        _certificate = DevelopmentCertificate.Load(_folder.FullName, ["s3.example.test"], TimeProvider.System);
        Authority = X509CertificateLoader.LoadCertificateFromFile(_certificate.Authority);
    }

    public override X509Certificate2? Authority { get; }

    public override string AuthorityFile => _certificate.Authority;

    protected override string Scheme => Uri.UriSchemeHttps;

    protected override IReadOnlyDictionary<string, string?> MoreSettings => new Dictionary<string, string?>
    {
        ["urls"] = "http://127.0.0.1:0;https://127.0.0.1:0",
        ["Kestrel:Certificates:Default:Path"] = _certificate.Certificate,
        ["Kestrel:Certificates:Default:KeyPath"] = _certificate.Key,
    };

    public void Dispose()
    {
        Authority!.Dispose();
        _folder.Delete(recursive: true);
    }
}

/// <summary>S3 over TLS: clients behave differently there (trailers instead of checksum headers), and the guard before the HTTP parser must see the
/// heads.</summary>
public sealed class HttpsTests(HttpsServer server) : IClassFixture<HttpsServer>
{
    [Theory]
    [InlineData("GET / HTTP/1.1\nHost: a\r\n\r\n")]
    [InlineData("PUT /bucket/k HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello")]
    [InlineData("PUT /bucket/k HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    public async Task Heads_that_two_servers_could_read_differently_are_refused_inside_TLS_too(string head)
    {
        using var client = await RawClient.Connect(server.Endpoint, server.Authority);
        await client.Send(server.Signer.Head("HEAD", "/") + head);
        Assert.Equal(405, (await client.Receive(head: true)).Status); // the one before is answered first
        var answer = await client.Receive();
        Assert.Equal((400, "InvalidRequest", "close"), (answer.Status, answer.Code, answer.Header("Connection")));
        Assert.True(await client.IsClosed());
    }

    [Fact]
    public async Task Requests_and_errors_on_one_connection()
    {
        var bucket = await server.NewBucket();
        using var client = await RawClient.Connect(server.Endpoint, server.Authority);
        await client.Send(server.Signer.Head("PUT", $"/{bucket}/k", [("content-length", "5")], RawSigner.Hash("hello"u8)) + "hello"
            + server.Signer.Head("GET", $"/{bucket}/none") + server.Signer.Head("GET", $"/{bucket}/k"));
        Assert.Equal(200, (await client.Receive()).Status);
        Assert.Equal(404, (await client.Receive()).Status);
        Assert.Equal("hello", (await client.Receive()).Text);
    }

    /// <summary>Neither garbage nor plain HTTP on the TLS port, nor TLS on the plain one, does harm.</summary>
    [Fact]
    public async Task What_is_no_TLS_is_refused()
    {
        var plainToTls = new UriBuilder(server.Endpoint) { Scheme = "http" }.Uri;
        using (var client = await RawClient.Connect(plainToTls))
        {
            await client.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.True(await client.IsClosed());
        }
        using (var client = await RawClient.Connect(server.Endpoints.First(e => e.Scheme == "http")))
        {
            await client.Send(new byte[] { 0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5, (byte)'\r', (byte)'\n', (byte)'\r', (byte)'\n' });
            Assert.Equal(400, (await client.Receive()).Status);
        }
        Assert.Equal(200, (await server.Raw(server.Signer.Head("GET", "/"))).Status);
    }

    [Fact]
    public async Task Policies_see_that_the_transport_is_secure()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        await server.Client.PutBucketPolicyAsync(bucket, $$"""
            {"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{{bucket}}/*",
             "Condition":{"Bool":{"aws:SecureTransport":"false"} } } }
            """);
        Assert.Equal(200, (await server.Raw(server.Signer.Head("GET", $"/{bucket}/k"))).Status);
        var plain = server.Endpoints.First(e => e.Scheme == "http");
        using var client = await RawClient.Connect(plain);
        await client.Send(new RawSigner(server.AccessKey, server.SecretKey, plain.Authority).Head("GET", $"/{bucket}/k"));
        var denied = await client.Receive();
        Assert.Equal((403, "AccessDenied"), (denied.Status, denied.Code));
    }

    [Fact]
    public async Task The_dotnet_sdk()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "plain", "hello");
        Assert.Equal("hello", await server.Client.Text(bucket, "plain"));
        var big = S3Assert.Random(11_000_000);
        using (var transfer = new Amazon.S3.Transfer.TransferUtility(server.Client, new() { MinSizeBeforePartUpload = 5 * 1024 * 1024 }))
            await transfer.UploadAsync(new() { BucketName = bucket, Key = "big", InputStream = new MemoryStream(big), PartSize = 5 * 1024 * 1024 });
        using (var got = await server.Client.GetObjectAsync(bucket, "big"))
        {
            S3Assert.Same(big, await got.Bytes());
            Assert.EndsWith("-3\"", got.ETag, StringComparison.Ordinal);
        }
        var link = new Uri(await server.Client.GetPreSignedURLAsync(new GetPreSignedUrlRequest
        {
            BucketName = bucket,
            Key = "plain",
            Expires = DateTime.UtcNow.AddMinutes(1),
            Protocol = Amazon.S3.Protocol.HTTPS,
        }));
        Assert.Equal("https", link.Scheme);
        var answer = await server.Raw($"GET {link.PathAndQuery} HTTP/1.1\r\nHost: {server.Host}\r\n\r\n");
        Assert.Equal((200, "hello"), (answer.Status, answer.Text));
    }

    /// <summary>botocore sends aws-chunked with a trailer over HTTPS: the whole round trip of the plain test once more.</summary>
    [SkippableFact]
    public async Task Boto3()
    {
        await Tool.Need("python3", "-c", "import boto3");
        var result = (await Tool.Run(server, "python3", Path.Combine(AppContext.BaseDirectory, "Scripts", "boto3_roundtrip.py"))).Succeeded();
        Assert.EndsWith("deleted", result.Output.Trim(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Aws_cli_with_a_ca_bundle()
    {
        await Tool.Need("aws", "--version");
        var bucket = await server.NewBucket();
        using var tree = new FileTree(11_000_000);
        await File.WriteAllTextAsync(tree.Folder("config"), "[default]\ns3 =\n  signature_version = s3v4\n"); // it signs links by version 2 otherwise
        await Aws("s3", "cp", "--no-progress", tree.Big, $"s3://{bucket}/big"); // above 8 MB: multipart
        await Aws("s3", "cp", "--no-progress", $"s3://{bucket}/big", tree.Folder("big"));
        Assert.Equal(FileTree.Hash(tree.Big), FileTree.Hash(tree.Folder("big")));
        var link = new Uri((await Aws("s3", "presign", $"s3://{bucket}/big")).Output.Trim());
        Assert.Equal("https", link.Scheme);
        Assert.Equal(11_000_000, (await server.Raw($"GET {link.PathAndQuery} HTTP/1.1\r\nHost: {server.Host}\r\n\r\n")).Body.Length);

        var untrusting = await Tool.Run(server, "aws", ["s3", "ls"], new Dictionary<string, string?>
        {
            ["AWS_CA_BUNDLE"] = null,
            ["SSL_CERT_FILE"] = null
        });
        Assert.NotEqual(0, untrusting.ExitCode);
        Assert.Contains("SSL", untrusting.Error, StringComparison.Ordinal);

        async Task<ToolResult> Aws(params string[] arguments) => (await Tool.Run(server, "aws", ["--ca-bundle", server.AuthorityFile, .. arguments],
            new Dictionary<string, string?> { ["AWS_CONFIG_FILE"] = tree.Folder("config"), ["AWS_CA_BUNDLE"] = null })).Succeeded();
    }
}
