using System.Text;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Operations;

/// <summary>Get-, Put- and DeleteBucketCors, preflights, and the headers on actual requests.</summary>
[Collection(S3Tests.Name)]
public sealed class BucketCorsTests(S3Server server)
{
    const string Rules = """
        <CORSConfiguration><CORSRule><ID>app</ID><AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod>
        <AllowedOrigin>https://*.example.com</AllowedOrigin><AllowedHeader>x-amz-*</AllowedHeader><AllowedHeader>content-type</AllowedHeader>
        <ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>600</MaxAgeSeconds></CORSRule>
        <CORSRule><AllowedMethod>HEAD</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>
        """;

    [Fact]
    public async Task Set_read_and_removed()
    {
        var bucket = await server.NewBucket();
        Assert.Equal((404, "NoSuchCORSConfiguration"), Of(await server.Raw(server.Signer.Head("GET", $"/{bucket}?cors"))));
        await server.Client.PutCORSConfigurationAsync(new PutCORSConfigurationRequest
        {
            BucketName = bucket,
            Configuration = new CORSConfiguration { Rules = [new CORSRule { AllowedMethods = ["GET"], AllowedOrigins = ["*"], MaxAgeSeconds = 5 }] },
        });
        var rule = Assert.Single((await server.Client.GetCORSConfigurationAsync(bucket)).Configuration.Rules);
        Assert.Equal(("GET", "*", 5), (Assert.Single(rule.AllowedMethods), Assert.Single(rule.AllowedOrigins), rule.MaxAgeSeconds));
        await server.Client.DeleteCORSConfigurationAsync(bucket);
        Assert.Equal("NoSuchCORSConfiguration", (await server.Raw(server.Signer.Head("GET", $"/{bucket}?cors"))).Code);
        Assert.Equal((403, "AccessDenied"), Of(await server.Raw(server.AliceSigner.Head("GET", $"/{bucket}?cors"))));
    }

    [Fact]
    public async Task A_preflight_is_answered_without_credentials()
    {
        var bucket = await WithRules();
        var answer = await Preflight($"/{bucket}/any/key", "https://app.example.com", "PUT", "X-Amz-Date, Content-Type");
        Assert.Equal((200, "https://app.example.com", "PUT, GET"),
            (answer.Status, answer.Header("Access-Control-Allow-Origin"), answer.Header("Access-Control-Allow-Methods")));
        Assert.Equal(("x-amz-date, content-type", "ETag", "600", "true"),
            (answer.Header("Access-Control-Allow-Headers"), answer.Header("Access-Control-Expose-Headers"), answer.Header("Access-Control-Max-Age"),
            answer.Header("Access-Control-Allow-Credentials")));
        Assert.Contains("Origin", answer.Header("Vary"), StringComparison.Ordinal);
        var anyone = await Preflight($"/{bucket}", "http://evil.test", "HEAD", null);
        Assert.Equal((200, "*", null),
            (anyone.Status, anyone.Header("Access-Control-Allow-Origin"), anyone.Header("Access-Control-Allow-Credentials")));
    }

    [Theory]
    [InlineData("https://app.example.com.evil.test", "PUT", null, 403, "AccessForbidden")]
    [InlineData("http://app.example.com", "PUT", null, 403, "AccessForbidden")]
    [InlineData("https://app.example.com", "DELETE", null, 403, "AccessForbidden")]
    [InlineData("https://app.example.com", "PUT", "Authorization", 403, "AccessForbidden")]
    [InlineData("https://app.example.com", "PATCH", null, 400, "BadRequest")]
    [InlineData("https://app.example.com", null, null, 400, "BadRequest")]
    [InlineData(null, "PUT", null, 400, "BadRequest")]
    public async Task Preflights_that_no_rule_allows(string? origin, string? method, string? headers, int status, string code)
    {
        var answer = await Preflight($"/{await WithRules()}/k", origin, method, headers);
        Assert.Equal((status, code), Of(answer));
        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Buckets_without_rules_allow_nothing()
    {
        var bucket = await server.NewBucket();
        var none = await Preflight($"/{bucket}", "http://a.test", "GET", null);
        Assert.Equal((403, "AccessForbidden"), Of(none));
        Assert.Contains("<Method>GET</Method><ResourceType>BUCKET</ResourceType>", none.Text, StringComparison.Ordinal);
        Assert.Equal((403, "AccessForbidden"), Of(await Preflight($"/{bucket}x/k", "http://a.test", "GET", null)));
        var actual = await server.Raw(server.Signer.Head("GET", $"/{bucket}", [("origin", "http://a.test")]));
        Assert.Equal((200, null, null), (actual.Status, actual.Header("Access-Control-Allow-Origin"), actual.Header("Vary")));
    }

    [Fact]
    public async Task Actual_requests_and_their_errors_are_readable_by_allowed_origins_only()
    {
        var bucket = await WithRules();
        await server.Client.Put(bucket, "k", "x");
        (string, string)[] allowed = [("origin", "https://app.example.com")];
        foreach (var (target, status) in new[] { ("k", 200), ("missing", 404) })
        {
            var answer = await server.Raw(server.Signer.Head("GET", $"/{bucket}/{target}", allowed));
            Assert.Equal((status, "https://app.example.com", "ETag"),
                (answer.Status, answer.Header("Access-Control-Allow-Origin"), answer.Header("Access-Control-Expose-Headers")));
        }
        var denied = await server.Raw($"GET /{bucket}/k HTTP/1.1\r\nHost: {server.Host}\r\nOrigin: https://app.example.com\r\n\r\n");
        Assert.Equal((403, "https://app.example.com"), (denied.Status, denied.Header("Access-Control-Allow-Origin"))); // it grants nothing
        var other = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k", [("origin", "https://example.org")]));
        Assert.Equal((200, null), (other.Status, other.Header("Access-Control-Allow-Origin")));
        Assert.Contains("Origin", other.Header("Vary"), StringComparison.Ordinal);
        Assert.Null((await server.Raw(server.Signer.Head("GET", $"/{bucket}/k"))).Header("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("<AllowedMethod>GET</AllowedMethod>", "MalformedXML")]
    [InlineData("<AllowedOrigin>*</AllowedOrigin>", "MalformedXML")]
    [InlineData("<AllowedMethod>OPTIONS</AllowedMethod><AllowedOrigin>*</AllowedOrigin>", "InvalidRequest")]
    [InlineData("<AllowedMethod>GET</AllowedMethod><AllowedOrigin>http://*.*</AllowedOrigin>", "InvalidRequest")]
    [InlineData("<AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin><AllowedHeader>*-*</AllowedHeader>", "InvalidRequest")]
    [InlineData("<AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin><ExposeHeader>x-*</ExposeHeader>", "InvalidRequest")]
    [InlineData("<AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin><ExposeHeader>a&#13;&#10;b: c</ExposeHeader>", "MalformedXML")]
    [InlineData("<AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin><MaxAgeSeconds>-1</MaxAgeSeconds>", "MalformedXML")]
    [InlineData("<AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin><Colour/>", "MalformedXML")]
    public async Task Hostile_rules(string rule, string code)
    {
        var bucket = await server.NewBucket();
        Assert.Equal((400, code), Of(await Put(bucket, $"<CORSConfiguration><CORSRule>{rule}</CORSRule></CORSConfiguration>")));
        Assert.Equal("NoSuchCORSConfiguration", (await server.Raw(server.Signer.Head("GET", $"/{bucket}?cors"))).Code);
    }

    [Fact]
    public async Task At_least_one_rule_and_a_hundred_at_most()
    {
        var bucket = await server.NewBucket();
        const string rule = "<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>";
        Assert.Equal((400, "MalformedXML"), Of(await Put(bucket, "<CORSConfiguration/>")));
        Assert.Equal((400, "InvalidRequest"),
            Of(await Put(bucket, $"<CORSConfiguration>{string.Concat(Enumerable.Repeat(rule, 101))}</CORSConfiguration>")));
        Assert.Equal(200, (await Put(bucket, $"<CORSConfiguration>{string.Concat(Enumerable.Repeat(rule, 100))}</CORSConfiguration>")).Status);
    }

    async Task<string> WithRules()
    {
        var bucket = await server.NewBucket();
        Assert.Equal(200, (await Put(bucket, Rules)).Status);
        return bucket;
    }

    Task<RawResponse> Put(string bucket, string document)
    {
        var body = Encoding.UTF8.GetBytes(document);
        return server.Raw(server.Signer.Head("PUT", $"/{bucket}?cors", [("content-length", $"{body.Length}")], RawSigner.Hash(body)), body);
    }

    Task<RawResponse> Preflight(string target, string? origin, string? method, string? headers) => server.Raw(
        $"OPTIONS {target} HTTP/1.1\r\nHost: {server.Host}\r\n" + (origin is null ? "" : $"Origin: {origin}\r\n")
        + (method is null ? "" : $"Access-Control-Request-Method: {method}\r\n")
        + (headers is null ? "" : $"Access-Control-Request-Headers: {headers}\r\n") + "\r\n");

    static (int, string) Of(RawResponse answer) => (answer.Status, answer.Code);
}
