using OrleansDfs.Conformance.Tests.Clients;

namespace OrleansDfs.Conformance.Tests.Protocol;

/// <summary>A server that takes three wrong signatures a minute from one address.</summary>
public sealed class LimitedServer : S3Server
{
    protected override IReadOnlyDictionary<string, string?> MoreSettings =>
        new Dictionary<string, string?> { ["OrleansDfs:Gateway:FailedSignatures"] = "3" };
}

/// <summary>S3.md §6, 18, over the wire: S3 and the admin API count together.</summary>
public sealed class FailedSignatureLimitTests(LimitedServer server) : IClassFixture<LimitedServer>
{
    [Fact]
    public async Task Guessing_is_slowed_down_and_everybody_else_goes_on()
    {
        var bucket = await server.NewBucket();
        var wrong = new RawSigner(server.AccessKey, "wrong-secret", server.Host);
        var unknown = new RawSigner("AKNOSUCHKEYATALL", "wrong-secret", server.Host);
        Assert.Equal((403, "SignatureDoesNotMatch"), Answer(await server.Raw(wrong.Head("GET", $"/{bucket}"))));
        Assert.Equal((403, "InvalidAccessKeyId"), Answer(await server.Raw(unknown.Head("GET", $"/{bucket}"))));
        Assert.Equal(403, (await server.Raw(wrong.Head("GET", "/_admin/v1/users"))).Status);
        foreach (var signer in new[] { wrong, unknown })
        {
            var slowed = await server.Raw(signer.Head("GET", $"/{bucket}"));
            Assert.Equal((503, "SlowDown"), Answer(slowed));
            Assert.Equal("1", slowed.Header("Retry-After"));
            Assert.DoesNotContain("StringToSign", slowed.Text, StringComparison.Ordinal);
            Assert.Equal(503, (await server.Raw(signer.Head("GET", "/_admin/v1/users"))).Status);
        }
        await server.Client.Put(bucket, "k", "x");
        Assert.Equal((403, "AccessDenied"), Answer(await server.Raw(server.AnonymousHead("GET", $"/{bucket}/k"))));
    }

    static (int, string) Answer(RawResponse answer) => (answer.Status, answer.Code);
}
