namespace OrleansDfs.Conformance.Tests.Protocol;

/// <summary>S3.md §4 and §6: nothing answers before the signature holds, on any route, and nothing unsigned is acted on.</summary>
[Collection(S3Tests.Name)]
public sealed class SignatureTests(S3Server server)
{
    public static readonly TheoryData<string, string> Routes = new()
    {
        { "GET", "/" }, { "GET", "/B" }, { "GET", "/B?location" }, { "GET", "/B?versions" }, { "GET", "/B?uploads" }, { "GET", "/B?policy" },
        { "HEAD", "/B" },
        { "PUT", "/B" }, { "DELETE", "/B" }, { "POST", "/B?delete" }, { "GET", "/B/k" }, { "HEAD", "/B/k" }, { "PUT", "/B/k" }, { "DELETE", "/B/k" },
        { "POST", "/B/k?uploads" }, { "PUT", "/B/k?partNumber=1&uploadId=x" }, { "POST", "/B/k?uploadId=x" }, { "GET", "/B/k?acl" },
    };

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Every_route_refuses_every_wrong_signature(string method, string route)
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        var target = route.Replace("/B", "/" + bucket, StringComparison.Ordinal);
        (string, string)[] length = method is "PUT" or "POST" ? [("content-length", "0")] : [];
        var anonymous = $"{method} {target} HTTP/1.1\r\nHost: {server.Host}\r\nContent-Length: 0\r\n\r\n";
        await Refused(anonymous, "AccessDenied");
        await Refused(new RawSigner("NOSUCHKEYNOSUCHKEY00", "secret", server.Host).Head(method, target, length), "InvalidAccessKeyId");
        await Refused(new RawSigner(server.AccessKey, server.SecretKey + "x", server.Host).Head(method, target, length), "SignatureDoesNotMatch");
        await Refused(server.Signer.Head(method, target + (target.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "x=1", length)
            .Replace("x=1", "x=2", StringComparison.Ordinal), "SignatureDoesNotMatch");
        await Refused(server.Signer.Head(method, target, length, unsigned: [("x-amz-meta-a", "1")]), "AccessDenied");
        var presigned = new RawSigner(server.AccessKey, server.SecretKey + "x", server.Host).Presign(method, target);
        await Refused($"{method} {presigned} HTTP/1.1\r\nHost: {server.Host}\r\nContent-Length: 0\r\n\r\n", "SignatureDoesNotMatch");
        Assert.Equal("x", await server.Client.Text(bucket, "k"));

        async Task Refused(string head, string code)
        {
            var answer = await server.Raw(head);
            Assert.Equal(403, answer.Status);
            if (method != "HEAD") Assert.Equal(code, answer.Code);
        }
    }

    [Theory]
    [InlineData("x-amz-copy-source", "/B/secret")]
    [InlineData("x-amz-acl", "public-read")]
    [InlineData("x-amz-tagging", "a=b")]
    [InlineData("x-amz-meta-a", "1")]
    public async Task A_header_added_to_a_presigned_put_is_refused(string name, string value)
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "secret", "secret");
        var target = server.Signer.Presign("PUT", $"/{bucket}/k");
        var added = $"{name}: {value.Replace("B", bucket, StringComparison.Ordinal)}";
        var answer = await server.Raw($"PUT {target} HTTP/1.1\r\nHost: {server.Host}\r\nContent-Length: 0\r\n{added}\r\n\r\n");
        Assert.Equal((403, "AccessDenied"), (answer.Status, answer.Code));
        var plain = await server.Raw($"PUT {target} HTTP/1.1\r\nHost: {server.Host}\r\nContent-Length: 5\r\n\r\nhello");
        Assert.Equal(200, plain.Status);
        Assert.Equal("hello", await server.Client.Text(bucket, "k"));
    }

    [Fact]
    public async Task Presigned_links_expire_and_serve_only_what_they_name()
    {
        var bucket = await server.NewBucket();
        await server.Client.Put(bucket, "k", "x");
        var valid = await server.Raw($"GET {server.Signer.Presign("GET", $"/{bucket}/k")} HTTP/1.1\r\nHost: {server.Host}\r\n\r\n");
        Assert.Equal((200, "x"), (valid.Status, valid.Text));
        var old = new RawSigner(server.AccessKey, server.SecretKey, server.Host, now: DateTimeOffset.UtcNow.AddSeconds(-100))
            .Presign("GET", $"/{bucket}/k", 60);
        var expired = await server.Raw($"GET {old} HTTP/1.1\r\nHost: {server.Host}\r\n\r\n");
        Assert.Equal((403, "AccessDenied"), (expired.Status, expired.Code));
        var week = await server.Raw($"GET {server.Signer.Presign("GET", $"/{bucket}/k", 604_801)} HTTP/1.1\r\nHost: {server.Host}\r\n\r\n");
        Assert.Equal((400, "AuthorizationQueryParametersError"), (week.Status, week.Code));
    }

    [Fact]
    public async Task Half_or_double_credentials_are_refused()
    {
        var bucket = await server.NewBucket();
        var both = await server.Raw(server.Signer.Head("GET", server.Signer.Presign("GET", $"/{bucket}")));
        Assert.Equal((400, "InvalidArgument"), (both.Status, both.Code));
        var half = await server.Raw($"GET /{bucket}?X-Amz-Signature=00 HTTP/1.1\r\nHost: {server.Host}\r\n\r\n");
        Assert.Equal((400, "AuthorizationQueryParametersError"), (half.Status, half.Code));
        var unknown = await server.Raw($"GET /{bucket} HTTP/1.1\r\nHost: {server.Host}\r\nAuthorization: Basic YTpi\r\n\r\n");
        Assert.Equal(400, unknown.Status);
    }

    /// <summary>AWS's quarter of an hour, both ways; of a link's time only the future is too far.</summary>
    [Theory]
    [InlineData(-16, "RequestTimeTooSkewed")]
    [InlineData(16, "RequestTimeTooSkewed")]
    [InlineData(-14, "")]
    [InlineData(14, "")]
    [InlineData(-1_000_000, "RequestTimeTooSkewed")]
    public async Task Clocks(int minutes, string code)
    {
        var skewed = new RawSigner(server.AccessKey, server.SecretKey, server.Host, now: DateTimeOffset.UtcNow.AddMinutes(minutes));
        var answer = await server.Raw(skewed.Head("GET", "/"));
        Assert.Equal((code.Length == 0 ? 200 : 403, code), (answer.Status, answer.Code));
        if (code.Length > 0) Assert.Contains("<MaxAllowedSkewMilliseconds>900000<", answer.Text, StringComparison.Ordinal);
        var link = await server.Raw($"GET {skewed.Presign("GET", "/", 3600)} HTTP/1.1\r\nHost: {server.Host}\r\n\r\n");
        Assert.Equal(minutes is > 15 or < -60 ? 403 : 200, link.Status);
    }

    [Theory]
    [InlineData("x-amz-date: 20260101T000000Z", "x-amz-date: tomorrow")]
    [InlineData("x-amz-date: 20260101T000000Z", "x-amz-date: 2026-01-01T00:00:00Z")]
    [InlineData("x-amz-date: 20260101T000000Z\r\n", "")]
    public async Task A_time_that_is_none(string sent, string instead)
    {
        var head = new RawSigner(server.AccessKey, server.SecretKey, server.Host, now: new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
            .Head("GET", "/");
        Assert.Contains(sent, head, StringComparison.Ordinal);
        var answer = await server.Raw(head.Replace(sent, instead, StringComparison.Ordinal));
        Assert.Equal((403, "AccessDenied"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Regions()
    {
        var elsewhere = await server.Raw(new RawSigner(server.AccessKey, server.SecretKey, server.Host, "eu-west-1").Head("GET", "/"));
        Assert.Equal((400, "AuthorizationHeaderMalformed"), (elsewhere.Status, elsewhere.Code));
        Assert.Contains("<Region>us-east-1</Region>", elsewhere.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Conditions_are_not_judged_for_who_may_not_read()
    {
        var bucket = await server.NewBucket();
        var etag = (await server.Client.Put(bucket, "k", "x")).ETag;
        foreach (var header in new[] { ("if-none-match", etag), ("if-match", "\"other\""), ("range", "bytes=99-") })
        {
            var answer = await server.Raw(server.AliceSigner.Head("GET", $"/{bucket}/k", [header]));
            Assert.Equal((403, "AccessDenied"), (answer.Status, answer.Code));
        }
    }
}
