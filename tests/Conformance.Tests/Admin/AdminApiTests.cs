using System.Text.Json;

namespace OrleansDfs.Conformance.Tests.Admin;

/// <summary>The admin API itself: documents, errors, and who is let in (docs/admin-api.md).</summary>
public sealed class AdminApiTests(AdminServer server) : IClassFixture<AdminServer>
{
    [Fact]
    public async Task A_users_life()
    {
        var made = await server.Admin("POST", "/users", """{"name":"anna","email":"anna@example.com"}""");
        Assert.Equal((201, "anna", "anna@example.com"), (made.Status, Text(made.Json, "name"), Text(made.Json, "email")));
        Assert.Equal((409, "EntityAlreadyExists"), Refused(await server.Admin("POST", "/users", """{"name":"anna"}""")));

        var (signer, key, secret) = await server.NewKey("anna");
        Assert.Matches("^AKIA[A-Z2-7]{16}$", key);
        Assert.Equal(40, secret.Length);
        Assert.Equal(200, (await server.Raw(signer.Head("PUT", "/annas-bucket"))).Status);
        using (var s3 = server.ClientOf(key, secret))
        {
            await s3.Put("annas-bucket", "k", "hello");
            Assert.Equal("hello", await s3.Text("annas-bucket", "k"));
        }
        Assert.Equal((409, "DeleteConflict"), Refused(await server.Admin("DELETE", "/users/anna")));

        var shown = (await server.Admin("GET", "/users/anna")).Json;
        Assert.Equal(key, Text(shown.GetProperty("keys")[0], "accessKey"));
        Assert.DoesNotContain(secret, shown.ToString(), StringComparison.Ordinal);
        Assert.Contains("anna", (await server.Admin("GET", "/users")).Json.GetProperty("users").EnumerateArray().Select(u => Text(u, "name")));

        Assert.Equal(204, (await server.Admin("PATCH", $"/users/anna/keys/{key}", """{"disabled":true}""")).Status);
        Assert.Equal("InvalidAccessKeyId", (await server.Raw(signer.Head("GET", "/annas-bucket"))).Code);
        Assert.Equal(204, (await server.Admin("PATCH", $"/users/anna/keys/{key}", """{"disabled":false}""")).Status);
        Assert.Equal(200, (await server.Admin("PATCH", "/users/anna", """{"disabled":true}""")).Status);
        Assert.Equal("InvalidAccessKeyId", (await server.Raw(signer.Head("GET", "/annas-bucket"))).Code);
        Assert.Equal(200, (await server.Admin("PATCH", "/users/anna", """{"disabled":false}""")).Status);
        Assert.Equal(200, (await server.Raw(signer.Head("GET", "/annas-bucket"))).Status);

        Assert.Equal(204, (await server.Admin("DELETE", $"/users/anna/keys/{key}")).Status);
        Assert.Equal((404, "NoSuchEntity"), Refused(await server.Admin("DELETE", $"/users/anna/keys/{key}")));
        Assert.Equal("InvalidAccessKeyId", (await server.Raw(signer.Head("GET", "/annas-bucket"))).Code);
        await server.Client.DeleteObjectAsync("annas-bucket", "k");
        await server.Client.DeleteBucketAsync("annas-bucket");
        Assert.Equal(204, (await server.Admin("DELETE", "/users/anna")).Status);
        Assert.Equal((404, "NoSuchEntity"), Refused(await server.Admin("GET", "/users/anna")));
    }

    [Fact]
    public async Task A_key_may_be_given_and_policies_are_kept_as_they_were_put()
    {
        await server.Admin("POST", "/users", """{"name":"ben"}""");
        var given = await server.Admin("POST", "/users/ben/keys", """{"accessKey":"BENSOWNKEY","secretKey":"bens-own-secret-key"}""");
        Assert.Equal((201, "BENSOWNKEY"), (given.Status, Text(given.Json, "accessKey")));
        Assert.Equal(200, (await server.Raw(new RawSigner("BENSOWNKEY", "bens-own-secret-key", server.Host).Head("GET", "/"))).Status);
        Assert.Equal((409, "EntityAlreadyExists"), Refused(await server.Admin("POST", "/users/ben/keys", """{"accessKey":"BENSOWNKEY"}""")));
        Assert.Equal((409, "EntityAlreadyExists"), Refused(await server.Admin("POST", "/users/ben/keys",
            $$"""{"accessKey":"{{S3Server.AliceKey}}"}""")));

        const string policy = """{"Version":"2012-10-17", "Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}""";
        Assert.Equal(204, (await server.Admin("PUT", "/users/ben/policies/all", policy)).Status);
        Assert.Equal(JsonDocument.Parse(policy).RootElement.ToString(), (await server.Admin("GET", "/users/ben/policies/all")).Json.ToString());
        Assert.Equal("all", (await server.Admin("GET", "/users/ben/policies")).Json.GetProperty("policies")[0].GetString());
        Assert.Equal(204, (await server.Admin("DELETE", "/users/ben/policies/all")).Status);
        Assert.Equal((404, "NoSuchEntity"), Refused(await server.Admin("GET", "/users/ben/policies/all")));
        Assert.Equal((400, "MalformedPolicy"), Refused(await server.Admin("PUT", "/users/ben/policies/all", """{"Statement":{"Effect":"Maybe"}}""")));
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("root")]
    public async Task Who_comes_from_the_configuration_is_changed_there(string user)
    {
        foreach (var (method, path, body) in new[]
        {
            ("DELETE", "", null), ("PATCH", "", """{"disabled":true}"""), ("POST", "/keys", null), ("DELETE", $"/keys/{S3Server.AliceKey}", null),
            ("PUT", "/policies/p", """{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"""),
        })
        {
            var answer = await server.Admin(method, $"/users/{user}{path}", body);
            Assert.Equal((409, "UnmodifiableEntity"), Refused(answer));
            Assert.Contains("configuration", Text(answer.Json, "message"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("POST", "/users", """{"name":""}""")]
    [InlineData("POST", "/users", """{"name":"root"}""")]
    [InlineData("POST", "/users", """{"name":"a b"}""")]
    [InlineData("POST", "/users", """{"name":"a\u0000"}""")]
    [InlineData("POST", "/users", """{"name":"a","email":"x\r\ny"}""")]
    [InlineData("POST", "/users", """{"name":"a","root":true}""")]
    [InlineData("POST", "/users", """{"name":"a","name":"b"}""")]
    [InlineData("POST", "/users", """{"name":1}""")]
    [InlineData("POST", "/users", "null")]
    [InlineData("POST", "/users", "{")]
    [InlineData("POST", "/users", "")]
    [InlineData("PATCH", "/users/alice", "{}")]
    [InlineData("POST", "/users/alice/keys", """{"accessKey":"a-b"}""")]
    [InlineData("POST", "/users/alice/keys", """{"secretKey":"short"}""")]
    public async Task What_is_malformed_is_told(string method, string path, string body) =>
        Assert.Equal((400, "InvalidInput"), Refused(await server.Admin(method, path, body)));

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/users/")]
    [InlineData("GET", "/users?x=1")]
    [InlineData("PUT", "/users")]
    [InlineData("GET", "/users/a/b/c/d")]
    [InlineData("HEAD", "/nothing")]
    public async Task What_is_not_there_is_404(string method, string path) =>
        Assert.Equal(404, (await server.Raw(server.Signer.Head(method, "/_admin/v1" + path))).Status);

    public static readonly TheoryData<string, string, string?> Routes = new()
    {
        { "GET", "/users", null }, { "POST", "/users", """{"name":"eve"}""" }, { "GET", "/users/alice", null },
        { "PATCH", "/users/alice", """{"disabled":true}""" }, { "DELETE", "/users/alice", null }, { "GET", "/users/alice/keys", null },
        { "POST", "/users/alice/keys", null }, { "DELETE", $"/users/alice/keys/{S3Server.AliceKey}", null }, { "GET", "/users/alice/policies", null },
        { "GET", "/users/alice/policies/p", null }, { "DELETE", "/users/alice/policies/p", null }, { "GET", "/nothing", null },
        { "PUT", "/users/alice/policies/p", """{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""" },
    };

    /// <summary>S3.md §6, 7: nothing but "denied" for who is nobody, or is somebody without the right.</summary>
    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Nobody_without_the_right_gets_in(string method, string path, string? body)
    {
        var length = body is null ? "" : $"Content-Length: {body.Length}\r\n";
        var target = "/_admin/v1" + path;
        Assert.Equal(403, (await server.Raw($"{method} {target} HTTP/1.1\r\nHost: {server.Host}\r\n{length}\r\n{body}")).Status);
        Assert.Equal((403, "AccessDenied"), Refused(await server.Admin(method, path, body, server.AliceSigner)));
        Assert.Equal((403, "SignatureDoesNotMatch"), Refused(await server.Admin(method, path, body, new RawSigner(server.AccessKey, "wrong",
            server.Host))));
        Assert.Equal((403, "InvalidAccessKeyId"), Refused(await server.Admin(method, path, body, new RawSigner("NOBODYSKEY", "wrong", server.Host))));
        // A link that somebody signed for S3 must not be one that administers.
        Assert.Equal(403, (await server.Raw(
            $"{method} {server.Signer.Presign(method, target)} HTTP/1.1\r\nHost: {server.Host}\r\n{length}\r\n{body}")).Status);
    }

    [Fact]
    public async Task The_signature_covers_the_body()
    {
        const string body = """{"name":"mallory"}""";
        foreach (var hash in new[] { "UNSIGNED-PAYLOAD", RawSigner.Hash("other"u8) })
        {
            var answer = await server.Raw(server.Signer.Head("POST", "/_admin/v1/users", [("content-length", $"{body.Length}")], hash) + body);
            Assert.Equal(400, answer.Status);
            Assert.Contains("XAmzContentSHA256Mismatch", answer.Text, StringComparison.Ordinal);
        }
        Assert.Equal(404, (await server.Admin("GET", "/users/mallory")).Status);
    }

    [Fact]
    public async Task Under_a_buckets_own_host_the_path_is_a_key()
    {
        var bucket = await server.NewBucket();
        var signer = new RawSigner(server.AccessKey, server.SecretKey, $"{bucket}.s3.example.test");
        Assert.Equal(200, (await server.Raw(signer.Head("PUT", "/_admin/v1/users", [("content-length", "2")],
            RawSigner.Hash("hi"u8)) + "hi")).Status);
        Assert.Equal("hi", await server.Client.Text(bucket, "_admin/v1/users"));
    }

    /// <summary>The example of docs/admin-api.md.</summary>
    [SkippableFact]
    public async Task Curl_can_do_it()
    {
        await Tool.Need("curl", "--version");
        const string body = """{"name":"curly"}""";
        var result = await Tool.Run(server, "curl", "--silent", "--show-error", "--fail-with-body", "--aws-sigv4", "aws:amz:us-east-1:s3",
            "--user", $"{server.AccessKey}:{server.SecretKey}", "-H", "x-amz-content-sha256: " + RawSigner.Hash("""{"name":"curly"}"""u8),
            "-X", "POST", "-d", body, new Uri(server.Endpoint, "/_admin/v1/users").ToString());
        Assert.Equal("curly", Text(JsonDocument.Parse(result.Succeeded().Output).RootElement, "name"));
    }

    static (int, string) Refused(AdminAnswer answer) => (answer.Status, answer.Code);

    static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
