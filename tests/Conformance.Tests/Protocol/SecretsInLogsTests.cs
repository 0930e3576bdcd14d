using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansDfs.Conformance.Tests.Operations;

namespace OrleansDfs.Conformance.Tests.Protocol;

/// <summary>A server that logs everything it can, into memory.</summary>
public sealed class LoggingServer : S3Server
{
    public LogMemory Log { get; } = new();

    protected override ILoggerProvider LogProvider => Log;

    protected override IReadOnlyDictionary<string, string?> MoreSettings => new Dictionary<string, string?>
    {
        ["OrleansDfs:LegacySignatures"] = "true",
        ["OrleansDfs:Gateway:IdentityCache"] = "00:00:00",
        ["Logging:LogLevel:Default"] = "Trace",
        ["Logging:LogLevel:Orleans"] = "Trace",
        ["Logging:LogLevel:OrleansDfs"] = "Trace",
        ["Logging:LogLevel:Microsoft"] = "Trace",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Trace",
    };
}

/// <summary>S3.md §6, 14: nothing in a log signs a request, on any level, whatever happens.</summary>
public sealed class SecretsInLogsTests(LoggingServer server) : IClassFixture<LoggingServer>
{
    [Fact]
    public async Task No_secret_and_no_signature_is_in_any_log()
    {
        var bucket = await server.NewBucket();
        var signer = server.Signer;
        var head = signer.Head("PUT", $"/{bucket}/k", [("content-length", "5")], RawSigner.Hash("hello"u8)) + "hello";
        Assert.Equal(200, (await server.Raw(head)).Status);
        var seen = new List<string> { server.SecretKey, S3Server.AliceSecret, signer.Seed };

        // Links and forms, sound and refused, of both versions.
        var link = server.Signer.Presign("GET", $"/{bucket}/k");
        var wrong = new RawSigner(server.AccessKey, "wrong-secret-wrong-secret", server.Host).Presign("GET", $"/{bucket}/k");
        var old = new RawSigner(server.AccessKey, server.SecretKey, server.Host, now: DateTimeOffset.UtcNow.AddHours(-1)).Presign("GET",
            $"/{bucket}/k");
        var legacy = new LegacySigner(server.AccessKey, server.SecretKey, server.Host).Presign("GET", $"/{bucket}/k");
        foreach (var target in new[] { link, wrong, old, legacy, link + "&x=1", link.Replace("/k?", "/missing?", StringComparison.Ordinal) })
        {
            await server.Raw($"GET {target} HTTP/1.1\r\nHost: {server.Host}\r\n\r\n");
            seen.Add(target.Split("Signature=")[1].Split('&')[0]);
        }
        await new PostForm(server, bucket).Send("hello"u8.ToArray());
        await new PostForm(server, bucket) { Secret = "wrong-secret-wrong-secret" }.Send("hello"u8.ToArray());
        seen.Add("wrong-secret-wrong-secret");

        // A user with keys drawn and given.
        await server.Raw(Admin("POST", "/users", """{"name":"logged"}"""));
        var drawn = System.Text.Json.JsonDocument.Parse((await server.Raw(Admin("POST", "/users/logged/keys",
            ""))).Body).RootElement.GetProperty("secretKey").GetString()!;
        seen.Add(drawn);
        Assert.Equal(201, (await server.Raw(Admin("POST", "/users/logged/keys",
            """{"accessKey":"LOGGEDKEY","secretKey":"a-given-secret-key"}"""))).Status);
        seen.Add("a-given-secret-key");
        Assert.Equal(200, (await server.Raw(new RawSigner("LOGGEDKEY", "a-given-secret-key", server.Host).Head("GET", "/"))).Status);

        var clusterSecret = (await File.ReadAllTextAsync(Path.Combine(server.Folder, "cluster.secret"))).Trim();
        seen.Add(clusterSecret);
        var lines = server.Log.Lines.ToArray();
        Assert.Contains(lines, line => line.Contains("GetObject", StringComparison.Ordinal)); // the log is on
        seen.AddRange(seen.Select(Uri.UnescapeDataString).ToArray());
        seen.Add("X-Amz-Signature=");
        Assert.Equal("", string.Join('\n', lines.Where(line => seen.Any(secret => line.Contains(secret, StringComparison.OrdinalIgnoreCase)))));
    }

    string Admin(string method, string path, string body) =>
        server.Signer.Head(method, "/_admin/v1" + path, [("content-length", $"{body.Length}")],
            RawSigner.Hash(System.Text.Encoding.ASCII.GetBytes(body))) + body;
}

/// <summary>Every log line of one server, with its exception.</summary>
public sealed class LogMemory : ILoggerProvider
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    sealed class Logger(LogMemory memory, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            memory.Lines.Enqueue($"{category} scope {state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            memory.Lines.Enqueue($"{category} {logLevel} {formatter(state, exception)} {exception}");
    }
}
