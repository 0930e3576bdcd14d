using Microsoft.Extensions.Time.Testing;
using OrleansDfs.Model;
using OrleansDfs.Replication.Wire;

namespace OrleansDfs.Replication.Tests;

public sealed class TcpChunkPeerTests : IAsyncLifetime
{
    private static readonly ReplicaFile File = new(new ChunkId(1), 1);
    private readonly ScriptedNode _node = new();
    private readonly FakeTimeProvider _time = new();
    private readonly TcpChunkPeer _peer;

    public TcpChunkPeerTests() =>
        _peer = new TcpChunkPeer(_node.Address, _node.Cluster, ChunkPeerOptions.Default with { ReadConnections = 1 }, _time);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _peer.DisposeAsync();
        _node.Dispose();
    }

    [Fact]
    public async Task Appends_arrive_in_the_order_of_their_calls_also_those_made_while_it_connects()
    {
        var calls = Enumerable.Range(0, 200)
            .Select(i => _peer.AppendAsync(new AppendRequest(File, i), Record(i % 3 == 0 ? 100_000 : 100), default).AsTask()).ToList();
        using var session = await _node.AcceptAsync();
        for (var i = 0; i < 200; i++)
        {
            var (head, body) = await session.TakeAsync();
            Assert.Equal(i, RequestCodec.ReadAppend(body.AsSpan(0, RequestCodec.AppendFieldsSize)).Incarnation);
            Assert.Equal(Record(i % 3 == 0 ? 100_000 : 100), body[RequestCodec.AppendFieldsSize..]);
            await session.AnswerAsync(head, ChunkStatus.Ok, AnswerCodec.Append(new AppendResult(ChunkStatus.Ok, i, i + 1)));
        }
        for (var i = 0; i < 200; i++) Assert.Equal(new AppendResult(ChunkStatus.Ok, i, i + 1), await calls[i].Within());
    }

    [Fact]
    public async Task Answers_find_their_calls_in_any_order()
    {
        var first = _peer.CloseAsync(File, default).AsTask();
        var second = _peer.CloseAsync(File with { Epoch = 2 }, default).AsTask();
        using var session = await _node.AcceptAsync();
        var a = await session.TakeAsync();
        var b = await session.TakeAsync();
        await session.AnswerAsync(b.Head, ChunkStatus.Ok, AnswerCodec.Number(2));
        await session.AnswerAsync(a.Head, ChunkStatus.Absent, []);
        Assert.Equal(new CloseResult(ChunkStatus.Absent, 0), await first.Within());
        Assert.Equal(new CloseResult(ChunkStatus.Ok, 2), await second.Within());
    }

    [Fact]
    public async Task A_read_fills_the_callers_memory()
    {
        var memory = new byte[500_000];
        var reading = _peer.ReadAsync(File, 64, memory, default).AsTask();
        using var session = await _node.AcceptAsync();
        var (head, body) = await session.TakeAsync();
        Assert.Equal(new ReadRequest(File, 64, 500_000), RequestCodec.ReadRead(body));
        await session.AnswerAsync(head, ChunkStatus.Ok, Record(500_000));
        Assert.Equal(ChunkStatus.Ok, await reading.Within());
        Assert.Equal(Record(500_000), memory);
    }

    /// <summary>A peer that never answers: the caller's deadline ends the call, and a late answer touches nobody's memory.</summary>
    [Fact]
    public async Task A_deadline_ends_a_read_and_its_late_answer_is_dropped()
    {
        var memory = new byte[100_000];
        using var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(200), _time);
        var late = _peer.ReadAsync(File, 64, memory, deadline.Token).AsTask();
        using var session = await _node.AcceptAsync();
        var (head, _) = await session.TakeAsync();
        Assert.False(late.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => late.Within());

        await session.AnswerAsync(head, ChunkStatus.Ok, Record(100_000));
        var next = _peer.ReadAsync(File, 65, new byte[10], default).AsTask();
        var second = await session.TakeAsync();
        await session.AnswerAsync(second.Head, ChunkStatus.NotServed, []);
        Assert.Equal(ChunkStatus.NotServed, await next.Within());
        Assert.All(memory, b => Assert.Equal(0, b));
    }

    /// <summary>The record's memory is being sent when the deadline passes: the call ends only when the connection no longer touches it.</summary>
    [Fact]
    public async Task A_cancelled_append_keeps_its_memory_until_the_stalled_send_is_broken_off()
    {
        using var cancel = new CancellationTokenSource();
        // More than both kernels' buffers hold, so that a send hangs while nobody reads.
        var calls = Enumerable.Range(0, 64).Select(_ => _peer.AppendAsync(new AppendRequest(File, 1), Record(1_000_000), cancel.Token).AsTask())
            .ToList();
        using var session = await _node.AcceptAsync();
        await session.TakeAsync();
        await cancel.CancelAsync();
        var allEnded = Task.WhenAll(calls.Select(c => c.ContinueWith(static _ => { }, TaskScheduler.Default)));
        while (!allEnded.IsCompleted)
        {
            // The guard's timer is armed by another thread; time is moved until it has fired.
            _time.Advance(TimeSpan.FromSeconds(3));
            await Task.WhenAny(allEnded, Task.Delay(5));
        }
        Assert.All(calls, c => Assert.True(c.IsCanceled || c.Result.Status == ChunkStatus.Unreachable));
    }

    [Fact]
    public async Task A_broken_connection_ends_all_that_wait_and_the_next_call_connects_again()
    {
        var calls = Enumerable.Range(0, 10).Select(_ => _peer.CloseAsync(File, default).AsTask()).ToList();
        using (var session = await _node.AcceptAsync()) await session.TakeAsync();
        foreach (var call in calls) Assert.Equal(ChunkStatus.Unreachable, (await call.Within()).Status);

        var again = _peer.CloseAsync(File, default).AsTask();
        using var second = await _node.AcceptAsync();
        await second.AnswerAsync((await second.TakeAsync()).Head, ChunkStatus.Ok, AnswerCodec.Number(9));
        Assert.Equal(9, (await again.Within()).Length);
    }

    [Fact]
    public async Task A_malformed_answer_breaks_the_connection()
    {
        var call = _peer.CloseAsync(File, default).AsTask();
        using var session = await _node.AcceptAsync();
        await session.AnswerAsync((await session.TakeAsync()).Head, ChunkStatus.Ok, [1, 2, 3]);
        Assert.Equal(ChunkStatus.Unreachable, (await call.Within()).Status);
    }

    /// <summary>After a failed connect, calls end at once until the pause is over.</summary>
    [Fact]
    public async Task A_node_that_is_not_there_is_unreachable_and_tried_again_after_a_pause()
    {
        int port;
        using (var closed = new Loopback()) port = closed.Port;
        await using var peer = new TcpChunkPeer(_node.Address with { Port = port }, _node.Cluster, ChunkPeerOptions.Default, _time);
        Assert.Equal(ChunkStatus.Unreachable, (await peer.CloseAsync(File, default).AsTask().Within()).Status);
        Assert.Equal(ChunkStatus.Unreachable, (await peer.CloseAsync(File, default).AsTask().Within()).Status);
    }

    [Fact]
    public async Task A_newer_incarnation_replaces_the_peer_and_an_older_address_does_not()
    {
        await using var peers = new ChunkPeers(_node.Cluster, ChunkPeerOptions.Default, _time);
        var old = peers.Get(_node.Address);
        Assert.Same(old, peers.Get(_node.Address));
        var waiting = old.CloseAsync(File, default).AsTask();
        using var session = await _node.AcceptAsync();
        var renewed = peers.Get(_node.Address with { Incarnation = 2 });
        Assert.NotSame(old, renewed);
        Assert.Equal(ChunkStatus.Unreachable, (await waiting.Within()).Status);
        Assert.Same(renewed, peers.Get(_node.Address));
    }

    private static byte[] Record(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }
}
