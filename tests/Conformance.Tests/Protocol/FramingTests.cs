namespace OrleansDfs.Conformance.Tests.Protocol;

/// <summary>
/// HTTP/1.1 on the wire: connections that live on after errors, bodies that are asked for late or end early, heads that are refused.
/// </summary>
[Collection(S3Tests.Name)]
public sealed class FramingTests(S3Server server)
{
    [Fact]
    public async Task A_connection_lives_on_after_errors_and_pipelines()
    {
        var bucket = await server.NewBucket();
        using var client = await RawClient.Connect(server.Endpoint);
        var put = server.Signer.Head("PUT", $"/{bucket}/k", [("content-length", "5")], RawSigner.Hash("hello"u8)) + "hello";
        var wrong = server.Signer.Head("PUT", $"/{bucket}/k", [("content-length", "5")], RawSigner.Hash("other"u8)) + "hello";
        await client.Send(server.Signer.Head("GET", $"/{bucket}/k") + put + wrong + server.Signer.Head("GET", $"/{bucket}/k"));
        Assert.Equal(404, (await client.Receive()).Status);
        Assert.Equal(200, (await client.Receive()).Status);
        Assert.Equal(400, (await client.Receive()).Status);
        var got = await client.Receive();
        Assert.Equal((200, "hello"), (got.Status, got.Text));
    }

    [Fact]
    public async Task An_unread_body_does_not_become_the_next_request()
    {
        var bucket = await server.NewBucket();
        using var client = await RawClient.Connect(server.Endpoint);
        const string smuggled = "GET / HTTP/1.1\r\nHost: evil\r\n\r\n";
        await client.Send($"PUT /{bucket}/k HTTP/1.1\r\nHost: {server.Host}\r\nContent-Length: {smuggled.Length}\r\n\r\n" + smuggled);
        Assert.Equal(403, (await client.Receive()).Status);
        await client.Send(server.Signer.Head("HEAD", $"/{bucket}"));
        Assert.Equal(200, (await client.Receive(head: true)).Status);
    }

    /// <summary>A short body is read away after an error; a long one, or one of unknown length, costs the connection: never is it read as a
    /// request.</summary>
    [Theory]
    [InlineData(100_000, false)]
    [InlineData(3_000_000, true)]
    public async Task After_an_error_the_body_is_drained_or_the_connection_closed(int length, bool closes)
    {
        var bucket = await server.NewBucket();
        using var client = await RawClient.Connect(server.Endpoint);
        await client.Send($"PUT /{bucket}/k HTTP/1.1\r\nHost: {server.Host}\r\nContent-Length: {length}\r\n\r\n");
        var sending = client.Send(new byte[length]);
        var answer = await client.Receive();
        Assert.Equal((403, closes ? "close" : null), (answer.Status, answer.Header("Connection")));
        if (closes)
        {
            Assert.True(await client.IsClosed());
            return;
        }
        await sending;
        await client.Send(server.Signer.Head("HEAD", $"/{bucket}"));
        Assert.Equal(200, (await client.Receive(head: true)).Status);
    }

    [Fact]
    public async Task After_an_error_a_body_in_chunks_costs_the_connection()
    {
        var bucket = await server.NewBucket();
        using var client = await RawClient.Connect(server.Endpoint);
        await client.Send($"PUT /{bucket}/k HTTP/1.1\r\nHost: {server.Host}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        var answer = await client.Receive();
        Assert.Equal((403, "close"), (answer.Status, answer.Header("Connection")));
        Assert.True(await client.IsClosed());
    }

    [Fact]
    public async Task Answers_to_pipelined_requests_come_in_their_order()
    {
        var bucket = await server.NewBucket();
        for (var i = 0; i < 20; i++) await server.Client.Put(bucket, $"k{i}", $"content {i}");
        using var client = await RawClient.Connect(server.Endpoint);
        await client.Send(string.Concat(Enumerable.Range(0, 40).Select(i => server.Signer.Head(i % 2 == 0 ? "GET" : "HEAD", $"/{bucket}/k{i / 2}"))));
        for (var i = 0; i < 40; i++)
        {
            var answer = await client.Receive(head: i % 2 == 1);
            Assert.Equal((200, i % 2 == 0 ? $"content {i / 2}" : ""), (answer.Status, answer.Text));
        }
    }

    /// <summary>Nothing but 100-continue can be expected (RFC 9110 §10.1.1).</summary>
    [Fact]
    public async Task Another_expectation_is_no_reason_to_wait_or_to_fail()
    {
        var bucket = await server.NewBucket();
        using var client = await RawClient.Connect(server.Endpoint);
        await client.Send(server.Signer.Head("PUT", $"/{bucket}/k", [("content-length", "5"), ("expect", "miracles")], "UNSIGNED-PAYLOAD") + "hello");
        Assert.True((await client.Receive()).Status is 200 or 417);
    }

    [Fact]
    public async Task The_body_is_asked_for_only_after_authorisation()
    {
        var bucket = await server.NewBucket();
        using (var client = await RawClient.Connect(server.Endpoint))
        {
            await client.Send(server.AliceSigner.Head("PUT", $"/{bucket}/k", [("content-length", "5"), ("expect", "100-continue")],
                "UNSIGNED-PAYLOAD"));
            var refused = await client.Receive();
            Assert.Equal((403, "AccessDenied", "close"), (refused.Status, refused.Code, refused.Header("Connection")));
        }
        using (var client = await RawClient.Connect(server.Endpoint))
        {
            await client.Send(server.Signer.Head("PUT", $"/{bucket}/k", [("content-length", "5"), ("expect", "100-continue")], "UNSIGNED-PAYLOAD"));
            Assert.Equal(100, (await client.Receive()).Status);
            await client.Send("hello");
            Assert.Equal(200, (await client.Receive()).Status);
        }
        Assert.Equal("hello", await server.Client.Text(bucket, "k"));
    }

    [Fact]
    public async Task A_body_that_ends_early_leaves_nothing()
    {
        var bucket = await server.NewBucket();
        using var client = await RawClient.Connect(server.Endpoint);
        await client.Send(server.Signer.Head("PUT", $"/{bucket}/k", [("content-length", "1000")], "UNSIGNED-PAYLOAD") + "only this");
        client.ShutdownSend();
        try
        {
            var answer = await client.Receive();
            Assert.Equal((400, "IncompleteBody"), (answer.Status, answer.Code));
        }
        catch (IOException)
        {
            // A server may also just close: what counts is what is visible.
        }
        var after = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k"));
        Assert.Equal(404, after.Status);
    }

    [Fact]
    public async Task A_put_without_a_length_is_411()
    {
        var bucket = await server.NewBucket();
        var answer = await server.Raw(server.Signer.Head("PUT", $"/{bucket}/k", [("transfer-encoding", "chunked")], "UNSIGNED-PAYLOAD")
            + "5\r\nhello\r\n0\r\n\r\n");
        Assert.Equal((411, "MissingContentLength"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task A_body_above_five_gibibytes_is_refused_before_it_is_sent()
    {
        var bucket = await server.NewBucket();
        using var client = await RawClient.Connect(server.Endpoint);
        await client.Send(server.Signer.Head("PUT", $"/{bucket}/k", [("content-length", "5368709121"), ("expect", "100-continue")],
            "UNSIGNED-PAYLOAD"));
        var answer = await client.Receive();
        Assert.Equal((400, "EntityTooLarge"), (answer.Status, answer.Code));
    }

    [SkippableTheory]
    [InlineData("GET / HTTP/1.1\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\n\r\n")]
    [InlineData("PUT /bucket/k HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello")]
    [InlineData("PUT /bucket/k HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    public async Task Heads_that_two_servers_could_read_differently_are_refused(string head)
    {
        Skip.IfNot(server.IsOurs);
        using var client = await RawClient.Connect(server.Endpoint);
        await client.Send(server.Signer.Head("HEAD", "/") + head);
        Assert.Equal(405, (await client.Receive(head: true)).Status); // the one before is answered first
        var answer = await client.Receive();
        Assert.Equal((400, "InvalidRequest", "close"), (answer.Status, answer.Code, answer.Header("Connection")));
        Assert.True(await client.IsClosed());
    }

    [Fact]
    public async Task Every_answer_has_its_ids()
    {
        var bucket = await server.NewBucket();
        foreach (var head in new[] { server.Signer.Head("GET", "/"), server.Signer.Head("HEAD", "/" + bucket),
            $"GET /{bucket} HTTP/1.1\r\nHost: x\r\n\r\n" })
        {
            var answer = await server.Raw(head);
            foreach (var name in new[] { "x-amz-request-id", "x-amz-id-2", "Server", "Date" })
                Assert.False(string.IsNullOrEmpty(answer.Header(name)), name);
        }
    }

    [Fact]
    public async Task Too_long_headers_and_targets_are_s3_errors()
    {
        var bucket = await server.NewBucket();
        var headers = await server.Raw(server.Signer.Head("GET", $"/{bucket}/k", [("x-amz-meta-long", new string('m', 20_000))]));
        Assert.Equal((400, "RequestHeaderSectionTooLarge"), (headers.Status, headers.Code));
        var target = await server.Raw($"GET /{bucket}/k?x={new string('q', 20_000)} HTTP/1.1\r\nHost: {server.Host}\r\n\r\n");
        Assert.Equal((400, "InvalidURI"), (target.Status, target.Code));
    }
}
