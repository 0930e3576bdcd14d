using Microsoft.Extensions.Configuration;

namespace OrleansDfs.Gateway;

/// <summary>
/// Settings of the gateway, with their configuration keys. Read once at start; a value that makes no sense stops the start with a sentence.
/// </summary>
sealed record GatewaySettings
{
    /// <summary><c>OrleansDfs:Region</c>: the region that signatures must name and new buckets are in.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>
    /// <c>OrleansDfs:Domains</c>: domains whose subdomains are bucket names, an array or a comma-separated list. Empty: path style only.
    /// </summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>
    /// <c>OrleansDfs:LegacyBucketDefaults</c>: new buckets as S3 made them before April 2023, with ACLs on and public access not blocked.
    /// </summary>
    public bool LegacyBucketDefaults { get; init; }

    /// <summary>
    /// <c>OrleansDfs:LegacySignatures</c>: take Signature Version 2 (HMAC-SHA1) in headers, links and forms. It signs neither a request's body nor
    /// all of its query, so it is refused by default; for clients that know no other.
    /// </summary>
    public bool LegacySignatures { get; init; }

    /// <summary><c>OrleansDfs:CustomerKeysNeedHttps</c>: refuse SSE-C over plain http, as AWS does. Off: keys are taken over either.</summary>
    public bool CustomerKeysNeedHttps { get; init; }

    /// <summary>
    /// <c>OrleansDfs:Gateway:HealthPort</c>: the port, among the listening addresses, that answers <c>/health</c> and <c>/alive</c> instead of S3.
    /// 0: none.
    /// </summary>
    public int HealthPort { get; init; }

    /// <summary>
    /// <c>OrleansDfs:Gateway:MaxConcurrentRequests</c>: requests worked on at once; above it the answer is 503 SlowDown at once (S3.md §3). Bounds
    /// memory
    /// together with the client library's buffers.
    /// </summary>
    public int MaxConcurrentRequests { get; init; } = 1000;

    /// <summary>
    /// <c>OrleansDfs:Gateway:MaxWait</c>: how long a request may wait for the buffer of its first bytes; then the answer is 503 SlowDown. Above
    /// 64 KiB there are <c>OrleansDfs:Client:LargeStreams</c> of them.
    /// </summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary><c>OrleansDfs:Gateway:MaxConnections</c>: open connections; further ones are closed as they come.</summary>
    public int MaxConnections { get; init; } = 16_384;

    /// <summary>
    /// <c>OrleansDfs:Gateway:IdentityCache</c>: how long an identity is used without asking again, which is the delay of a revocation. 30 s at most
    /// (DESIGN §9).
    /// </summary>
    public TimeSpan IdentityCache { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// <c>OrleansDfs:Gateway:BucketCache</c>: how long a bucket is used without asking again. A stale one is noticed by the revision in every call
    /// (DESIGN §9).
    /// </summary>
    public TimeSpan BucketCache { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// <c>OrleansDfs:Gateway:FailedSignatures</c>: wrong signatures and unknown access keys that one address may send in a minute before each gets
    /// 503 SlowDown (S3.md §6, 18). Right signatures always pass. 0: no limit.
    /// </summary>
    public int FailedSignatures { get; init; } = 3000;

    /// <exception cref="InvalidOperationException">A value is out of range; the message names the key.</exception>
    public static GatewaySettings Read(IConfiguration configuration)
    {
        var root = configuration.GetSection("OrleansDfs");
        var own = root.GetSection("Gateway");
        var defaults = new GatewaySettings();
        var settings = new GatewaySettings
        {
            Region = root["Region"] is { Length: > 0 } region ? region : defaults.Region,
            Domains = ReadDomains(root.GetSection("Domains")),
            LegacyBucketDefaults = root.GetValue("LegacyBucketDefaults", defaults.LegacyBucketDefaults),
            CustomerKeysNeedHttps = root.GetValue("CustomerKeysNeedHttps", defaults.CustomerKeysNeedHttps),
            LegacySignatures = root.GetValue("LegacySignatures", defaults.LegacySignatures),
            HealthPort = own.GetValue("HealthPort", defaults.HealthPort),
            MaxConcurrentRequests = own.GetValue("MaxConcurrentRequests", defaults.MaxConcurrentRequests),
            MaxWait = own.GetValue("MaxWait", defaults.MaxWait),
            MaxConnections = own.GetValue("MaxConnections", defaults.MaxConnections),
            IdentityCache = own.GetValue("IdentityCache", defaults.IdentityCache),
            BucketCache = own.GetValue("BucketCache", defaults.BucketCache),
            FailedSignatures = own.GetValue("FailedSignatures", defaults.FailedSignatures),
        };
        if (settings.HealthPort is < 0 or > 65535) throw Bad("HealthPort", "is not a port");
        if (settings.MaxConcurrentRequests < 1) throw Bad("MaxConcurrentRequests", "must be at least 1");
        if (settings.MaxWait < TimeSpan.Zero || settings.MaxWait > TimeSpan.FromMinutes(1)) throw Bad("MaxWait", "must be 0 to 60 seconds");
        if (settings.MaxConnections < 1) throw Bad("MaxConnections", "must be at least 1");
        if (settings.IdentityCache < TimeSpan.Zero || settings.IdentityCache > TimeSpan.FromSeconds(30))
            throw Bad("IdentityCache", "must be 0 to 30 seconds");
        if (settings.BucketCache < TimeSpan.Zero) throw Bad("BucketCache", "must not be negative");
        if (settings.FailedSignatures is < 0 or > 1_000_000) throw Bad("FailedSignatures", "must be 0 to 1000000");
        return settings;
    }

    static string[] ReadDomains(IConfigurationSection section)
    {
        var list = section.Get<string[]>() ?? section.Value?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        return [.. list.Select(domain => domain.ToLowerInvariant())];
    }

    static InvalidOperationException Bad(string key, string what) => new($"The setting OrleansDfs:Gateway:{key} {what}.");
}
