using Amazon.S3;
using Amazon.S3.Model;

namespace OrleansDfs.Conformance.Tests.Protocol;

/// <summary>A server with room for four requests and one large stream.</summary>
public sealed class SmallServer : S3Server
{
    public const int Requests = 4;

    protected override IReadOnlyDictionary<string, string?> MoreSettings => new Dictionary<string, string?>
    {
        ["OrleansDfs:Gateway:MaxConcurrentRequests"] = $"{Requests}",
        ["OrleansDfs:Gateway:MaxWait"] = "00:00:00.2",
        ["OrleansDfs:Client:LargeStreams"] = "1",
    };
}

/// <summary>
/// More than there is room for: a bounded number is worked on, the rest is told to slow down at once, and what was acknowledged is there.
/// </summary>
public sealed class OverloadTests(SmallServer server) : IClassFixture<SmallServer>
{
    const int Large = 1024 * 1024;

    [Fact]
    public async Task Requests_beyond_the_limit_are_told_to_slow_down_and_those_within_it_end_well()
    {
        var bucket = await server.NewBucket();
        var busy = new List<RawClient>();
        for (var i = 0; i < SmallServer.Requests; i++) busy.Add(await BeginPut($"/{bucket}/busy{i}", "hello"u8.ToArray(), sent: 2));
        using var late = await RawClient.Connect(server.Endpoint);
        var refused = await Until(late, r => r.Status == 503, server.Signer.Head("HEAD", $"/{bucket}"), head: true);
        Assert.Equal("1", refused.Header("Retry-After"));
        await late.Send(server.Signer.Head("PUT", $"/{bucket}/late", [("content-length", "5")], RawSigner.Hash("hello"u8)) + "hello");
        var answer = await late.Receive();
        Assert.Equal((503, "1"), (answer.Status, answer.Header("Retry-After")));
        Assert.Contains("<Code>SlowDown</Code>", answer.Text, StringComparison.Ordinal);

        foreach (var client in busy)
        {
            await client.Send("llo");
            Assert.Equal(200, (await client.Receive()).Status);
            client.Dispose();
        }
        // The same connection goes on; nothing of the refused PUT is there.
        Assert.Equal(404, (await Until(late, r => r.Status != 503, server.Signer.Head("HEAD", $"/{bucket}/late"), head: true)).Status);
        for (var i = 0; i < SmallServer.Requests; i++)
        {
            await late.Send(server.Signer.Head("GET", $"/{bucket}/busy{i}"));
            Assert.Equal("hello", (await late.Receive()).Text);
        }
    }

    [Fact]
    public async Task A_large_body_that_gets_no_buffer_is_told_to_slow_down_and_small_ones_pass()
    {
        var bucket = await server.NewBucket();
        var body = new byte[Large];
        Random.Shared.NextBytes(body);
        using var first = await BeginPut($"/{bucket}/first", body, sent: Large / 2); // holds the one buffer until its body is whole
        using var other = await RawClient.Connect(server.Endpoint);
        var head = server.Signer.Head("PUT", $"/{bucket}/second", [("content-length", $"{Large}")], "UNSIGNED-PAYLOAD");
        RawResponse refused;
        do
        {
            // Until the first one has its buffer.
            await other.Send(head);
            await other.Send(body);
            refused = await other.Receive();
        }
        while (refused.Status == 200);
        Assert.Equal((503, "1"), (refused.Status, refused.Header("Retry-After")));
        Assert.Contains("<Code>SlowDown</Code>", refused.Text, StringComparison.Ordinal);

        await server.Client.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = "small", ContentBody = "small" });
        await first.Send(body.AsMemory(Large / 2));
        Assert.Equal(200, (await first.Receive()).Status);
        await other.Send(head);
        await other.Send(body);
        Assert.Equal(200, (await other.Receive()).Status);
    }

    [Fact]
    public async Task Of_a_crowd_what_was_acknowledged_is_there_and_what_was_refused_is_not()
    {
        var bucket = await server.NewBucket();
        var ends = await Task.WhenAll(Enumerable.Range(0, 64).Select(async i =>
        {
            try
            {
                await server.Client.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = $"k{i:00}", ContentBody = $"k{i:00}" });
                return "";
            }
            catch (AmazonS3Exception e)
            {
                return e.ErrorCode;
            }
        }));
        Assert.Equal(["", "SlowDown"], ends.Distinct().Order());
        var there = (await server.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket })).S3Objects.Select(o => o.Key);
        Assert.Equal(ends.Index().Where(e => e.Item == "").Select(e => $"k{e.Index:00}"), there);
    }

    /// <summary>Sends a request again until the answer is as it should be: who began or ended just before may not be counted yet.</summary>
    static async Task<RawResponse> Until(RawClient client, Predicate<RawResponse> isRight, string request, bool head)
    {
        while (true)
        {
            await client.Send(request);
            var answer = await client.Receive(head);
            if (isRight(answer)) return answer;
        }
    }

    async Task<RawClient> BeginPut(string target, ReadOnlyMemory<byte> body, int sent)
    {
        var client = await RawClient.Connect(server.Endpoint);
        await client.Send(server.Signer.Head("PUT", target, [("content-length", $"{body.Length}")], "UNSIGNED-PAYLOAD"));
        await client.Send(body[..sent]);
        return client;
    }
}
