using System.Text;
using System.Text.Json;

namespace OrleansDfs.Conformance.Tests.Admin;

/// <summary>A server that asks for every identity anew, so that a test sees a change at once that others see after 30 s at most.</summary>
public sealed class AdminServer : S3Server
{
    protected override IReadOnlyDictionary<string, string?> MoreSettings => new Dictionary<string, string?>
    {
        ["OrleansDfs:Gateway:IdentityCache"] = "00:00:00",
    };

    /// <summary>One request to the admin API.</summary>
    /// <param name="signer">Who asks; by default root.</param>
    public async Task<AdminAnswer> Admin(string method, string path, string? body = null, RawSigner? signer = null)
    {
        var bytes = Encoding.UTF8.GetBytes(body ?? "");
        (string, string)[] headers = body is null ? [] : [("content-length", $"{bytes.Length}"), ("content-type", "application/json")];
        var answer = await Raw((signer ?? Signer).Head(method, "/_admin/v1" + path, headers, RawSigner.Hash(bytes)), bytes);
        return new AdminAnswer(answer.Status, answer.Body.Length == 0 ? default : JsonDocument.Parse(answer.Body).RootElement);
    }

    /// <summary>Makes a user with a key, as root or as someone else.</summary>
    public async Task<(RawSigner Signer, string AccessKey, string SecretKey)> NewUser(string name, RawSigner? by = null)
    {
        Assert.Equal(201, (await Admin("POST", "/users", $$"""{"name":"{{name}}"}""", by)).Status);
        return await NewKey(name, by);
    }

    public async Task<(RawSigner Signer, string AccessKey, string SecretKey)> NewKey(string name, RawSigner? by = null)
    {
        var created = await Admin("POST", $"/users/{name}/keys", signer: by);
        Assert.Equal(201, created.Status);
        var (access, secret) = (created.Json.GetProperty("accessKey").GetString()!, created.Json.GetProperty("secretKey").GetString()!);
        return (new RawSigner(access, secret, Host), access, secret);
    }

    public async Task Attach(string user, string policy, string statements, RawSigner? by = null)
    {
        var answer = await Admin("PUT", $"/users/{user}/policies/{policy}", """{"Version":"2012-10-17","Statement":[""" + statements + "]}", by);
        Assert.True(answer.Status == 204, answer.Json.ToString());
    }
}

public sealed record AdminAnswer(int Status, JsonElement Json)
{
    public string Code => Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty("code", out var code) ? code.GetString()! : "";
}
