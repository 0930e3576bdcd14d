using System.Net.Sockets;
using Amazon.Runtime;

namespace OrleansDfs.Conformance.Tests.Protocol;

/// <summary>Buckets named by the Host header, under the domains of the configuration.</summary>
[Collection(S3Tests.Name)]
public sealed class VirtualHostTests(S3Server server)
{
    const string Domain = "s3.example.test";

    [SkippableTheory]
    [InlineData("")]
    [InlineData(":9000")]
    [InlineData(".")]
    public async Task The_host_is_signed_as_it_came(string behind)
    {
        Skip.IfNot(server.IsOurs);
        var bucket = await server.NewBucket();
        Assert.Equal(200, (await Send(bucket, behind, "PUT", "/a//b/../c", "hi")).Status);
        Assert.Equal("hi", (await Send(bucket, behind, "GET", "/a//b/../c")).Text);
        Assert.Contains("<Key>a//b/../c</Key>", (await Send(bucket, behind, "GET", "/?list-type=2")).Text, StringComparison.Ordinal);
        // The signature covers the host: the same request to another bucket is another request.
        var moved = new RawSigner(server.AccessKey, server.SecretKey, $"{bucket}.{Domain}{behind}").Head("GET", "/a//b/../c")
            .Replace(bucket, "other-bucket", StringComparison.Ordinal);
        Assert.Equal((403, "SignatureDoesNotMatch"), await Code(moved));
    }

    [SkippableFact]
    public async Task A_buckets_name_may_have_dots_and_hosts_have_no_case()
    {
        Skip.IfNot(server.IsOurs);
        var bucket = $"my.bucket.{Guid.NewGuid():N}"[..40];
        Assert.Equal(200, (await Send(bucket, "", "PUT", "/")).Status);
        Assert.Equal(200, (await Send(bucket, "", "PUT", "/k", "hi")).Status);
        var upper = new RawSigner(server.AccessKey, server.SecretKey, $"{bucket}.{Domain}".ToUpperInvariant());
        Assert.Equal("hi", (await server.Raw(upper.Head("GET", "/k"))).Text);
        Assert.Equal(204, (await Send(bucket, "", "DELETE", "/k")).Status);
        Assert.Equal(204, (await Send(bucket, "", "DELETE", "/")).Status);
    }

    [SkippableFact]
    public async Task A_host_that_names_no_bucket_leaves_it_to_the_path()
    {
        Skip.IfNot(server.IsOurs);
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        foreach (var host in new[] { Domain, "127.0.0.1", "[::1]:80", "elsewhere.test", "xs3.example.test", $"{bucket}.elsewhere.test",
            $"s3.example.test.{bucket}" })
            Assert.Equal("x", (await server.Raw(new RawSigner(server.AccessKey, server.SecretKey, host).Head("GET", $"/{bucket}/k"))).Text);
    }

    [SkippableTheory]
    [InlineData("no_bucket")]
    [InlineData("ab")]
    [InlineData("-bucket")]
    [InlineData("192.168.1.1")]
    [InlineData("")]
    public async Task A_host_with_what_can_be_no_bucket_is_refused(string name)
    {
        Skip.IfNot(server.IsOurs);
        var answer = await server.Raw(new RawSigner(server.AccessKey, server.SecretKey, $"{name}.{Domain}").Head("GET", "/k"));
        Assert.True(answer.Status == 400, answer.Text);
    }

    [SkippableFact]
    public async Task Links_and_copies()
    {
        Skip.IfNot(server.IsOurs);
        var (from, to) = (await server.NewBucket(), await server.NewBucket());
        await server.Client.Put(from, "k", "x");
        var host = $"{from}.{Domain}";
        var link = new RawSigner(server.AccessKey, server.SecretKey, host).Presign("GET", "/k");
        Assert.Equal("x", (await server.Raw($"GET {link} HTTP/1.1\r\nHost: {host}\r\n\r\n")).Text);
        Assert.Equal((403, "SignatureDoesNotMatch"), await Code($"GET {link} HTTP/1.1\r\nHost: {to}.{Domain}\r\n\r\n"));
        var copied = new RawSigner(server.AccessKey, server.SecretKey, $"{to}.{Domain}").Head("PUT", "/copy", [("x-amz-copy-source", $"/{from}/k"),
            ("content-length", "0")]);
        Assert.Equal(200, (await server.Raw(copied)).Status);
        Assert.Equal("x", await server.Client.Text(to, "copy"));
    }

    [SkippableFact]
    public async Task The_dotnet_sdk()
    {
        Skip.IfNot(server.IsOurs);
        using var s3 = server.ClientOf(server.AccessKey, server.SecretKey, config =>
        {
            config.ServiceURL = $"http://{Domain}:{server.Endpoint.Port}";
            config.ForcePathStyle = false;
            config.HttpClientFactory = new ResolvingFactory(server.Endpoint);
        });
        var bucket = $"virtual-{Guid.NewGuid():N}";
        await s3.PutBucketAsync(bucket);
        await s3.Put(bucket, "a/ü b", "hello");
        Assert.Equal("hello", await s3.Text(bucket, "a/ü b"));
        Assert.Equal("a/ü b", Assert.Single((await s3.ListObjectsV2Async(new() { BucketName = bucket })).S3Objects).Key);
        using (var transfer = new Amazon.S3.Transfer.TransferUtility(s3, new() { MinSizeBeforePartUpload = 5 * 1024 * 1024 }))
            await transfer.UploadAsync(new()
            {
                BucketName = bucket,
                Key = "big",
                InputStream = new MemoryStream(S3Assert.Random(6_000_000)),
                PartSize = 5 * 1024 * 1024
            });
        await s3.DeleteObjectsAsync(new() { BucketName = bucket, Objects = [new() { Key = "a/ü b" }, new() { Key = "big" }] });
        await s3.DeleteBucketAsync(bucket);
    }

    [SkippableFact]
    public async Task Boto3()
    {
        Skip.IfNot(server.IsOurs);
        await Tool.Need("python3", "-c", "import boto3");
        (await Tool.Run(server, "python3", [Path.Combine(AppContext.BaseDirectory, "Scripts", "boto3_virtual.py")],
            new Dictionary<string, string?> { ["AWS_ENDPOINT_URL"] = $"http://{Domain}:{server.Endpoint.Port}" })).Succeeded();
    }

    Task<RawResponse> Send(string bucket, string behind, string method, string target, string body = "")
    {
        var signer = new RawSigner(server.AccessKey, server.SecretKey, $"{bucket}.{Domain}{behind}");
        (string, string)[] length = method == "PUT" ? [("content-length", $"{body.Length}")] : [];
        return server.Raw(signer.Head(method, target, length, RawSigner.Hash(System.Text.Encoding.ASCII.GetBytes(body))) + body);
    }

    async Task<(int, string)> Code(string head)
    {
        var answer = await server.Raw(head);
        return (answer.Status, answer.Code);
    }

    /// <summary>A resolver to which every name is the server under test.</summary>
    sealed class ResolvingFactory(Uri endpoint) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(endpoint.Host, endpoint.Port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
    }
}
