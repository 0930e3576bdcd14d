using System.Security.Cryptography.X509Certificates;
using Amazon.Runtime;
using Amazon.S3;
using Microsoft.Extensions.Logging;
using OrleansDfs.Embedded;

namespace OrleansDfs.Conformance.Tests;

/// <summary>
/// The server under test: the one that <c>S3_ENDPOINT</c>, <c>AWS_ACCESS_KEY_ID</c> and <c>AWS_SECRET_ACCESS_KEY</c> name, so that a test itself
/// can be checked against
/// another S3, or one in this process.
/// </summary>
public class S3Server : IAsyncLifetime
{
    public const string AliceKey = "ALICEALICEALICEALICE";
    const string BobKey = "BOBBOBBOBBOBBOBBOBBO";
    const string BobSecret = "bob-secret-bob-secret-bob-secret-bob";
    public const string AliceSecret = "alice-secret-alice-secret-alice-secret";

    /// <summary>What the server of one's own keeps.</summary>
    public string Folder => _folder;

    readonly string _folder = Path.Combine(Path.GetTempPath(), "odfs-conformance-" + Guid.NewGuid().ToString("N"));
    EmbeddedServer? _embedded;
    int _buckets;

    /// <summary>A server of one's own with settings of its own: never the one that <c>S3_ENDPOINT</c> names.</summary>
    protected virtual IReadOnlyDictionary<string, string?> MoreSettings => new Dictionary<string, string?>();

    /// <summary>Where the server of one's own logs to.</summary>
    protected virtual ILoggerProvider? LogProvider => null;

    /// <summary>What tests use where the server listens on both.</summary>
    protected virtual string Scheme => Uri.UriSchemeHttp;

    /// <summary>Whom clients must trust on HTTPS.</summary>
    public virtual X509Certificate2? Authority => null;

    /// <summary>The same as a PEM file.</summary>
    public virtual string? AuthorityFile => null;

    /// <summary>All addresses of the server in this process.</summary>
    public IReadOnlyList<Uri> Endpoints => _embedded!.Endpoints;

    public IServiceProvider Services => _embedded!.Services;

    public Uri Endpoint { get; private set; } = null!;
    public string AccessKey { get; private set; } = "";
    public string SecretKey { get; private set; } = "";
    public bool IsOurs => _embedded is not null;
    public IAmazonS3 Client { get; private set; } = null!;

    /// <summary>A user who owns nothing at first.</summary>
    public IAmazonS3 Alice { get; private set; } = null!;

    public string Host => Endpoint.IsDefaultPort ? Endpoint.Host : $"{Endpoint.Host}:{Endpoint.Port}";
    public RawSigner Signer => new(AccessKey, SecretKey, Host);
    public string AnonymousHead(string method, string target, params string[] headers) =>
        $"{method} {target} HTTP/1.1\r\nHost: {Host}\r\nContent-Length: 0\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n";

    /// <summary>Another user who owns nothing at first.</summary>
    public IAmazonS3 Bob { get; private set; } = null!;

    public RawSigner AliceSigner => new(AliceKey, AliceSecret, Host);
    public RawSigner BobSigner => new(BobKey, BobSecret, Host);

    public async Task InitializeAsync()
    {
        if (MoreSettings.Count == 0 && Environment.GetEnvironmentVariable("S3_ENDPOINT") is { Length: > 0 } endpoint)
        {
            Endpoint = new Uri(endpoint);
            AccessKey = Environment.GetEnvironmentVariable("AWS_ACCESS_KEY_ID") ?? "";
            SecretKey = Environment.GetEnvironmentVariable("AWS_SECRET_ACCESS_KEY") ?? "";
        }
        else
        {
            _embedded = await EmbeddedServer.StartAsync(new EmbeddedOptions
            {
                Directory = _folder,
                Port = 0,
                LogProvider = LogProvider,
                Log = Environment.GetEnvironmentVariable("ODFS_TEST_LOG") == "1",
                Settings = new Dictionary<string, string?>(MoreSettings)
                {
                    ["OrleansDfs:Users:0:Name"] = "alice",
                    ["OrleansDfs:Users:0:AccessKey"] = AliceKey,
                    ["OrleansDfs:Users:0:SecretKey"] = AliceSecret,
                    ["OrleansDfs:Users:0:Email"] = "alice@example.com",
                    ["OrleansDfs:Users:1:Name"] = "bob",
                    ["OrleansDfs:Users:1:AccessKey"] = BobKey,
                    ["OrleansDfs:Users:1:SecretKey"] = BobSecret,
                    ["OrleansDfs:Users:1:Email"] = "bob@example.com",
                    ["OrleansDfs:Domains"] = "s3.example.test",
                },
            });
            (AccessKey, SecretKey) = (_embedded.AccessKey, _embedded.SecretKey);
            Endpoint = _embedded.Endpoints.First(address => address.Scheme == Scheme);
        }
        Client = ClientOf(AccessKey, SecretKey);
        Alice = ClientOf(AliceKey, AliceSecret);
        Bob = ClientOf(BobKey, BobSecret);
    }

    public AmazonS3Client ClientOf(string accessKey, string secretKey, Action<AmazonS3Config>? configure = null)
    {
        var config = new AmazonS3Config
        {
            ServiceURL = Endpoint.ToString(),
            AuthenticationRegion = "us-east-1",
            ForcePathStyle = true,
            MaxErrorRetry = 0, // a test wants to see the first answer
        };
        if (Authority is not null) config.HttpClientFactory = new TrustingFactory(Authority);
        configure?.Invoke(config);
        return new AmazonS3Client(new BasicAWSCredentials(accessKey, secretKey), config);
    }

    public async Task<string> NewBucket()
    {
        var name = $"test-{Interlocked.Increment(ref _buckets)}-{Guid.NewGuid().ToString("N")[..12]}";
        await Client.PutBucketAsync(name);
        return name;
    }

    /// <summary>Sends exactly these bytes on a connection of their own and reads one answer.</summary>
    /// <summary>Whether any file of the server in this process holds these bytes.</summary>
    public bool DiskHolds(byte[] bytes) => Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Any(file =>
    {
        if (Path.GetFileName(file) == "lock") return false; // nobody but its owner may open it
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var content = new byte[stream.Length];
        return content.AsSpan(0, stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false)).IndexOf(bytes) >= 0;
    });

    public async Task<RawResponse> Raw(string head, ReadOnlyMemory<byte> body = default)
    {
        using var client = await RawClient.Connect(Endpoint, Authority);
        await client.Send(head);
        await client.Send(body);
        return await client.Receive(head.StartsWith("HEAD ", StringComparison.Ordinal));
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        Alice.Dispose();
        Bob.Dispose();
        if (_embedded is null) return;
        await _embedded.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>HTTP clients of the SDK that trust one authority and no other.</summary>
sealed class TrustingFactory(X509Certificate2 authority) : HttpClientFactory
{
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        SslOptions = new()
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { authority },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        },
    });
}

[CollectionDefinition(Name)]
public sealed class S3Tests : ICollectionFixture<S3Server>
{
    public const string Name = "S3";
}
